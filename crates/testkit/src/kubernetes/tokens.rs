//! Tokens of service accounts, and the review by which others learn whom one belongs to.
//! Format: <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{World, is_known, lock, status};

/// Where reviews are posted.
pub(super) const REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";

/// Whom its tokens are meant for.
const AUDIENCE: &str = "https://kubernetes.default.svc";

/// Tokens that were given out, with what each one says of its owner.
#[derive(Default)]
pub(super) struct Tokens(BTreeMap<String, Value>);

impl Tokens {
    /// A token as a pod finds it: a JWT, though nobody's signature stands below it.
    pub fn issue(&mut self, namespace: &str, name: &str) -> String {
        let uid = format!("00000000-0000-4000-9000-{:012}", self.0.len() + 1);
        let username = format!("system:serviceaccount:{namespace}:{name}");
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "1" });
        let claims = json!({
            "iss": AUDIENCE,
            "sub": username,
            "aud": [AUDIENCE],
            "iat": 1_700_000_000,
            "exp": 4_000_000_000_u64,
            "kubernetes.io": { "namespace": namespace, "serviceaccount": { "name": name, "uid": uid } },
        });
        let parts = [header.to_string(), claims.to_string(), "nobody".into()];
        let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let groups = [
            "system:serviceaccounts".into(),
            format!("system:serviceaccounts:{namespace}"),
            "system:authenticated".into(),
        ];
        let user = json!({ "username": username, "uid": uid, "groups": groups });
        self.0.insert(token.clone(), user);
        token
    }
}

pub(super) async fn review(
    State(world): State<Arc<Mutex<World>>>,
    headers: HeaderMap,
    Json(mut review): Json<Value>,
) -> Response {
    if !is_known(&headers) {
        return status::unauthorized();
    }
    let token = review["spec"]["token"].as_str().unwrap_or_default();
    let audiences = review["spec"]["audiences"].as_array();
    let meant = audiences.is_none_or(|audiences| audiences.iter().any(|audience| audience == AUDIENCE));
    let user = lock(&world).tokens.0.get(token).cloned();
    review["status"] = match user.filter(|_| meant) {
        Some(user) => json!({ "authenticated": true, "user": user, "audiences": [AUDIENCE] }),
        None => json!({ "authenticated": false, "error": "invalid bearer token" }),
    };
    (StatusCode::CREATED, Json(review)).into_response()
}
