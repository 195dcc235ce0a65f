//! Creating and replacing objects, with the real server's preconditions:
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::{SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::objects::{Objects, Target};
use super::status;

/// What an object holds beside what describes it.
const DESCRIBING: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// `manager` is who the client says it is.
pub(super) fn create(objects: &mut Objects, target: &Target, mut object: Value, manager: &str) -> Response {
    object["kind"] = target.resource.kind.as_str().into();
    if target.resource.namespaced {
        object["metadata"]["namespace"] = json!(target.namespace);
    }
    if let Some(namespace) = target.namespace.as_deref().filter(|name| !objects.has_namespace(name)) {
        return status::no_namespace(namespace);
    }
    let Some(name) = object["metadata"]["name"].as_str().map(str::to_owned) else {
        return status::bad_request("name or generateName is required");
    };
    let target = target.named(name);
    if objects.get(&target).is_some() {
        return status::already_exists(&target);
    }
    object["metadata"]["managedFields"] = owned(&object, manager, "Update");
    objects.put(object);
    (StatusCode::CREATED, axum::Json(objects.get(&target))).into_response()
}

pub(super) fn replace(objects: &mut Objects, target: &Target, mut object: Value, manager: &str) -> Response {
    let Some(old) = objects.get(target).cloned() else {
        return status::not_found(target);
    };
    let expected = &object["metadata"]["resourceVersion"];
    if !expected.is_null() && *expected != old["metadata"]["resourceVersion"] {
        return status::conflict(target);
    }
    if old["immutable"] == true && (object["data"] != old["data"] || object["immutable"] != true) {
        return status::immutable(target);
    }
    for own in ["uid", "creationTimestamp", "resourceVersion", "managedFields"] {
        object["metadata"][own] = old["metadata"][own].clone();
    }
    if object != old {
        object["metadata"]["managedFields"] = owned(&object, manager, "Update");
        objects.change(target, object);
    }
    axum::Json(objects.get(target)).into_response()
}

/// Who changed which fields last, and when.
pub(super) fn owned(object: &Value, manager: &str, operation: &str) -> Value {
    let fields = object.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| !DESCRIBING.contains(&name.as_str()));
    let fields: Map<String, Value> = fields
        .map(|(name, value)| (format!("f:{name}"), inner(value)))
        .collect();
    json!([{
        "manager": manager,
        "operation": operation,
        "apiVersion": object["apiVersion"],
        "time": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }])
}

fn inner(value: &Value) -> Value {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, _)| (format!("f:{name}"), json!({}))).collect()
}

/// Deletes an object, at once: nothing here has a finalizer.
pub(super) fn delete(objects: &mut Objects, target: &Target, options: &Value) -> Response {
    let Some(object) = objects.get(target).cloned() else {
        return status::not_found(target);
    };
    let expected = &options["preconditions"]["uid"];
    if !expected.is_null() && *expected != object["metadata"]["uid"] {
        return status::conflict(target);
    }
    let name = target.name.as_deref().unwrap_or_default();
    if target.resource.plural == "namespaces" {
        objects.remove_namespace(name);
    } else {
        objects.remove(&target.resource.plural, target.namespace.as_deref(), name);
    }
    axum::Json(object).into_response()
}
