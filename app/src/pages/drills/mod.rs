//! Drills: which backups were really restored, what that showed, and when it happens the next time.

mod compare;
mod detail;
mod filters;
mod list;
mod measured;
mod rows;
mod standing;
mod start;
mod words;

pub use compare::ComparePage;
pub use detail::DrillPage;
pub use list::DrillsPage;
pub use start::{StartBackup, Startable};

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
