//! How a vault asks who is there, and how an application gets its token:
//! <https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses>,
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.

use std::collections::HashMap;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// The only token that the vault takes.
pub const TOKEN: &str = "token-of-muster";
/// Where the only application is registered, and how it logs in.
pub const TENANT: &str = "7b795fb9-09d3-42f4-a494-38864f99ba3c";
pub const CLIENT: &str = "b8b5a3a5-3d43-4a55-8e1c-0a7c6b2d9f10";
pub const CLIENT_SECRET: &str = "secret-of-the-application";
/// Whom every token is for.
const RESOURCE: &str = "https://vault.azure.net";

pub(super) fn is_known(authorization: &str) -> bool {
    authorization.strip_prefix("Bearer ") == Some(TOKEN)
}

/// Says where a token is to be had.
pub(super) fn challenge(host: &str, shown: bool) -> Response {
    let place = format!("Bearer authorization=\"https://{host}/{TENANT}\", resource=\"{RESOURCE}\"");
    let (challenge, message) = if shown {
        let error = ", error=\"invalid_token\", error_description=\"Error validating token: IDX10223\"";
        (
            format!("{place}{error}"),
            "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.",
        )
    } else {
        (place, "AKV10000: Request is missing a Bearer or PoP token.")
    };
    let body = json!({ "error": { "code": "Unauthorized", "message": message } });
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, challenge)],
        Json(body),
    )
        .into_response()
}

/// The token endpoint of version 2.
pub(super) fn answer(path: &str, body: &[u8]) -> Response {
    if path != format!("/{TENANT}/oauth2/v2.0/token") {
        return refused(
            "AADSTS90002: Tenant not found. Check to make sure you have the correct tenant ID.",
            90_002,
        );
    }
    let form: HashMap<_, _> = url::form_urlencoded::parse(body).into_owned().collect();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
    if !is("client_id", CLIENT) {
        return refused("AADSTS700016: Application was not found in the directory.", 700_016);
    }
    if !is("client_secret", CLIENT_SECRET) {
        return refused("AADSTS7000215: Invalid client secret provided.", 7_000_215);
    }
    if !is("grant_type", "client_credentials") || !is("scope", &format!("{RESOURCE}/.default")) {
        return refused(
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid.",
            70_011,
        );
    }
    let token = json!({ "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": TOKEN });
    Json(token).into_response()
}

fn refused(description: &str, code: u32) -> Response {
    let error = json!({ "error": "invalid_client", "error_description": description, "error_codes": [code] });
    (StatusCode::UNAUTHORIZED, Json(error)).into_response()
}
