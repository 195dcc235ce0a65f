//! What a use case answers when it doesn't do what it was asked. `Display` is for the person; the source, where there is one, is for the
//! log.

use adapters::oidc::OidcError;
use domain::approval::{LoginRefused, Refusal};
use domain::role::Forbidden;
use store::StoreError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Login(#[from] LoginRefused),
    /// What was asked for can't be done as it stands. The reasons are for the person who asked.
    #[error("{}", .0.join(" "))]
    Invalid(Vec<String>),
    #[error("There is no {0}.")]
    NotFound(String),
    #[error("The plan is no longer true, so nothing was done: {}. Make a new request.", .0.join("; "))]
    Stale(Vec<String>),
    /// Evidence that doesn't verify. Says which person's decision it is.
    #[error("The runner doesn’t accept the approval, so nothing was done: {0}")]
    Evidence(String),
    #[error("The identity provider can’t be asked now, so nothing was done.")]
    Provider(#[from] OidcError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} Nothing was changed.")]
    Unavailable(String),
}

impl Error {
    /// The whole chain of causes, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let sources = std::iter::successors(std::error::Error::source(self), |error| error.source());
        sources.fold(self.to_string(), |chain, source| format!("{chain} <- {source}"))
    }

    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(vec![reason.into()])
    }
}
