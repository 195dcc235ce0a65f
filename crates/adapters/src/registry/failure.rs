//! Why a registry tells nothing about an image. None of this proves that the image is lost, so it is unknown.

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::manifest::ManifestError;
use crate::http::{self, BodyError};

/// Longest explanation of a refusal that is read, in bytes.
const LONGEST_EXCUSE: usize = 64 * 1024;
/// Of text from outside, this many characters are shown.
const LONGEST_SHOWN: usize = 200;

/// Each message continues "The registry …".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("can’t be reached: {0}")]
    Unreachable(String),
    #[error("refused Muster’s credentials{0}")]
    Refused(Words),
    #[error("wants credentials{0}; Muster has none for it ([deployment.images] username and password)")]
    WantsCredentials(Words),
    #[error("wants credentials over an unprotected connection ({0}), so they were not sent")]
    Unprotected(String),
    #[error("asks for a login that Muster doesn’t know ({0})")]
    UnknownLogin(String),
    #[error("gave no token that Muster understands")]
    NoToken,
    #[error("asks Muster to slow down{}", .0.map_or(String::new(), |seconds| format!(" for {}", domain::time::span(seconds))))]
    Busy(Option<i64>),
    #[error("answered {status}{words}")]
    Failing { status: u16, words: Words },
    #[error("answered with a redirect to {0:?}, which Muster doesn’t follow here")]
    Redirect(String),
    #[error("keeps its layers elsewhere ({host}), where the answer is {status}")]
    Storage { host: String, status: u16 },
    #[error("answers 404 to everything: no registry is there (check [deployment.images] registry)")]
    NoRegistry,
    #[error("sent an answer that can’t be read: {0}")]
    Unreadable(String),
    #[error("contradicts itself: {0}")]
    Contradiction(String),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// The other side's own words, behind a colon if there are any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Words(String);

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.0)
        }
    }
}

impl Failure {
    /// Whether the next question would end the same, so that it isn't asked in this round.
    pub(super) const fn is_general(&self) -> bool {
        !matches!(
            self,
            Self::Failing { .. }
                | Self::Storage { .. }
                | Self::Contradiction(_)
                | Self::Manifest(_)
                | Self::Unreadable(_)
        )
    }

    /// What an answer that is neither a success nor a 404 means.
    pub(super) async fn of(mut response: Response, with_credentials: bool) -> Self {
        let status = response.status();
        if status.is_redirection() {
            return Self::Redirect(without_query(location(response.headers()).unwrap_or_default()));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Self::Busy(retry_after(response.headers()));
        }
        let words = excuse(&mut response).await;
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if with_credentials => Self::Refused(words),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::WantsCredentials(words),
            _ => Self::Failing {
                status: status.as_u16(),
                words,
            },
        }
    }
}

impl From<&reqwest::Error> for Failure {
    fn from(error: &reqwest::Error) -> Self {
        Self::Unreachable(tame(&http::cause(error)))
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLong(_) => Self::Unreadable(error.to_string()),
            BodyError::Broke(reason) => Self::Unreachable(tame(&reason)),
        }
    }
}

/// An address without what may be a signature that opens it.
pub(super) fn without_query(url: &str) -> String {
    tame(url.split(['?', '#']).next().unwrap_or_default())
}

pub(super) fn location(headers: &HeaderMap) -> Option<&str> {
    headers.get(reqwest::header::LOCATION)?.to_str().ok()
}

pub(super) fn content_type(headers: &HeaderMap) -> &str {
    let written = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    written.split(';').next().unwrap_or_default().trim()
}

/// In seconds. The form with a date would need a clock that both sides agree on.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let seconds: u32 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(i64::from(seconds))
}

/// What a registry or a token service says about its refusal.
/// Format: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes>
async fn excuse(response: &mut Response) -> Words {
    let body = http::body(response, LONGEST_EXCUSE).await.unwrap_or_default();
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return Words::default();
    };
    let first = &body["errors"][0];
    let said = [
        &first["message"],
        &first["code"],
        &body["details"],
        &body["message"],
        &body["error_description"],
        &body["error"],
    ];
    let said = said.into_iter().filter_map(Value::as_str).find(|text| !text.is_empty());
    Words(said.map(tame).unwrap_or_default())
}

/// Text from outside as one short line.
pub(super) fn tame(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let short: String = printable.take(LONGEST_SHOWN + 1).collect();
    let line = short.split_whitespace().collect::<Vec<_>>().join(" ");
    if short.chars().count() > LONGEST_SHOWN {
        format!("{line}…")
    } else {
        line
    }
}
