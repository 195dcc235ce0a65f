//! What people say about a finding.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::NaiveDateTime;
use recovery::{Error, findings};
use serde::Deserialize;

use super::Web;
use super::answer::Refused;
use super::people::Caller;

/// Why a finding may stand, and until when.
#[derive(Deserialize)]
pub struct Acknowledge {
    deployment: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
}

/// `POST /diagnostics/{code}/acknowledge`
pub async fn acknowledge(
    State(web): State<Web>,
    caller: Caller,
    Path(code): Path<String>,
    Form(form): Form<Acknowledge>,
) -> Result<Redirect, Refused> {
    let refused = |error: Error| Refused::by(&web, &error, ("/diagnostics", "Diagnostics"));
    let until = NaiveDateTime::parse_from_str(form.until.trim(), "%Y-%m-%d %H:%M:%S");
    let until = until.ok().map(|time| time.and_utc());
    let of = (form.deployment.as_str(), code.as_str());
    findings::acknowledge(&web.services, &caller.actor, of, &form.reason, until)
        .await
        .map_err(refused)?;
    Ok(Redirect::to("/diagnostics"))
}
