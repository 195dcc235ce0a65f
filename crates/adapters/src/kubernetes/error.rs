//! What can go wrong between Muster and a cluster. Texts name what was asked for, never a token.

use crate::http::innermost;
use crate::tls::plain;

/// Why the cluster's answer isn't known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KubernetesError {
    #[error("the cluster’s configuration can’t be used: {0}")]
    Config(String),
    #[error("the cluster can’t be reached: {0}")]
    Unreachable(String),
    #[error("the cluster didn’t answer in time")]
    Silent,
    #[error("the cluster doesn’t accept Muster’s credentials")]
    Unauthorized,
    #[error("the cluster doesn’t let Muster read {what}: {said}")]
    Forbidden { what: String, said: String },
    #[error("the cluster has no {0}")]
    Missing(String),
    #[error("the cluster doesn’t know the kind of {0}: what defines it isn’t installed")]
    NoSuchKind(String),
    #[error("the cluster’s answer about {what} can’t be read: {reason}")]
    Unreadable { what: String, reason: String },
    #[error("the namespace {0} doesn’t carry the labels of this drill: it is let alone")]
    NotOurs(String),
    #[error("the namespace {0} is deleted and not gone yet; see what holds it: kubectl get namespace {0} -o yaml")]
    Lingers(String),
    #[error("the cluster answered {code} about {what}: {said}")]
    Refused { what: String, code: u16, said: String },
}

impl KubernetesError {
    /// `what` was asked for.
    pub(super) fn of(error: kube::Error, what: &str) -> Self {
        let what = what.to_owned();
        match error {
            kube::Error::Api(status) => Self::answered(&status, what),
            kube::Error::SerdeError(reason) => Self::Unreadable {
                what,
                reason: plain(&reason.to_string()),
            },
            kube::Error::FromUtf8(_) => Self::Unreadable {
                what,
                reason: "it isn’t UTF-8".into(),
            },
            other => Self::Unreachable(plain(&innermost(&other))),
        }
    }

    fn answered(status: &kube::core::Status, what: String) -> Self {
        let said = plain(&status.message);
        // A kind that isn't installed is a path the server doesn't have: it answers without saying which object is missing.
        let names_it = status.details.as_ref().is_some_and(|details| !details.name.is_empty());
        match status.code {
            401 => Self::Unauthorized,
            403 => Self::Forbidden { what, said },
            404 if names_it => Self::Missing(what),
            404 => Self::NoSuchKind(what),
            code => Self::Refused { what, code, said },
        }
    }
}
