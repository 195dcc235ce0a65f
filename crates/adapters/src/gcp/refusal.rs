//! What Google says instead of an answer, sorted into findings. Codes: <https://cloud.google.com/apis/design/errors#error_codes>.

use std::error::Error as _;

use google_cloud_gax::error::CredentialsError;
use google_cloud_gax::error::rpc::{Code, Status};
use google_cloud_secretmanager_v1::Error;

use crate::http::innermost;
use crate::manager::{ManagerError, quoted};

/// The finding. `what` is missing if Google says that there is no such thing.
pub(super) fn sorted(name: String, what: &str, error: &Error) -> ManagerError {
    if let Some(status) = error.status() {
        return refused(name, what, status);
    }
    if let Some(code) = error.http_status_code() {
        let payload = error.http_payload().map(|payload| String::from_utf8_lossy(payload));
        return strange(name, code, &payload.unwrap_or_default());
    }
    if error.is_deserialization() {
        // Nothing of it is quoted: it may be a value.
        return ManagerError::Odd(name, "the answer isn’t one of Secret Manager".into());
    }
    if let Some(credentials) = error
        .source()
        .and_then(|source| source.downcast_ref::<CredentialsError>())
    {
        return uncredited(name, credentials);
    }
    if error.is_binding() || error.is_serialization() {
        return ManagerError::Unsupported(name, quoted(&innermost(error)));
    }
    let why = if error.is_timeout() {
        "it didn’t answer in time".into()
    } else {
        quoted(&innermost(error))
    };
    ManagerError::Unreachable(name, why)
}

/// Google's own words.
fn refused(name: String, what: &str, status: &Status) -> ManagerError {
    let words = match quoted(&status.message) {
        message if message.is_empty() => status.code.name().to_owned(),
        message => format!("{}: {message}", status.code.name()),
    };
    match status.code {
        Code::PermissionDenied | Code::Unauthenticated => ManagerError::Denied(name, words),
        Code::NotFound => ManagerError::Absent(name, format!("{what} ({words})")),
        // So it answers for a version that is disabled or destroyed.
        Code::FailedPrecondition => ManagerError::Absent(name, format!("{what} to hand out ({words})")),
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Internal
        | Code::Aborted
        | Code::Cancelled => ManagerError::Unreachable(name, words),
        _ => ManagerError::Odd(name, words),
    }
}

/// Words that aren't Google's, such as a proxy's page. That there is no such page says nothing of the secret.
fn strange(name: String, code: u16, payload: &str) -> ManagerError {
    let words = match quoted(payload) {
        payload if payload.is_empty() => format!("status {code}, without a word"),
        payload => format!("status {code}: {payload}"),
    };
    match code {
        401 | 403 => ManagerError::Denied(name, words),
        429 | 500.. => ManagerError::Unreachable(name, words),
        _ => ManagerError::Odd(name, words),
    }
}

/// Secret Manager wasn't asked at all.
fn uncredited(name: String, error: &CredentialsError) -> ManagerError {
    let words = format!("there are no credentials to ask with: {}", quoted(&error.to_string()));
    if error.is_transient() {
        ManagerError::Unreachable(name, words)
    } else {
        ManagerError::Denied(name, words)
    }
}

#[cfg(test)]
mod tests;
