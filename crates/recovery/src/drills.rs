//! Drills: a backup is restored where nothing can be harmed, and looked at. Starting one needs one operator, since it changes nothing.

mod checks;
mod choose;
mod clearing;
mod compare;
mod coverage;
mod execution;
mod fetch;
mod instance;
mod list;
mod managed;
mod measure;
mod receipt;
mod schedule;
mod see;
mod sign;
mod stage;
mod standing;
mod start;
mod worker;

use domain::audit::Outcome;
use domain::drill::{Choice, Drill, Trigger};
use domain::ids::DrillId;
use domain::role::{Action, Actor};
use store::drills::{drill_cancel, drill_insert};
use uuid::Uuid;

use crate::audit::Act;
use crate::{Error, Services};

pub use compare::{Comparison, Sides, compare};
pub use coverage::{Proof, with_drills};
pub use list::{Filter, Listed, Place, list};
pub use schedule::{NextRun, follow, look, next_runs};
pub use see::{LogPage, Seen, log, log_text, measured, receipt, receipt_keys, see};
pub use sign::{KeyFileError, Signer, Unverified, public_keys, verify};
pub use standing::{Planned, Standing, standings};
pub use start::{cannot_rehearse, start};
pub use store::drills::{DrillLine, DrillState, ReceiptKey, StoredDrill, StoredDrillLine};
pub use worker::{run_here, sweep, work};

/// Puts a drill into the queue for Muster itself, or for whoever sits at its shell.
///
/// # Errors
/// If there is no such deployment, or the store doesn't take it.
pub async fn queue(
    services: &Services,
    actor: &Actor,
    deployment: &str,
    choice: Choice,
    trigger: Trigger,
) -> Result<DrillId, Error> {
    services.deployment(deployment)?;
    let mut tx = services.store.begin().await?;
    let id = queue_in(services, actor, deployment, choice, trigger, &mut tx).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(id)
}

async fn queue_in(
    services: &Services,
    actor: &Actor,
    deployment: &str,
    choice: Choice,
    trigger: Trigger,
    tx: &mut store::PgConnection,
) -> Result<DrillId, Error> {
    let now = services.clock.now();
    let id = DrillId(Uuid::from_bytes(rand::random()));
    let act = Act::new(actor, "drill.start", choice.words()).deployment(deployment);
    let act = act.detail("drill", id).detail("by", trigger.word());
    let asked = (trigger, actor.person.clone(), actor.name.clone());
    drill_insert(tx, &Drill::queued(id, deployment, choice, asked, now)).await?;
    act.fact(tx, Outcome::Ok, now).await?;
    Ok(id)
}

/// Asks for a drill to be stopped; whoever runs it removes its sandbox first.
///
/// # Errors
/// If it is over, or the role doesn't allow it.
pub async fn cancel(services: &Services, actor: &Actor, drill: DrillId) -> Result<(), Error> {
    let now = services.clock.now();
    let known = services.store.drill(drill).await?;
    let known = known.ok_or_else(|| Error::NotFound(format!("drill {drill}")))?;
    let act = Act::new(actor, "drill.cancel", format!("drill {drill}")).deployment(&known.drill.deployment);
    if let Err(refusal) = actor.may(Action::Drill, services.settings.approvals.roles) {
        act.refused(&services.store, &refusal, now).await?;
        return Err(refusal.into());
    }
    let mut tx = services.store.begin().await?;
    if !drill_cancel(&mut tx, drill).await? {
        return Err(Error::invalid("The drill is over."));
    }
    act.fact(&mut tx, Outcome::Ok, now).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}
