//! What people type themselves on the way that they go without Muster. The runbook, an emergency's ways back and a run that hands over all
//! say it in the same words.

mod dump_file;
mod recovery;
pub(crate) mod shell;

pub(crate) use dump_file::{DumpFile, INTO};
pub(crate) use recovery::{PROMOTE, reached, restore};
