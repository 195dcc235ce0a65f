//! The gap report of a restore: taken away as JSON, worked off line by line.

use axum::extract::{Path, State};
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Form, Json};
use recovery::{Error, approvals, runs};
use serde::Deserialize;
use serde_json::json;

use super::Web;
use super::answer::Refused;
use super::people::Caller;

/// How a line was done, or why it may stay as it is.
#[derive(Deserialize)]
pub struct Settled {
    #[serde(default)]
    note: String,
}

fn refused(web: &Web, number: i64) -> impl Fn(Error) -> Refused {
    move |error| Refused::by(web, &error, (&format!("/requests/{number}"), "Back to the request"))
}

/// `GET /requests/{number}/gap.json`
pub async fn report(State(web): State<Web>, caller: Caller, Path(number): Path<i64>) -> Result<Response, Refused> {
    let seen = approvals::see(&web.services, &caller.actor, number).await;
    let seen = seen.map_err(refused(&web, number))?;
    let report = match &seen.run {
        Some(run) => runs::report(&web.services, run.id)
            .await
            .map_err(refused(&web, number))?,
        None => None,
    };
    let (report, lines) =
        report.ok_or_else(|| refused(&web, number)(Error::NotFound(format!("gap report of request {number}"))))?;
    let settled = lines.into_iter().map(|line| {
        json!({"line": line.line, "waived": line.waived, "note": line.note, "by": line.by_name, "at": domain::time::rfc3339(line.at)})
    });
    let mut document = serde_json::to_value(&report).unwrap_or_default();
    document["settled"] = settled.collect();
    let file = format!("attachment; filename=\"gap-{number}.json\"");
    Ok(([(CONTENT_DISPOSITION, file)], Json(document)).into_response())
}

/// `POST /requests/{number}/gap/{line}/done`
pub async fn done(
    State(web): State<Web>,
    caller: Caller,
    Path(of): Path<(i64, usize)>,
    Form(form): Form<Settled>,
) -> Result<Redirect, Refused> {
    settle(&web, &caller, of, (false, &form.note)).await
}

/// `POST /requests/{number}/gap/{line}/waive`
pub async fn waive(
    State(web): State<Web>,
    caller: Caller,
    Path(of): Path<(i64, usize)>,
    Form(form): Form<Settled>,
) -> Result<Redirect, Refused> {
    settle(&web, &caller, of, (true, &form.note)).await
}

async fn settle(
    web: &Web,
    caller: &Caller,
    (number, line): (i64, usize),
    how: (bool, &str),
) -> Result<Redirect, Refused> {
    let settled = runs::settle(&web.services, &caller.actor, number, line, how).await;
    settled.map_err(refused(web, number))?;
    Ok(Redirect::to(&format!("/requests/{number}#gap")))
}
