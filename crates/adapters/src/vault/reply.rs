//! What came back: an end to every answer, and answers of the server told apart from those of what stands before it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::time::Timestamp;
use reqwest::header::{DATE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use url::Url;
use zeroize::Zeroizing;

use super::answers;
use crate::http::{BodyError, cause};
use crate::tls::plain;

/// Longest answer. Ten thousand versions are described in 1.2 MiB, and a secret has at most 1 MiB.
const LARGEST: usize = 8 * 1024 * 1024;

/// Why a question has no answer. Continues a name: "… can’t be reached: {0}".
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Failure {
    Unreachable(String),
    Denied(String),
    Odd(String),
}

/// An answer that the server itself gave: a success, or a refusal with status 4xx. Without `Debug`, since the body may be a value.
pub(super) struct Answer {
    pub status: StatusCode,
    /// The end of the second in which the server answered, by its own clock. What it says is over by then is over.
    pub now: Timestamp,
    pub body: Zeroizing<Vec<u8>>,
    /// Its words on a refusal, empty if it has none.
    pub words: String,
}

/// The body, grown by hand: a vector that grows by itself leaves copies behind.
pub(super) async fn body(response: &mut Response) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let announced = response.content_length().map_or(0, |length| length as usize);
    if announced > LARGEST {
        return Err(too_long());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced));
    loop {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| Failure::Unreachable(cause(&error)))? else {
            return Ok(body);
        };
        let length = body.len() + chunk.len();
        if length > LARGEST {
            return Err(too_long());
        }
        if length > body.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length * 2));
            larger.extend_from_slice(&body);
            body = larger;
        }
        body.extend_from_slice(&chunk);
    }
}

fn too_long() -> Failure {
    Failure::Odd(BodyError::TooLong(LARGEST).to_string())
}

/// Tells answers of the server from those of what stands before it, and from a server that can't answer now.
pub(super) fn judge(response: &Response, body: Zeroizing<Vec<u8>>, words: String) -> Result<Answer, Failure> {
    let status = response.status();
    let said = if words.is_empty() {
        String::new()
    } else {
        format!(": {words}")
    };
    if status.is_redirection() {
        let to = origin(response.headers());
        return Err(Failure::Unreachable(format!(
            "it redirects to {to}, which Muster doesn’t follow: another node may be the active one, or the address is wrong"
        )));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let why = if words.to_lowercase().contains("sealed") {
            "it is sealed; unseal it"
        } else {
            "it answers 503, as a server does that is sealed, starting or on standby"
        };
        return Err(Failure::Unreachable(format!("{why}{said}")));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Failure::Unreachable(format!("it asks Muster to slow down{said}")));
    }
    if status.is_server_error() || status == StatusCode::PRECONDITION_FAILED {
        return Err(Failure::Unreachable(format!("it answers {}{said}", status.as_u16())));
    }
    if status.is_client_error() && !answers::is_vaults(&body) {
        let status = status.as_u16();
        return Err(Failure::Odd(format!(
            "{status}, and not as Vault says it; something stands before it, or the address is wrong"
        )));
    }
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let now = date.map_or_else(Utc::now, |date| {
        let start = date.to_utc();
        start.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(start)
    });
    Ok(Answer {
        status,
        now,
        body,
        words,
    })
}

/// Where a redirect leads, without what may be secret in it.
fn origin(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let url = location.and_then(|location| Url::parse(location).ok());
    let host = url.as_ref().and_then(Url::host_str).map(plain);
    host.unwrap_or_else(|| "another address".into())
}
