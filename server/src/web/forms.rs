//! The forms: each builds a wish or names a thing, calls one use case, and sends the browser on.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{REFERER, SET_COOKIE};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use domain::approval::Decision;
use domain::ids::{RunId, Sha256};
use domain::role::{Action, Actor};
use recovery::audit::Act;
use recovery::plans::{Disaster, Wanted, Wish};
use recovery::{Error, Services, approvals, collect, runs};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::answer::Refused;
use super::local::referring;
use super::people::Caller;

/// Where a page of one request is.
fn page(number: i64) -> String {
    format!("/requests/{number}")
}

fn refused(web: &Web, number: i64) -> impl Fn(Error) -> Refused {
    move |error| Refused::by(web, &error, (&page(number), "Back to the request"))
}

/// The last form of a new request: the wish again, and the digest of the plan that was read.
#[derive(Deserialize)]
pub struct Create {
    kind: String,
    deployment: String,
    digest: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    backup: String,
    #[serde(default)]
    database: String,
    #[serde(default)]
    version: String,
    /// How the key is to leave Muster.
    #[serde(default)]
    to: String,
    #[serde(default)]
    recipient: String,
    #[serde(default)]
    recipient_2: String,
    #[serde(default)]
    destination: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    at: String,
    exclusive: Option<String>,
    #[serde(default)]
    affects: String,
    in_place: Option<String>,
    old_is_gone: Option<String>,
    #[serde(default)]
    instance: String,
    #[serde(default)]
    days: String,
}

impl Create {
    fn wish(self) -> Result<Wish, Error> {
        let Self {
            kind,
            deployment,
            source,
            backup,
            database,
            version,
            to,
            recipient,
            recipient_2,
            destination,
            name,
            at,
            exclusive,
            affects,
            in_place,
            old_is_gone,
            instance,
            days,
            ..
        } = self;
        match kind.as_str() {
            "restore-dump" => Ok(Wish::RestoreDump {
                deployment,
                source,
                backup,
                database,
            }),
            "restore-pitr" => Ok(Wish::RestorePitr {
                deployment,
                source,
                at,
                exclusive: exclusive.is_some(),
                affects: affects.split_whitespace().map(ToOwned::to_owned).collect(),
                in_place: in_place.is_some(),
            }),
            "retrieve-key" => Ok(Wish::RetrieveKey {
                deployment,
                version,
                delivery: Wanted::typed(&to, [recipient, recipient_2], destination, name),
            }),
            "key-catch-up" => Ok(Wish::KeyCatchUp { deployment }),
            "drill-on-rds" => Ok(Wish::DrillOnRds {
                deployment,
                source,
                days: days.trim().parse().unwrap_or_default(),
            }),
            "drill-with-key" => Ok(Wish::DrillWithKey {
                deployment,
                days: days.trim().parse().unwrap_or_default(),
            }),
            "full-disaster" => Ok(Wish::FullDisaster(Disaster {
                deployment,
                source,
                backup,
                database,
                version,
                destination,
                name,
            })),
            "restore-rds" => Ok(Wish::RestoreRds {
                deployment,
                source,
                at,
                instance,
            }),
            "repoint" => Ok(Wish::Repoint {
                deployment,
                database,
                old_is_gone: old_is_gone.is_some(),
            }),
            _ => Err(Error::Invalid(vec!["A request is for a restore or for a key.".into()])),
        }
    }
}

/// `POST /requests`
pub async fn create(State(web): State<Web>, caller: Caller, Form(form): Form<Create>) -> Result<Redirect, Refused> {
    let refused = |error: Error| Refused::by(&web, &error, ("/requests/new", "New request"));
    let seen: Result<Sha256, _> = form.digest.parse();
    let seen = seen.map_err(|_| {
        refused(Error::Invalid(vec![
            "The digest of the plan is missing: read the plan first.".into(),
        ]))
    })?;
    let reason = form.reason.clone();
    let wish = form.wish().map_err(refused)?;
    let request = approvals::create(&web.services, &caller.actor, &wish, seen, &reason)
        .await
        .map_err(refused)?;
    Ok(Redirect::to(&page(request.number)))
}

/// What somebody writes beside a decision.
#[derive(Deserialize)]
pub struct Note {
    #[serde(default)]
    note: String,
}

/// `POST /requests/{number}/approve`
pub async fn approve(
    State(web): State<Web>,
    caller: Caller,
    Path(number): Path<i64>,
    Form(note): Form<Note>,
) -> Result<Redirect, Refused> {
    ask(&web, &caller, number, Decision::Approve, &note.note).await
}

/// `POST /requests/{number}/reject`
pub async fn reject(
    State(web): State<Web>,
    caller: Caller,
    Path(number): Path<i64>,
    Form(note): Form<Note>,
) -> Result<Redirect, Refused> {
    ask(&web, &caller, number, Decision::Reject, &note.note).await
}

/// What somebody says to a restore that waits at its target.
#[derive(Deserialize)]
pub struct GoOn {
    #[serde(default)]
    note: String,
    /// The deployment's name, typed by hand.
    #[serde(default)]
    deployment: String,
}

/// `POST /requests/{number}/promote`: the name of the deployment has to be typed, since a cluster is replaced.
pub async fn promote(
    State(web): State<Web>,
    caller: Caller,
    Path(number): Path<i64>,
    Form(said): Form<GoOn>,
) -> Result<Redirect, Refused> {
    let refused = refused(&web, number);
    let stored = web.services.store.request(number).await;
    let stored = stored.map_err(|error| refused(error.into()))?;
    let stored = stored.ok_or_else(|| refused(Error::NotFound(format!("request {number}"))))?;
    if said.deployment.trim() != stored.request.deployment {
        let typed = "Type the deployment’s name to promote: the whole cluster is replaced. Nothing was changed.";
        return Err(refused(Error::Invalid(vec![typed.into()])));
    }
    ask(&web, &caller, number, Decision::Promote, &said.note).await
}

/// `POST /requests/{number}/give-up`
pub async fn give_up(
    State(web): State<Web>,
    caller: Caller,
    Path(number): Path<i64>,
    Form(said): Form<GoOn>,
) -> Result<Redirect, Refused> {
    ask(&web, &caller, number, Decision::GiveUp, &said.note).await
}

/// Begins the login that the decision takes. Answered by a page of our own: a form must not be sent on to another site.
async fn ask(web: &Web, caller: &Caller, number: i64, decision: Decision, note: &str) -> Result<Redirect, Refused> {
    let begun = approvals::begin(&web.services, &caller.actor, caller.session, number, decision, note).await;
    let begun = begun.map_err(refused(web, number))?;
    Ok(Redirect::to(&format!("{}/sign/{}", page(number), begun.challenge)))
}

/// `POST /requests/{number}/confirm/{step}`
pub async fn confirm(
    State(web): State<Web>,
    caller: Caller,
    Path((number, step)): Path<(i64, String)>,
    Form(form): Form<Note>,
) -> Result<Redirect, Refused> {
    let confirmed = runs::confirm(&web.services, &caller.actor, number, &step, &form.note).await;
    confirmed.map_err(refused(&web, number))?;
    Ok(Redirect::to(&page(number)))
}

/// `POST /requests/{number}/withdraw`
pub async fn withdraw(State(web): State<Web>, caller: Caller, Path(number): Path<i64>) -> Result<Redirect, Refused> {
    let done = approvals::withdraw(&web.services, &caller.actor, number).await;
    done.map_err(refused(&web, number))?;
    Ok(Redirect::to(&page(number)))
}

/// `POST /requests/{number}/revoke`: ends an approval that stands.
pub async fn revoke(State(web): State<Web>, caller: Caller, Path(number): Path<i64>) -> Result<Redirect, Refused> {
    let done = approvals::revoke(&web.services, &caller.actor, number).await;
    done.map_err(refused(&web, number))?;
    Ok(Redirect::to(&page(number)))
}

/// `POST /requests/{number}/run`: what no person sees goes to the workers; a key is handed over to its requester's fresh login.
pub async fn run(State(web): State<Web>, caller: Caller, Path(number): Path<i64>) -> Result<Redirect, Refused> {
    let refused = refused(&web, number);
    let stored = web
        .services
        .store
        .request(number)
        .await
        .map_err(|error| refused(error.into()))?;
    let stored = stored.ok_or_else(|| refused(Error::NotFound(format!("request {number}"))))?;
    if stored.plan.pinned.is_handed_over() {
        return ask(&web, &caller, number, Decision::Reveal, "").await;
    }
    runs::start(&web.services, &caller.actor, number)
        .await
        .map_err(refused)?;
    Ok(Redirect::to(&page(number)))
}

/// `POST /runs/{run}/cancel`
pub async fn cancel(State(web): State<Web>, caller: Caller, Path(run): Path<Uuid>) -> Result<Redirect, Refused> {
    let refused = |error: Error| Refused::by(&web, &error, ("/requests", "Requests"));
    runs::cancel(&web.services, &caller.actor, RunId(run))
        .await
        .map_err(refused)?;
    let known = web.services.store.run(RunId(run)).await;
    let known = known.map_err(|error| refused(error.into()))?;
    let known = known.ok_or_else(|| refused(Error::NotFound(format!("run {run}"))))?;
    Ok(Redirect::to(&page(known.number)))
}

/// Which deployment's keys are to be proven.
#[derive(Deserialize)]
pub struct Prove {
    deployment: String,
}

/// `POST /keys/prove`: reads the keys' values, so it is for those who may run things, and each refusal is written down.
pub async fn prove(State(web): State<Web>, caller: Caller, Form(form): Form<Prove>) -> Result<Redirect, Refused> {
    let done = prove_now(&web.services, &caller.actor, &form.deployment).await;
    done.map_err(|error| Refused::by(&web, &error, ("/keys", "Keys")))?;
    let name: String = url::form_urlencoded::byte_serialize(form.deployment.as_bytes()).collect();
    Ok(Redirect::to(&format!("/keys?deployment={name}")))
}

async fn prove_now(services: &Services, actor: &Actor, name: &str) -> Result<(), Error> {
    let deployment = services.settings.deployment(name);
    let deployment = deployment.ok_or_else(|| Error::NotFound(format!("deployment {name:?}")))?;
    if let Err(forbidden) = actor.may(Action::Run, services.settings.approvals.roles) {
        let act = Act::new(actor, "key.prove", "the master key").deployment(name);
        act.refused(&services.store, &forbidden, services.clock.now()).await?;
        return Err(forbidden.into());
    }
    if !services.works {
        // It has no credentials: its proof would overwrite a good one with "unknown".
        return Err(Error::Unavailable(
            "This process shows pages only: a process with workers has to prove keys.".into(),
        ));
    }
    collect::prove(services, deployment, actor).await?;
    Ok(())
}

/// The colours somebody wants.
#[derive(Deserialize)]
pub struct Colours {
    theme: String,
}

/// `POST /theme`: kept in a cookie, so that the server writes it into the document.
pub async fn theme(State(web): State<Web>, headers: HeaderMap, Form(form): Form<Colours>) -> Response {
    let theme = app::theme::Theme::named(&form.theme).name();
    let cookie = format!("{}={theme}; Path=/; Max-Age=31536000; SameSite=Lax", app::theme::COOKIE);
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let back = referring(referer, &web.public_url);
    (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(&back)).into_response()
}
