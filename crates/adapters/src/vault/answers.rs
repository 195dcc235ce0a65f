//! The server's answers, as far as they can be understood. What is odd in one version costs that version, not the others.
//! Format: <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2>

use std::collections::BTreeMap;

use chrono::Datelike as _;
use domain::time::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::tls::plain;

/// Why an answer isn't understood. Never quotes it: it may hold a value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Unclear {
    #[error("it isn’t JSON as Vault writes it (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("it has no {0}")]
    Lacks(&'static str),
}

impl From<serde_json::Error> for Unclear {
    fn from(error: serde_json::Error) -> Self {
        Self::NotJson {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// What `metadata/PATH` says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Metadata {
    /// 0 if nothing was written yet, `None` if that isn't said.
    pub current: Option<u64>,
    pub rules: Rules,
    pub versions: BTreeMap<u64, Entry>,
    /// Names of its custom metadata. What stands there is nobody's business.
    pub custom: Vec<String>,
    /// Versions that are listed in a way that can't be understood.
    pub unclear: Vec<String>,
}

/// What path and mount each may set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Rules {
    /// 0: not set here. `None`: not understood.
    pub max_versions: Option<u64>,
    /// As Vault writes spans: `3h0m0s`. `None`: not set.
    pub delete_version_after: Option<String>,
    pub cas_required: bool,
}

/// One version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub created_at: Option<Timestamp>,
    pub deletion: Deletion,
    pub destroyed: bool,
}

/// When a version is deleted, or was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Deletion {
    Never,
    At(Timestamp),
    /// Something is said that is no time.
    Unclear,
}

/// A login, or the renewal of one.
#[derive(Debug)]
pub(super) struct Grant {
    pub token: SecretString,
    /// In seconds; 0: for ever. `None`: not understood.
    pub lasts: Option<u64>,
    pub renewable: bool,
}

pub(super) fn metadata(body: &[u8]) -> Result<Metadata, Unclear> {
    let data = data(body)?;
    let mut metadata = Metadata {
        current: data.get("current_version").and_then(Json::as_u64),
        rules: rules_of(&data),
        custom: names(data.get("custom_metadata")),
        ..Metadata::default()
    };
    let versions = data.get("versions").and_then(Json::as_object);
    for (name, said) in versions.ok_or(Unclear::Lacks("list of versions"))? {
        match (name.parse(), said.as_object()) {
            (Ok(number), Some(said)) if number > 0 => {
                metadata.versions.insert(number, entry(said));
            }
            _ => metadata.unclear.push(plain(name)),
        }
    }
    Ok(metadata)
}

/// The settings of a mount.
pub(super) fn rules(body: &[u8]) -> Result<Rules, Unclear> {
    Ok(rules_of(&data(body)?))
}

/// Kind and version of a mount's engine. Only KV's has a version.
pub(super) fn engine(body: &[u8]) -> Result<(String, Option<String>), Unclear> {
    let data = data(body)?;
    let kind = data.get("type").and_then(Json::as_str);
    let version = data.get("options").and_then(|options| options["version"].as_str());
    Ok((plain(kind.ok_or(Unclear::Lacks("kind of engine"))?), version.map(plain)))
}

/// The number of the version that an answer speaks of: of the one that was written, or of one that is deleted.
pub(super) fn written(body: &[u8]) -> Result<u64, Unclear> {
    let version = data(body)?.get("version").and_then(Json::as_u64);
    version.ok_or(Unclear::Lacks("number of a version"))
}

/// What a 404 about one version says of it. `None`: it isn't listed any more, or never was.
pub(super) fn gone(body: &[u8]) -> Option<Entry> {
    Some(entry(data(body).ok()?.get("metadata")?.as_object()?))
}

/// Of these answers none holds a value, so they needn't be wiped.
fn data(body: &[u8]) -> Result<Map<String, Json>, Unclear> {
    let mut answer: Map<String, Json> = serde_json::from_slice(body)?;
    match answer.remove("data") {
        Some(Json::Object(data)) => Ok(data),
        _ => Err(Unclear::Lacks("data")),
    }
}

fn rules_of(data: &Map<String, Json>) -> Rules {
    let max_versions = match data.get("max_versions") {
        None | Some(Json::Null) => Some(0),
        Some(said) => said.as_u64(),
    };
    // Less than nothing switches off what the mount says.
    let after = data.get("delete_version_after").and_then(Json::as_str);
    let after = after.filter(|after| !["", "0s"].contains(after) && !after.starts_with('-'));
    Rules {
        max_versions,
        delete_version_after: after.map(plain),
        cas_required: data.get("cas_required").and_then(Json::as_bool).unwrap_or(false),
    }
}

fn entry(said: &Map<String, Json>) -> Entry {
    let created_at = said.get("created_time").and_then(Json::as_str).and_then(time);
    let deletion = match said.get("deletion_time") {
        None | Some(Json::Null) => Deletion::Never,
        Some(Json::String(text)) if text.is_empty() => Deletion::Never,
        Some(said) => match said.as_str().and_then(time) {
            // How Go writes that there is none.
            Some(time) if time.year() <= 1 => Deletion::Never,
            Some(time) => Deletion::At(time),
            None => Deletion::Unclear,
        },
    };
    Entry {
        created_at,
        deletion,
        destroyed: said.get("destroyed").and_then(Json::as_bool).unwrap_or(false),
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn names(said: Option<&Json>) -> Vec<String> {
    let fields = said.and_then(Json::as_object);
    fields.map_or_else(Vec::new, |fields| fields.keys().map(|name| plain(name)).collect())
}

#[derive(Deserialize)]
struct LoginAnswer<'a> {
    #[serde(borrow)]
    auth: Option<LoginAuth<'a>>,
}

#[derive(Deserialize)]
struct LoginAuth<'a> {
    client_token: Option<&'a str>,
    lease_duration: Option<Json>,
    renewable: Option<Json>,
}

pub(super) fn grant(body: &[u8]) -> Result<Grant, Unclear> {
    let answer: LoginAnswer<'_> = serde_json::from_slice(body)?;
    let auth = answer.auth.ok_or(Unclear::Lacks("login"))?;
    let token = auth.client_token.filter(|token| !token.is_empty());
    Ok(Grant {
        token: token.ok_or(Unclear::Lacks("token"))?.into(),
        lasts: auth.lease_duration.as_ref().and_then(Json::as_u64),
        renewable: auth.renewable.as_ref().and_then(Json::as_bool).unwrap_or(false),
    })
}

/// Whether a refusal is one of Vault: a proxy's 404 says nothing about a secret.
pub(super) fn is_vaults(body: &[u8]) -> bool {
    let answer: Json = serde_json::from_slice(body).unwrap_or_default();
    answer["errors"].is_array() || answer["data"].is_object()
}

/// What the server says about a refusal, on one line, as long as it is.
pub(super) fn words(body: &[u8]) -> String {
    let answer: Json = serde_json::from_slice(body).unwrap_or_default();
    let errors = answer["errors"].as_array().into_iter().flatten();
    let said: Vec<&str> = errors
        .filter_map(Json::as_str)
        .flat_map(str::split_whitespace)
        .collect();
    said.join(" ")
}

#[cfg(test)]
mod tests;
