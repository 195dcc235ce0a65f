//! The audit log: who did what, when, and with what outcome.

mod entry;
mod filters;
mod list;
mod rows;

pub use entry::OneEntry;
pub use list::Audit;

#[cfg(test)]
mod tests;
