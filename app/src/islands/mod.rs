//! The only Rust that reaches the browser. Pages are complete without it; it keeps them up to date, writes times in the reader's zone and
//! copies digests.
//!
//! An island renders the same on the server and at its first moment in the browser: no clock, zone or random number before an event.

#![expect(
    clippy::disallowed_methods,
    reason = "what #[island] makes forgets its view, which lives as long as the page"
)]

#[cfg(feature = "hydrate")]
mod browser;
mod copy;
mod link;
mod live;
mod times;

pub use copy::CopyButtons;
pub use link::Link;
pub use live::Live;
pub use times::LocalTimes;
