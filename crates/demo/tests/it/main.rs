//! The demo as a whole: what it makes, that it can be picked up again, and that it leaves nothing behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod made;
mod picked_up;
mod support;
