//! Refusals as the real server words them: `Status` objects
//! (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>), and plain text for paths that don't exist.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::objects::Target;

fn failure(code: StatusCode, reason: &str, message: &str, details: Option<Value>) -> Response {
    let mut status = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code.as_u16(),
    });
    if let Some(details) = details {
        status["details"] = details;
    }
    (code, Json(status)).into_response()
}

/// `certificates.cert-manager.io`
fn full_name(target: &Target) -> String {
    let resource = &target.resource;
    if resource.group.is_empty() {
        resource.plural.clone()
    } else {
        format!("{}.{}", resource.plural, resource.group)
    }
}

/// As Go writes them: what is empty is left out.
fn details(target: &Target) -> Value {
    let mut details = json!({ "kind": target.resource.plural });
    if let Some(name) = &target.name {
        details["name"] = name.as_str().into();
    }
    if !target.resource.group.is_empty() {
        details["group"] = target.resource.group.as_str().into();
    }
    details
}

pub(super) fn unauthorized() -> Response {
    failure(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized", None)
}

pub(super) fn no_such_path() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}

pub(super) fn not_found(target: &Target) -> Response {
    let name = target.name.as_deref().unwrap_or_default();
    let message = format!("{} {name:?} not found", full_name(target));
    failure(StatusCode::NOT_FOUND, "NotFound", &message, Some(details(target)))
}

pub(super) fn no_namespace(name: &str) -> Response {
    let message = format!("namespaces {name:?} not found");
    let details = json!({ "name": name, "kind": "namespaces" });
    failure(StatusCode::NOT_FOUND, "NotFound", &message, Some(details))
}

pub(super) fn already_exists(target: &Target) -> Response {
    let name = target.name.as_deref().unwrap_or_default();
    let message = format!("{} {name:?} already exists", full_name(target));
    failure(StatusCode::CONFLICT, "AlreadyExists", &message, Some(details(target)))
}

pub(super) fn conflict(target: &Target) -> Response {
    let message = format!(
        "Operation cannot be fulfilled on {} {:?}: the object has been modified; please apply your changes to the latest version and try again",
        full_name(target),
        target.name.as_deref().unwrap_or_default()
    );
    failure(StatusCode::CONFLICT, "Conflict", &message, Some(details(target)))
}

pub(super) fn immutable(target: &Target) -> Response {
    let message = format!(
        "{} {:?} is invalid: data: Forbidden: field is immutable when `immutable` is set",
        target.resource.kind,
        target.name.as_deref().unwrap_or_default()
    );
    failure(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Invalid",
        &message,
        Some(details(target)),
    )
}

pub(super) fn forbidden(target: &Target, verb: &str) -> Response {
    let object = target.name.as_ref().map_or(String::new(), |name| format!(" {name:?}"));
    let scope = match &target.namespace {
        Some(namespace) => format!("in the namespace {namespace:?}"),
        None => "at the cluster scope".into(),
    };
    let message = format!(
        "{}{object} is forbidden: User \"muster\" cannot {verb} resource {:?} in API group {:?} {scope}",
        full_name(target),
        target.resource.plural,
        target.resource.group
    );
    failure(StatusCode::FORBIDDEN, "Forbidden", &message, Some(details(target)))
}

pub(super) fn bad_request(message: &str) -> Response {
    failure(StatusCode::BAD_REQUEST, "BadRequest", message, None)
}

pub(super) fn method_not_allowed(target: &Target) -> Response {
    let message = "the server does not allow this method on the requested resource";
    failure(
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        message,
        Some(details(target)),
    )
}
