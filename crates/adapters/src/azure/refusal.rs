//! What Azure says instead of an answer, sorted into findings. Codes:
//! <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes>.

use std::error::Error as StdError;

use azure_core::Error;
use azure_core::error::ErrorKind;
use serde_json::Value as Json;

use crate::http::innermost;
use crate::manager::{ManagerError, quoted};

/// The finding. `what` is missing if Azure says that there is no such thing.
pub(super) fn sorted(name: String, what: &str, error: &Error) -> ManagerError {
    match error.kind() {
        ErrorKind::HttpResponse {
            status, raw_response, ..
        } => {
            let body = raw_response.as_ref().map_or(&[] as &[u8], |raw| raw.body().as_ref());
            refused(name, what, u16::from(*status), body)
        }
        ErrorKind::Credential => uncredited(name, error),
        ErrorKind::Connection | ErrorKind::Io if !is_of(error, reqwest::Error::is_builder) => {
            ManagerError::Unreachable(name, words(error))
        }
        // It would be quoted what was found in the place of something else, which may be a value.
        _ if is_of(error, |_: &serde_json::Error| true) => {
            ManagerError::Odd(name, "the answer isn’t one of Key Vault".into())
        }
        _ => ManagerError::Odd(name, words(error)),
    }
}

/// What an error comes down to. The SDK puts words of its own around it, such as that it won't try again.
pub(super) fn words(error: &Error) -> String {
    let root = root(error);
    match root.kind() {
        ErrorKind::Connection | ErrorKind::Io if is_of(root, reqwest::Error::is_timeout) => {
            "it didn’t answer in time".into()
        }
        ErrorKind::Connection | ErrorKind::Io => quoted(&innermost(root)),
        _ => quoted(&root.to_string()),
    }
}

fn root(error: &Error) -> &Error {
    let mut root = error;
    while let Some(inner) = root.downcast_ref::<Error>() {
        root = inner;
    }
    root
}

/// Whether an error of this kind is among its causes.
fn is_of<E: StdError + 'static>(error: &Error, is: impl Fn(&E) -> bool) -> bool {
    let mut cause: Option<&dyn StdError> = Some(error);
    while let Some(next) = cause {
        if next.downcast_ref().is_some_and(&is) {
            return true;
        }
        cause = next.source();
    }
    false
}

fn refused(name: String, what: &str, status: u16, body: &[u8]) -> ManagerError {
    let Some(Words { code, inner, message }) = Words::of(body) else {
        return strange(name, status, &String::from_utf8_lossy(body));
    };
    let code = [Some(code), inner.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("/");
    let words = quoted(&format!("{code}: {message}"));
    match (status, inner.as_deref()) {
        (403, Some("SecretDisabled" | "SecretExpired" | "SecretNotYetValid")) => {
            ManagerError::Absent(name, format!("{what} to hand out ({words})"))
        }
        (401 | 403, _) => ManagerError::Denied(name, words),
        (404, _) => ManagerError::Absent(name, format!("{what} ({words})")),
        (408 | 429 | 500.., _) => ManagerError::Unreachable(name, words),
        _ => ManagerError::Odd(name, words),
    }
}

/// Words that aren't Key Vault's, such as a proxy's page. That there is no such page says nothing of the secret.
fn strange(name: String, status: u16, body: &str) -> ManagerError {
    let words = match quoted(body) {
        body if body.is_empty() => format!("status {status}, without a word"),
        body => format!("status {status}: {body}"),
    };
    match status {
        401 | 403 => ManagerError::Denied(name, words),
        408 | 429 | 500.. => ManagerError::Unreachable(name, words),
        _ => ManagerError::Odd(name, words),
    }
}

/// The vault wasn't told who asks.
fn uncredited(name: String, error: &Error) -> ManagerError {
    let words = format!("there are no credentials to ask with: {}", words(error));
    match root(error).kind() {
        ErrorKind::Connection | ErrorKind::Io => ManagerError::Unreachable(name, words),
        ErrorKind::HttpResponse { status, .. } if u16::from(*status) >= 500 => ManagerError::Unreachable(name, words),
        _ => ManagerError::Denied(name, words),
    }
}

/// `{"error": {"code": …, "message": …, "innererror": {"code": …}}}`
struct Words {
    code: String,
    inner: Option<String>,
    message: String,
}

impl Words {
    fn of(body: &[u8]) -> Option<Self> {
        let body: Json = serde_json::from_slice(body).ok()?;
        let text = |place: &str| Some(body.pointer(place)?.as_str()?.to_owned());
        Some(Self {
            code: text("/error/code")?,
            inner: text("/error/innererror/code").or_else(|| text("/error/innerError/code")),
            message: text("/error/message").unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests;
