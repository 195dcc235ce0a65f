//! Drills: started and stopped by an operator; receipts, keys and logs for those who verify them elsewhere.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::drill::Choice;
use domain::ids::DrillId;
use domain::role::Action;
use recovery::{Error, drills};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::answer::Refused;
use super::people::Caller;

/// A DSSE envelope as JSON: <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>.
const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";

const BACK: (&str, &str) = ("/drills", "Drills");

/// What is to be rehearsed.
#[derive(Deserialize)]
pub struct Start {
    deployment: String,
    /// `latest`, `latest-restorable-time`, `random` or `label`.
    #[serde(default)]
    choice: String,
    #[serde(default)]
    label: String,
    /// Of the label, where several sources have one.
    #[serde(default)]
    source: String,
}

impl Start {
    fn choice(&self) -> Result<Choice, Error> {
        let (label, source) = (self.label.trim(), self.source.trim());
        match self.choice.as_str() {
            "latest" => Ok(Choice::Latest),
            "latest-restorable-time" => Ok(Choice::LatestRestorableTime),
            "random" => Ok(Choice::Random),
            "label" if !label.is_empty() => Ok(Choice::Label {
                label: label.into(),
                source: (!source.is_empty()).then(|| source.into()),
            }),
            "label" => Err(unclear("Which backup? Give its label as Backups shows it.")),
            _ => Err(unclear(
                "Choose what to rehearse: the latest backup, the latest restorable time, a random backup, or one by its label.",
            )),
        }
    }
}

fn unclear(words: &str) -> Error {
    Error::Invalid(vec![words.into(), "No drill was started.".into()])
}

/// `POST /drills`
pub async fn start(State(web): State<Web>, caller: Caller, Form(form): Form<Start>) -> Result<Redirect, Refused> {
    let refused = |error: Error| Refused::by(&web, &error, BACK);
    let (services, actor) = (&web.services, &caller.actor);
    let choice = match form.choice() {
        Ok(choice) => choice,
        // Whoever may not start any is told that and nothing else.
        Err(unclear) => {
            let allowed = actor.may(Action::Drill, services.settings.approvals.roles);
            return Err(refused(allowed.err().map_or(unclear, Error::from)));
        }
    };
    let started = drills::start(services, actor, &form.deployment, choice).await;
    let drill = started.map_err(refused)?;
    Ok(Redirect::to(&page(drill)))
}

/// `POST /drills/{drill}/cancel`
pub async fn cancel(State(web): State<Web>, caller: Caller, Path(drill): Path<Uuid>) -> Result<Redirect, Refused> {
    let drill = DrillId(drill);
    let done = drills::cancel(&web.services, &caller.actor, drill).await;
    done.map_err(|error| Refused::by(&web, &error, (&page(drill), "Back to the drill")))?;
    Ok(Redirect::to(&page(drill)))
}

/// `GET /drills/{drill}/receipt`: the envelope byte for byte as it was signed.
pub async fn receipt(State(web): State<Web>, caller: Caller, Path(drill): Path<Uuid>) -> Result<Response, Refused> {
    let found = drills::receipt(&web.services, &caller.actor, DrillId(drill)).await;
    let receipt = found.map_err(|error| Refused::by(&web, &error, BACK))?;
    Ok(file(ENVELOPE, &format!("drill-{drill}.dsse.json"), receipt))
}

/// `GET /drills/{drill}/log`
pub async fn log(State(web): State<Web>, caller: Caller, Path(drill): Path<Uuid>) -> Result<Response, Refused> {
    let found = drills::log_text(&web.services, &caller.actor, DrillId(drill)).await;
    let text = found.map_err(|error| Refused::by(&web, &error, BACK))?;
    Ok(file("text/plain; charset=utf-8", &format!("drill-{drill}.log"), text))
}

/// `GET /drills/receipt-keys.pem`: every public key that receipts were signed with, retired ones too, one block after the other.
pub async fn keys(State(web): State<Web>, caller: Caller) -> Result<Response, Refused> {
    let found = drills::receipt_keys(&web.services, &caller.actor).await;
    let keys = found.map_err(|error| Refused::by(&web, &error, BACK))?;
    let text: String = keys.into_iter().map(|key| key.public_key).collect();
    Ok(file("application/x-pem-file", "muster-receipt-keys.pem", text))
}

fn page(drill: DrillId) -> String {
    format!("/drills/{drill}")
}

fn file(kind: &'static str, name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)],
        text,
    )
        .into_response()
}
