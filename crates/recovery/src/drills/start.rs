//! A person starts a drill. It harms nothing, so one operator is enough; it is refused where it would only be in the way.

use domain::drill::{Choice, Trigger};
use domain::ids::DrillId;
use domain::role::{Action, Actor};
use store::StoreError;
use store::drills::drill_waiting;

use super::managed::asked;
use crate::audit::Act;
use crate::settings::{Deployment, Source};
use crate::{Error, Services, collect};

/// Puts a drill into the queue for a person.
///
/// # Errors
/// If the role doesn't allow it, there is no such deployment or backup, one waits already, or a restore is under way.
pub async fn start(services: &Services, actor: &Actor, deployment: &str, choice: Choice) -> Result<DrillId, Error> {
    let now = services.clock.now();
    let settings = services.deployment(deployment)?;
    if let Err(refusal) = actor.may(Action::Drill, services.settings.approvals.roles) {
        let act = Act::new(actor, "drill.start", choice.words()).deployment(deployment);
        act.refused(&services.store, &refusal, now).await?;
        return Err(refusal.into());
    }
    // AWS tells of a moment whether it can be restored, and the drill asks.
    let of_a_moment = asked(&choice).is_some() && !settings.drills.managed.is_empty();
    if let Choice::Label { label, source } = &choice
        && !of_a_moment
    {
        is_listed(services, settings, label, source.as_deref()).await?;
    }
    if services.store.restores_underway(deployment).await? {
        return Err(Error::invalid(format!(
            "A restore of {deployment} is under way. A drill would read the same repository and slow it down: start it when the restore is \
             over. No drill was started."
        )));
    }
    let mut tx = services.store.begin().await?;
    if let Some(waiting) = drill_waiting(&mut tx, deployment).await? {
        return Err(Error::invalid(format!(
            "A drill of {deployment} waits already: {waiting}. Cancel that one to start another. No drill was started."
        )));
    }
    let id = super::queue_in(services, actor, deployment, choice, Trigger::Person, &mut tx).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(id)
}

/// A name that somebody typed is answered at once, not by a drill that finds nothing. A source that can't be read now may still have it.
async fn is_listed(
    services: &Services,
    deployment: &Deployment,
    label: &str,
    source: Option<&str>,
) -> Result<(), Error> {
    let observed = collect::cached(&services.store, deployment).await?;
    let inventory = collect::assemble(deployment, &observed, services.clock.now());
    let mut named = inventory.backups.iter().filter(|backup| backup.label == label);
    let found = named.find(|backup| source.is_none_or(|source| backup.source == source));
    if let Some(backup) = found {
        return cannot_rehearse(deployment, &backup.source).map_or(Ok(()), |why| Err(Error::invalid(why)));
    }
    let asked = |name: &str| source.is_none_or(|source| source == name);
    let mut unread = inventory.sources.iter().filter(|one| asked(&one.name));
    if unread.any(|one| one.status == domain::status::Status::Unknown) {
        return Ok(());
    }
    let of = source.map_or_else(String::new, |source| format!(" of {source}"));
    Err(Error::invalid(format!(
        "No backup named {label}{of} is listed. Choose one that Backups shows. No drill was started."
    )))
}

/// Why backups of a source can't be rehearsed; `None` if they can.
#[must_use]
pub fn cannot_rehearse(deployment: &Deployment, source: &str) -> Option<String> {
    let known = deployment.sources.iter().find(|one| one.name() == source)?;
    match known {
        Source::PgBackRest(_) | Source::Dumps(_) => None,
        Source::WalG(_) => Some(format!(
            "{source}: this version reads wal-g and restores nothing from it."
        )),
        Source::Rds(_) => Some(format!(
            "{source}: drills restore RDS to a moment, not from one snapshot. Start one of the latest restorable time, of a random one, or of a \
             time such as 2026-04-01T02:00:00Z."
        )),
        Source::Unusable { reason, .. } => Some(format!("{source}: {reason}")),
    }
}
