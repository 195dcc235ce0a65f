//! The demo as a whole: what it makes, that it can be picked up again, and that it leaves nothing behind.

mod made;
mod picked_up;
mod support;
