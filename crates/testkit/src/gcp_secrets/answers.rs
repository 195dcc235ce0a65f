//! What is asked for by a path, and how it is answered or refused, in Google's words.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Kept, World};

type Query = BTreeMap<String, String>;

/// A question, about the secret at this path.
pub(super) struct Question<'a> {
    path: &'a str,
    about: About<'a>,
}

enum About<'a> {
    Secret,
    Versions,
    Version(&'a str),
    Value(&'a str),
}

impl<'a> Question<'a> {
    /// `/v1/projects/…/secrets/…[/versions[/…[:access]]]`
    pub fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix("/v1/")?;
        let (_, name) = path.split_once("/secrets/")?;
        let (path, about) = match name.split_once('/') {
            None => (path, About::Secret),
            Some((_, "versions")) => (path.strip_suffix("/versions")?, About::Versions),
            Some((_, version)) => {
                let version = version.strip_prefix("versions/")?;
                let path = path.strip_suffix(version)?.strip_suffix("/versions/")?;
                match version.strip_suffix(":access") {
                    Some(version) => (path, About::Value(version)),
                    None => (path, About::Version(version)),
                }
            }
        };
        path.starts_with("projects/").then_some(Self { path, about })
    }

    pub fn answer(&self, world: &World, query: &Query) -> Response {
        let permission = match self.about {
            About::Secret => "secretmanager.secrets.get",
            About::Versions => "secretmanager.versions.list",
            About::Version(_) => "secretmanager.versions.get",
            About::Value(_) => "secretmanager.versions.access",
        };
        let path = self.path;
        if world.denied.iter().any(|denied| denied == permission) {
            let message = format!("Permission '{permission}' denied for resource '{path}' (or it may not exist).");
            return failure(StatusCode::FORBIDDEN, "PERMISSION_DENIED", &message);
        }
        let Some(kept) = world.secrets.get(path) else {
            return not_found(&format!("Secret [{path}] not found or has no versions."));
        };
        let answer = match self.about {
            About::Secret => Ok(self.secret(kept)),
            About::Versions => Ok(self.list(kept, query, world.page)),
            About::Version(version) => self
                .number(kept, version)
                .map(|number| self.version(kept, number, query)),
            About::Value(version) => self.number(kept, version).and_then(|number| self.value(kept, number)),
        };
        answer.map_or_else(|refused| *refused, |answer| Json(answer).into_response())
    }

    fn secret(&self, kept: &Kept) -> Value {
        let mut secret = kept.about.clone();
        secret["name"] = self.path.into();
        secret["createTime"] = "2026-01-01T00:00:00.123456Z".into();
        secret
    }

    /// Newest first, as Google lists them.
    fn list(&self, kept: &Kept, query: &Query, most: Option<usize>) -> Value {
        let number = |name: &str| query.get(name)?.parse::<usize>().ok();
        let start = number("pageToken").unwrap_or(0);
        let wanted = number("pageSize").filter(|size| *size > 0).unwrap_or(25_000);
        let size = wanted.min(most.unwrap_or(25_000));
        let all = (1..=kept.versions.len()).rev();
        let page: Vec<Value> = all
            .skip(start)
            .take(size)
            .map(|number| self.version(kept, number, query))
            .collect();
        let mut answer = json!({ "versions": page, "totalSize": kept.versions.len() });
        if start + size < kept.versions.len() {
            answer["nextPageToken"] = (start + size).to_string().into();
        }
        answer
    }

    fn version(&self, kept: &Kept, number: usize, query: &Query) -> Value {
        let mut version = kept.versions[number - 1].about.clone();
        version["name"] = self.name(number).into();
        // Both official clients ask for numbers in place of names.
        if query.get("$alt").is_some_and(|alt| alt.ends_with("enum-encoding=int")) {
            let states = ["STATE_UNSPECIFIED", "ENABLED", "DISABLED", "DESTROYED"];
            let state = version["state"].as_str().unwrap_or_default();
            if let Some(number) = states.iter().position(|known| *known == state) {
                version["state"] = number.into();
            }
        }
        version
    }

    fn value(&self, kept: &Kept, number: usize) -> Result<Value, Box<Response>> {
        let version = &kept.versions[number - 1];
        let state = version.about["state"].as_str().unwrap_or_default();
        if state != "ENABLED" {
            let message = format!("Secret Version [{}] is in {state} state.", self.name(number));
            return Err(failure(StatusCode::BAD_REQUEST, "FAILED_PRECONDITION", &message).into());
        }
        Ok(json!({
            "name": self.name(number),
            // A number of 64 bits is a text in Google's JSON.
            "payload": { "data": STANDARD.encode(&version.value), "dataCrc32c": version.checksum.to_string() },
        }))
    }

    /// Which version is meant: by its number, by `latest`, whatever its state, or by an alias.
    fn number(&self, kept: &Kept, version: &str) -> Result<usize, Box<Response>> {
        let number = match version {
            "latest" => Some(kept.versions.len()),
            _ => version.parse().ok().or_else(|| {
                let number = kept.about["versionAliases"][version].as_str()?;
                number.parse().ok()
            }),
        };
        let known = number.filter(|number| (1..=kept.versions.len()).contains(number));
        known.ok_or_else(|| not_found(&format!("Secret Version [{}/versions/{version}] not found.", self.path)).into())
    }

    fn name(&self, number: usize) -> String {
        format!("{}/versions/{number}", self.path)
    }
}

pub(super) fn unauthenticated() -> Response {
    let message = "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.";
    failure(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
}

/// Not Google's JSON: its frontend knows no such address.
pub(super) fn no_such_path(path: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><p>The requested URL {path} was not found on this server."
    );
    (StatusCode::NOT_FOUND, axum::response::Html(page)).into_response()
}

fn not_found(message: &str) -> Response {
    failure(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

fn failure(code: StatusCode, status: &str, message: &str) -> Response {
    let error = json!({ "error": { "code": code.as_u16(), "message": message, "status": status } });
    (code, Json(error)).into_response()
}

/// CRC-32C, bit by bit: <https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4>.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    let shifted = |crc: u32| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| shifted(crc))
    })
}
