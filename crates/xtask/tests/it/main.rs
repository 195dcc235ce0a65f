//! Proves the arrows of this checkout, and that the checks behind it can fail.

mod arrows;
mod licences;
