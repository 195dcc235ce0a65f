//! What was observed of a fact over time, as runs: thousands of looks at something that seldom changes are a few of these.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One run: the fact had this value at every look between the two times, both included.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seen {
    pub value: String,
    /// The first look that saw it.
    pub since: Timestamp,
    /// The last one.
    pub until: Timestamp,
}
