//! What programs and auditors take away: a plan as JSON, the audit log and the log of a run as lines.

use std::io;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use domain::audit::Outcome;
use domain::role::{Action, Actor};
use domain::runbook::Runbook;
use futures::{Stream, StreamExt as _};
use recovery::audit::{self, Act};
use recovery::{Error, Services, StoreError, approvals, runs};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::Web;
use super::answer::Refused;
use super::people::Caller;
use crate::plan_document;

/// Lines between the database and a browser that reads slowly.
const AHEAD: usize = 256;

/// `GET /requests/{number}/plan.json`
pub async fn plan(State(web): State<Web>, caller: Caller, Path(number): Path<i64>) -> Result<Response, Refused> {
    let seen = approvals::see(&web.services, &caller.actor, number).await;
    let seen = seen.map_err(|error| Refused::by(&web, &error, ("/requests", "Requests")))?;
    Ok(Json(plan_document::document(&seen.stored.plan)).into_response())
}

/// `GET /audit/export`: line by line, however long the log is. Who took it stands in the log from then on.
pub async fn export(State(web): State<Web>, caller: Caller) -> Result<Response, Refused> {
    let allowed = record(&web.services, &caller.actor).await;
    allowed.map_err(|error| Refused::by(&web, &error, ("/audit", "Audit")))?;
    let headers = [
        (CONTENT_TYPE, "application/jsonl"),
        (CONTENT_DISPOSITION, "attachment; filename=\"muster-audit.jsonl\""),
    ];
    Ok((headers, Body::from_stream(lines(web.services))).into_response())
}

/// `GET /requests/{number}/log`: what a run's tools and Muster said, however much it is.
pub async fn run_log(State(web): State<Web>, caller: Caller, Path(number): Path<i64>) -> Result<Response, Refused> {
    let page = format!("/requests/{number}");
    let lines = runs::whole_log(&web.services, &caller.actor, number).await;
    let lines = lines.map_err(|error| Refused::by(&web, &error, (&page, "Back to the request")))?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"request-{number}.log\""),
        ),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// `GET /runbook/{deployment}/runbook.html`: one file that needs nothing else.
pub async fn runbook(
    State(web): State<Web>,
    caller: Caller,
    Path(deployment): Path<String>,
) -> Result<Response, Refused> {
    let made = read_runbook(&web.services, &caller.actor, &deployment).await;
    let runbook = made.map_err(|error| Refused::by(&web, &error, ("/", "Overview")))?;
    let file = format!("attachment; filename=\"runbook-{deployment}.html\"");
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, file),
    ];
    Ok((headers, app::runbook::file(&runbook)).into_response())
}

async fn read_runbook(services: &Services, actor: &Actor, deployment: &str) -> Result<Runbook, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    recovery::runbook::cached(services, deployment).await
}

async fn record(services: &Services, actor: &Actor) -> Result<(), Error> {
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    let mut tx = services.store.begin().await?;
    let act = Act::new(actor, "audit.export", "the whole log");
    act.fact(&mut tx, Outcome::Ok, services.clock.now()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// An export that breaks off is noticed by whoever verifies it: its header says how many lines follow.
fn lines(services: Services) -> impl Stream<Item = io::Result<String>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        if let Err(error) = send(&services, &sender).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an export of the audit log broke off"
            );
            // Nobody may be there to be told.
            let _ = sender.send(Err(io::Error::other("the export broke off"))).await;
        }
    });
    ReceiverStream::new(receiver)
}

async fn send(services: &Services, sender: &mpsc::Sender<io::Result<String>>) -> Result<(), StoreError> {
    let mut lines = audit::export(&services.store).await?;
    while let Some(line) = lines.next().await {
        if sender.send(Ok(line? + "\n")).await.is_err() {
            break;
        }
    }
    Ok(())
}
