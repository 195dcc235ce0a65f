//! Server-side apply, as <https://kubernetes.io/docs/reference/using-api/server-side-apply/> describes it: an object that isn't there is
//! made, one that is there gets the fields of the patch, and a field that another manager set otherwise is a conflict. Ownership is kept by
//! whole objects here, not by fields: enough to tell an object that only this manager ever wrote from one that others did.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::objects::{Objects, Target};
use super::{status, writes};

/// `manager` is who the client says it is, and whether it takes over what others set.
pub(super) fn apply(
    objects: &mut Objects,
    target: &Target,
    mut patch: Value,
    (manager, forced): (&str, bool),
) -> Response {
    let Some(old) = objects.get(target).cloned() else {
        patch["metadata"]["managedFields"] = writes::owned(&patch, manager, "Apply");
        objects.put(patch);
        return (StatusCode::CREATED, axum::Json(objects.get(target))).into_response();
    };
    let mut merged = old.clone();
    merge(&mut merged, &patch);
    if merged == old {
        return axum::Json(old).into_response();
    }
    let managers = old["metadata"]["managedFields"].as_array();
    let foreign = managers.is_none_or(|all| all.iter().any(|entry| entry["manager"] != manager));
    if foreign && !forced {
        return status::conflict(target);
    }
    merged["metadata"]["managedFields"] = writes::owned(&patch, manager, "Apply");
    objects.change(target, merged);
    axum::Json(objects.get(target)).into_response()
}

/// Lists of named things are merged by name, others are replaced.
fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(patch)) if patch.iter().all(|item| item["name"].is_string()) => {
            for item in patch {
                match into.iter_mut().find(|known| known["name"] == item["name"]) {
                    Some(known) => merge(known, item),
                    None => into.push(item.clone()),
                }
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}
