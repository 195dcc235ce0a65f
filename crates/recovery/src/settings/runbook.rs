//! Where the daily copy of the runbook goes.

use adapters::documents::DocumentPlace;

/// What writes runbooks needs.
#[derive(Clone, Debug, Default)]
pub struct RunbookSite {
    /// `None`: this process writes none.
    pub place: Option<DocumentPlace>,
}
