//! What is asked for by a path, and how it is answered or refused, in Azure's words.

use std::collections::HashMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Kept, KeptVersion, World};

type Query = HashMap<String, String>;
/// An answer that is no success.
type Refused = Box<Response>;
type Answer = Result<Value, Refused>;

pub(super) fn answer(world: &World, path: &str, query: &Query) -> Response {
    if !query.contains_key("api-version") {
        let message = "AKV10041: The api-version query parameter is missing.";
        return failure(StatusCode::BAD_REQUEST, "BadParameter", message, None);
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let answer = match parts.as_slice() {
        ["secrets", name, "versions"] => allowed(world, "list", name).map(|()| list(world, name, query)),
        ["secrets", name] => allowed(world, "get", name).and_then(|()| value(world, name, None)),
        ["secrets", name, version] => allowed(world, "get", name).and_then(|()| value(world, name, Some(version))),
        ["deletedsecrets", name] => allowed(world, "get", name).and_then(|()| deleted(world, name)),
        _ => Err((StatusCode::NOT_FOUND, "<!DOCTYPE html><h2>HTTP Error 404.</h2>")
            .into_response()
            .into()),
    };
    answer.map_or_else(|refused| *refused, |answer| Json(answer).into_response())
}

fn allowed(world: &World, permission: &str, name: &str) -> Result<(), Refused> {
    if !world.denied.iter().any(|denied| denied == permission) {
        return Ok(());
    }
    let action = match permission {
        "list" => "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        _ => "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    };
    let message = format!(
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nAction: '{action}'\r\nResource: '/subscriptions/0/resourcegroups/tests/providers/microsoft.keyvault/vaults/tests/secrets/{name}'"
    );
    Err(refused(
        StatusCode::FORBIDDEN,
        "Forbidden",
        &message,
        Some("ForbiddenByRbac"),
    ))
}

fn kept<'a>(world: &'a World, name: &str) -> Option<&'a Kept> {
    world.secrets.get(name).filter(|kept| kept.deleted.is_none())
}

/// By their names. Of a secret that isn't there nothing is listed.
fn list(world: &World, name: &str, query: &Query) -> Value {
    let number = |name: &str| query.get(name)?.parse::<usize>().ok();
    let start = number("$skiptoken").unwrap_or(0);
    let wanted = number("maxresults").unwrap_or(25).min(25);
    let size = wanted.min(world.page.unwrap_or(25));
    let versions: Vec<_> = kept(world, name).map_or_else(Vec::new, |kept| kept.versions.iter().collect());
    let page = versions.iter().skip(start).take(size);
    let page: Vec<_> = page
        .map(|(version, kept)| properties(world, name, version, kept))
        .collect();
    let next = (start + size < versions.len()).then(|| {
        let (next, host) = (start + size, &world.host);
        let own = format!("https://{host}/secrets/{name}/versions");
        let place = world.astray.as_ref().map_or(own, ToString::to_string);
        format!(
            "{place}?api-version={}&$skiptoken={next}&maxresults={wanted}",
            query["api-version"]
        )
    });
    json!({ "value": page, "nextLink": next })
}

fn properties(world: &World, name: &str, version: &str, kept: &KeptVersion) -> Value {
    json!({
        "id": format!("https://{}/secrets/{name}/{version}", world.host),
        "attributes": kept.attributes,
        "tags": kept.tags,
    })
}

/// Without a version's name, the newest one, whatever its state.
fn value(world: &World, name: &str, version: Option<&str>) -> Answer {
    let found = kept(world, name).and_then(|kept| match version {
        Some(version) => kept.versions.get_key_value(version),
        None => kept
            .versions
            .iter()
            .max_by_key(|(_, version)| (version.attributes["created"].as_i64(), version.order)),
    });
    let Some((version, kept)) = found else {
        let message = format!(
            "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
        );
        return Err(refused(StatusCode::NOT_FOUND, "SecretNotFound", &message, None));
    };
    if kept.attributes["enabled"] == json!(false) {
        let message = "Operation get is not allowed on a disabled secret.";
        return Err(refused(
            StatusCode::FORBIDDEN,
            "Forbidden",
            message,
            Some("SecretDisabled"),
        ));
    }
    let mut answer = properties(world, name, version, kept);
    answer["value"] = kept.value.clone().into();
    Ok(answer)
}

fn deleted(world: &World, name: &str) -> Answer {
    let found = world.secrets.get(name).and_then(|kept| Some((kept, kept.deleted?)));
    let Some((kept, (at, until))) = found else {
        let message = format!("Deleted Secret not found: {name}");
        return Err(refused(StatusCode::NOT_FOUND, "SecretNotFound", &message, None));
    };
    let newest = kept.versions.iter().max_by_key(|(_, version)| version.order);
    let (version, newest) = newest.expect("a secret has a version");
    let mut answer = properties(world, name, version, newest);
    answer["recoveryId"] = format!("https://{}/deletedsecrets/{name}", world.host).into();
    answer["deletedDate"] = at.into();
    answer["scheduledPurgeDate"] = until.into();
    Ok(answer)
}

fn refused(code: StatusCode, error: &str, message: &str, inner: Option<&str>) -> Refused {
    failure(code, error, message, inner).into()
}

fn failure(code: StatusCode, error: &str, message: &str, inner: Option<&str>) -> Response {
    let mut body = json!({ "error": { "code": error, "message": message } });
    if let Some(inner) = inner {
        body["error"]["innererror"] = json!({ "code": inner });
    }
    (code, Json(body)).into_response()
}

/// 32 hexadecimal digits in an order that means nothing.
pub(super) fn version_name(order: usize) -> String {
    let seed = (order as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("{seed:032x}")
}
