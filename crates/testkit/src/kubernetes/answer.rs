//! What is answered to a request: who may ask for what, and in which form.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::objects::Target;
use super::{Request, World, apply, controller, is_known, lock, selector, status, writes};

/// What a client that wants an object without its contents asks for.
const METADATA_ONLY: &str = "as=PartialObjectMetadata;";

/// The form of a patch that is merged by who set which field.
const APPLY: &str = "application/apply-patch+yaml";

pub(super) async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = lock(&world);
    let header = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    world.requests.push(Request {
        method: method.to_string(),
        path: uri.path().to_owned(),
        accept: header(header::ACCEPT).to_owned(),
    });
    if !is_known(&headers) {
        return status::unauthorized();
    }
    let Some(target) = world.objects.target(uri.path()) else {
        return status::no_such_path();
    };
    if let Some((code, body)) = world.said.get(&target.resource.plural) {
        return (*code, [(header::CONTENT_TYPE, "application/json")], body.clone()).into_response();
    }
    let verb = verb(&method, &target);
    let denies = |(denied, plural): &(Option<String>, String)| {
        *plural == target.resource.plural && denied.as_deref().is_none_or(|denied| denied == verb)
    };
    if world.forbidden.iter().any(denies) {
        return status::forbidden(&target, verb);
    }
    let manager = query.get("fieldManager").map_or("unknown", String::as_str);
    match (verb, serde_json::from_slice(&body)) {
        ("get", _) => match world.objects.get(&target) {
            Some(object) if header(header::ACCEPT).contains(METADATA_ONLY) => {
                axum::Json(metadata_only(object)).into_response()
            }
            Some(object) => axum::Json(object).into_response(),
            None => status::not_found(&target),
        },
        ("list", _) => match selector::parse(query.get("labelSelector").map_or("", String::as_str)) {
            Some(selector) => axum::Json(world.objects.list(&target, &selector)).into_response(),
            None => status::bad_request("unable to parse requirement"),
        },
        ("create", Ok(object)) => {
            let created = target.named(name_of(&object));
            let answer = writes::create(&mut world.objects, &target, object, manager);
            follow(&mut world, &created, answer)
        }
        ("delete", options) => writes::delete(&mut world.objects, &target, &options.unwrap_or_default()),
        ("update", Ok(object)) => {
            let answer = writes::replace(&mut world.objects, &target, object, manager);
            follow(&mut world, &target, answer)
        }
        ("patch", Ok(object)) if header(header::CONTENT_TYPE) == APPLY => {
            let forced = query.get("force").is_some_and(|forced| forced == "true");
            let answer = apply::apply(&mut world.objects, &target, object, (manager, forced));
            follow(&mut world, &target, answer)
        }
        ("create" | "update" | "patch", Err(_)) => status::bad_request("the object provided is unrecognized"),
        _ => status::method_not_allowed(&target),
    }
}

/// Has the controllers see what was written.
fn follow(world: &mut World, target: &Target, answer: Response) -> Response {
    let is_deployment = target.resource.plural == "deployments" && answer.status().is_success();
    if let Some(ready) = world.followed.filter(|_| is_deployment) {
        controller::follow(&mut world.objects, target, ready);
    }
    answer
}

fn name_of(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// What policies call a request.
fn verb(method: &Method, target: &Target) -> &'static str {
    match (method.as_str(), target.name.is_some()) {
        ("GET", true) => "get",
        ("GET", false) => "list",
        ("POST", false) => "create",
        ("PUT", true) => "update",
        ("PATCH", true) => "patch",
        ("DELETE", true) => "delete",
        _ => "other",
    }
}

fn metadata_only(object: &Value) -> Value {
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] })
}
