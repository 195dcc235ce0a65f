//! Carrying out what was approved: step by step, each written down before and after, by whoever holds the run's lease.

mod custodian;
mod execution;
pub(crate) mod fault;
mod full_disaster;
mod key_catch_up;
mod log_page;
mod manual;
mod place_key;
mod repoint;
mod report;
mod restore_dump;
mod restore_pitr;
mod restore_rds;
mod reveal;
mod rollout;
mod tool_log;
mod worker;

use domain::approval::Refusal;
use domain::audit::Outcome;
use domain::ids::RunId;
use domain::plan::LET_IN;
use domain::role::{Action, Actor};
use domain::run::StepState;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::audit::Act;
use crate::{Error, Services};

pub use log_page::{LogPage, log_page, whole_log};
pub use manual::{UNVERIFIED, confirm};
pub use report::{report, settle};
pub use reveal::{Revealed, SealedShare, reveal};
pub use store::runs::ReportLine;
pub use store::runs::{LogLine, LogStream, Run, StoredLine};
pub(crate) use worker::hostname;
pub use worker::work;

/// Since when the cluster that a run set back is in use: clients were let in. `None`: they weren't, or it sets no cluster back.
#[must_use]
pub fn in_use_since(run: &Run) -> Option<Timestamp> {
    let let_in = run.steps.iter().find(|(step, _)| step.name == LET_IN);
    match let_in? {
        (_, StepState::Done { at, .. }) => Some(*at),
        _ => None,
    }
}

/// Starts the run of an approved request. From here on the approval is used up.
///
/// # Errors
/// If it isn't approved, its time is over, another run of the deployment is active, or the role doesn't allow it.
pub async fn start(services: &Services, actor: &Actor, number: i64) -> Result<RunId, Error> {
    let now = services.clock.now();
    let rules = services.settings.approvals.roles;
    let mut tx = services.store.begin().await?;
    let stored = store::requests::lock(&mut tx, number).await?;
    let stored = stored.ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let act = Act::new(actor, "run.start", format!("request {number}")).request(&stored.request);
    if stored.plan.pinned.is_handed_over() {
        return Err(Error::invalid(
            "A key is revealed to its requester’s own fresh login; no worker runs it.",
        ));
    }
    if stored.plan.pinned.standing().is_some() {
        return Err(Error::invalid(
            "There is nothing to run: drills use this approval by themselves, until its time is over or somebody revokes it.",
        ));
    }
    let run = RunId(Uuid::from_bytes(rand::random()));
    let consumed = match stored.request.consume(run, actor, rules, now) {
        Ok(consumed) => consumed,
        Err(refusal) => {
            drop(tx);
            act.refused(&services.store, &refusal, now).await?;
            return Err(refusal.into());
        }
    };
    store::requests::save(&mut tx, &consumed).await?;
    store::runs::insert(&mut tx, run, &consumed, stored.plan.pinned.steps(), now).await?;
    act.detail("run", run).fact(&mut tx, Outcome::Ok, now).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(run)
}

/// Asks for a run to be stopped. Its worker ends the tool with its whole process group and says where it stopped.
///
/// # Errors
/// If it is over, or the role doesn't allow it.
pub async fn cancel(services: &Services, actor: &Actor, run: RunId) -> Result<(), Error> {
    let now = services.clock.now();
    let known = services.store.run(run).await?;
    let object = known
        .as_ref()
        .map_or_else(|| format!("run {run}"), |run| format!("request {}", run.number));
    let mut act = Act::new(actor, "run.cancel", object).detail("run", run);
    if let Some(known) = &known {
        act = act.deployment(&known.deployment);
    }
    // Who may cancel no run at all isn't told which there are.
    if let Err(refusal) = actor.may(Action::Run, services.settings.approvals.roles) {
        act.refused(&services.store, &refusal, now).await?;
        return Err(refusal.into());
    }
    if known.is_none() {
        return Err(Error::NotFound(format!("run {run}")));
    }
    let mut tx = services.store.begin().await?;
    if !store::runs::cancel(&mut tx, run).await? {
        return Err(Refusal::NotApproved("over").into());
    }
    act.fact(&mut tx, Outcome::Ok, now).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}
