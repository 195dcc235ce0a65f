//! Results as text for a terminal: one fact a line, the status first, so that `grep broken` finds what is wrong.

pub mod inventory;
pub mod keys;
