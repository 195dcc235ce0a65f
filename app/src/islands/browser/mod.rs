//! What the islands do once they are in a browser.

pub mod copy;
mod dom;
mod news;
mod patch;
mod refresh;
pub mod stream;
pub mod times;
