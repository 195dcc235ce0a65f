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

/// Which branch is to be looked at, of which deployment.
#[derive(Deserialize)]
pub struct Check {
    deployment: String,
    symptom: String,
}

/// `POST /diagnostics/check`: reads what the picked symptom turns on. The page it leads to shows how far that is.
pub async fn check(State(web): State<Web>, caller: Caller, Form(form): Form<Check>) -> Result<Redirect, Refused> {
    let asked = findings::check(&web.services, &caller.actor, &form.deployment, &form.symptom).await;
    let asked = asked.map_err(|error| Refused::by(&web, &error, ("/diagnostics", "Diagnostics")))?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("deployment", &form.deployment)
        .append_pair("symptom", &form.symptom)
        .append_pair("asked", &asked.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .finish();
    Ok(Redirect::to(&format!("/diagnostics?{query}#symptoms")))
}
