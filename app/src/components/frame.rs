//! What the frame of a page tells, whatever page is in it.

use domain::time::Timestamp;

use super::answers::Answer;
use crate::theme::Theme;

/// Given to [`Page`](super::Page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    pub now: Timestamp,
    pub deployment: Option<String>,
    /// Name of who is signed in. Without it there is no navigation and nothing is live.
    pub person: Option<String>,
    /// Requests that wait for this person.
    pub waiting: usize,
    /// Left out on the Overview, which says them in a sentence.
    pub answers: Option<[Answer; 4]>,
    /// Lines of the colophon, such as the version and the size of the audit log.
    pub colophon: Vec<String>,
    pub theme: Theme,
}
