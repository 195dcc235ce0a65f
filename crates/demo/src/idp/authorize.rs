//! What the console may ask when it sends a browser here (OpenID Connect Core 1.0, section 3.1.2; RFC 7636 for PKCE).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::memory::Session;

/// The parameters as they come, all of them optional until they are checked. A doubled one is refused by the parser.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Parameters {
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub response_type: Option<String>,
    pub response_mode: Option<String>,
    pub scope: Option<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
    pub prompt: Option<String>,
    pub max_age: Option<String>,
    pub request: Option<String>,
    pub request_uri: Option<String>,
}

/// A request that was found in order.
#[derive(Clone)]
pub(super) struct AuthorizationRequest {
    pub state: Option<String>,
    pub nonce: Option<String>,
    /// `BASE64URL(SHA256(code_verifier))`.
    pub code_challenge: String,
    pub prompt: Prompt,
    /// The oldest login that will do.
    pub max_age: Option<TimeDelta>,
}

/// Whether the person must, may or must not be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Prompt {
    WhenNeeded,
    Login,
    Never,
}

/// Why a request goes no further.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// It doesn't come from the console, so the browser isn't sent anywhere.
    Page(&'static str),
    /// The console is told, by an error code of RFC 6749, section 4.1.2.1.
    Client {
        error: &'static str,
        description: &'static str,
        state: Option<String>,
    },
}

impl AuthorizationRequest {
    pub fn check(parameters: Parameters, client: &Client) -> Result<Self, Refusal> {
        if parameters.client_id.as_deref() != Some(client.id) {
            return Err(Refusal::Page(
                "This provider serves the console of its own demo and knows no other client.",
            ));
        }
        // Compared as text: two spellings of one address are two addresses here.
        if parameters.redirect_uri.as_deref() != Some(client.redirect_uri.as_str()) {
            return Err(Refusal::Page(
                "The address to return to isn't the console's. The browser was not sent there.",
            ));
        }
        let state = parameters.state.clone();
        check_after_client(parameters).map_err(|(error, description)| Refusal::Client {
            error,
            description,
            state,
        })
    }

    /// Whether a person who is signed in like this must press the button again.
    pub fn needs_login(&self, session: Session, now: DateTime<Utc>) -> bool {
        // `max_age=0` asks for a login even in the second of the last one.
        self.prompt == Prompt::Login || self.max_age.is_some_and(|oldest| now - session.auth_time >= oldest)
    }

    #[cfg(test)]
    pub fn example() -> Self {
        Self {
            state: None,
            nonce: None,
            code_challenge: String::new(),
            prompt: Prompt::WhenNeeded,
            max_age: None,
        }
    }
}

fn check_after_client(parameters: Parameters) -> Result<AuthorizationRequest, (&'static str, &'static str)> {
    if parameters.request.is_some() {
        return Err(("request_not_supported", "request objects are not supported"));
    }
    if parameters.request_uri.is_some() {
        return Err(("request_uri_not_supported", "request objects are not supported"));
    }
    if parameters.response_type.as_deref() != Some("code") {
        return Err(("unsupported_response_type", "response_type must be code"));
    }
    if parameters.response_mode.is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "response_mode must be query"));
    }
    if !parameters
        .scope
        .unwrap_or_default()
        .split(' ')
        .any(|scope| scope == "openid")
    {
        return Err(("invalid_scope", "scope must hold openid"));
    }
    if parameters.code_challenge_method.as_deref() != Some("S256") {
        return Err(("invalid_request", "PKCE with code_challenge_method=S256 is required"));
    }
    let code_challenge = parameters.code_challenge.filter(|challenge| is_sha256(challenge));
    Ok(AuthorizationRequest {
        state: parameters.state,
        nonce: parameters.nonce,
        code_challenge: code_challenge.ok_or(("invalid_request", "code_challenge must be a base64url SHA-256"))?,
        prompt: prompt(parameters.prompt.as_deref().unwrap_or_default())?,
        max_age: parameters.max_age.as_deref().map(seconds).transpose()?,
    })
}

fn is_sha256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn prompt(words: &str) -> Result<Prompt, (&'static str, &'static str)> {
    let words: Vec<_> = words.split(' ').filter(|word| !word.is_empty()).collect();
    if words.contains(&"none") {
        return if words.len() == 1 {
            Ok(Prompt::Never)
        } else {
            Err(("invalid_request", "prompt=none goes with nothing else"))
        };
    }
    let asks = words.contains(&"login") || words.contains(&"select_account");
    Ok(if asks { Prompt::Login } else { Prompt::WhenNeeded })
}

fn seconds(text: &str) -> Result<TimeDelta, (&'static str, &'static str)> {
    let error = ("invalid_request", "max_age must be a number of seconds");
    text.parse::<u32>()
        .map(|seconds| TimeDelta::seconds(seconds.into()))
        .map_err(|_| error)
}

/// The console's address with an answer in its query, and always with `iss` (RFC 9207).
pub(super) fn answer(client: &Client, issuer: &str, state: Option<&str>, fields: &[(&str, &str)]) -> Url {
    let mut url = client.redirect_uri.clone();
    url.query_pairs_mut()
        .extend_pairs(fields)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", issuer);
    url
}

#[cfg(test)]
mod tests;
