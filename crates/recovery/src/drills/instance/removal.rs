//! The end of a temporary instance: AWS is asked to delete it when the drill ends, and by the next Muster that looks where that didn't happen.
//! What the record doesn't name exactly is let alone, whatever it is called.

use std::time::Duration;

use adapters::rds::{Instance, Rds, Removal, RemovalError};
use domain::audit::Outcome;
use domain::drill::{Drill, Failure, TemporaryInstance};
use domain::ids::DrillId;
use domain::role::Actor;
use tokio::time::{Instant as Clock, sleep};

use super::{FIRST, LONGEST};
use crate::audit::Act;
use crate::drills::execution::Execution;
use crate::settings::{Deployment, Source};
use crate::{Error, Services};

/// How long AWS may take to delete one, or to get it into a state in which it does.
const PATIENCE: Duration = Duration::from_mins(45);
/// The same for a Muster that is being stopped: the next one goes on.
const HURRY: Duration = Duration::from_secs(5);

/// Has the drill's instance deleted and waits until it is gone. `None`: there was none.
///
/// # Errors
/// If AWS doesn't take it: then it is there still, and Muster tries again.
pub async fn remove(run: &Execution) -> Result<Option<String>, Failure> {
    let drill = run.drill();
    let Some(made) = &drill.instance else {
        return Ok(None);
    };
    let rds = source(&run.deployment, &made.source).ok_or_else(|| left(made, "its source is no longer configured"))?;
    let (began, mut pause) = (Clock::now(), FIRST);
    loop {
        let asked = rds.remove_temporary(drill.id, made).await;
        if matches!(asked, Ok(Removal::Gone)) {
            run.with(|drill| gone(drill, run.services.clock.now()));
            return Ok(Some(format!("{} is deleted", made.name)));
        }
        let patience = if run.is_stopping() { HURRY } else { PATIENCE };
        match asked {
            Ok(Removal::Underway) if began.elapsed() > patience => {
                return Ok(Some(format!("AWS deletes {}, and isn’t done yet", made.name)));
            }
            Err(error @ RemovalError::NotOurs { .. }) => return Err(left(made, &error.to_string())),
            Err(RemovalError::Rds(error)) if !error.may_pass() || began.elapsed() > patience => {
                return Err(left(made, &error.to_string()));
            }
            Ok(Removal::NotYet(status)) if began.elapsed() > patience => {
                return Err(left(made, &format!("AWS deletes none that is {status}")));
            }
            _ => {}
        }
        tokio::select! {
            () = run.stopping.cancelled(), if !run.is_stopping() => {}
            () = sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST);
    }
}

fn gone(drill: &mut Drill, at: domain::time::Timestamp) {
    if let Some(instance) = &mut drill.instance {
        instance.gone_at = Some(at);
    }
}

fn left(made: &TemporaryInstance, why: &str) -> Failure {
    Failure::of_environment(
        "instance-left",
        format!(
            "the temporary instance {} is there still, with all that production holds: {why}",
            made.identity()
        ),
        "Muster tries again at its next start and every ten minutes; see that it may (rds:DeleteDBInstance), or delete the instance in the console of AWS",
    )
}

fn source<'a>(deployment: &'a Deployment, name: &str) -> Option<&'a Rds> {
    deployment.sources.iter().find_map(|source| match source {
        Source::Rds(rds) if rds.name == name => Some(rds),
        _ => None,
    })
}

/// Asks AWS to delete what a drill made whose Muster was lost.
pub async fn clear_abandoned(deployment: &Deployment, drill: &Drill) {
    let Some(made) = &drill.instance else {
        return;
    };
    let Some(rds) = source(deployment, &made.source) else {
        tracing::error!(drill = %drill.id, instance = made.name, "the instance of a drill that was lost is left: its source is no longer configured");
        return;
    };
    if let Err(error) = rds.remove_temporary(drill.id, made).await {
        tracing::error!(%error, drill = %drill.id, "the instance of a drill that was lost could not be deleted yet");
    }
}

/// Deletes what drills left that are over. Those of another Muster, whose drills this one doesn't know, are let alone.
pub async fn sweep(services: &Services) {
    for deployment in &services.settings.deployments {
        for name in deployment.drills.managed.keys() {
            let Some(rds) = source(deployment, name) else { continue };
            if let Err(error) = sweep_region(services, deployment, rds).await {
                tracing::error!(
                    error = error.chain(),
                    source = name,
                    "what earlier drills left at AWS could not be deleted"
                );
            }
        }
    }
}

async fn sweep_region(services: &Services, deployment: &Deployment, rds: &Rds) -> Result<(), Error> {
    let all = rds.temporaries().await;
    for found in all.map_err(|error| Error::Unavailable(format!("{error}.")))? {
        let Some(drill) = over(services, deployment, rds, &found).await? else {
            continue;
        };
        let Some(made) = drill.instance.as_ref().filter(|_| found.status != "deleting") else {
            continue;
        };
        announce(services, deployment, made, drill.id).await?;
        match rds.remove_temporary(drill.id, made).await {
            Ok(Removal::Gone | Removal::Underway) => {
                tracing::info!(drill = %drill.id, instance = made.name, "AWS deletes the instance of a drill that ended without it");
            }
            Ok(Removal::NotYet(status)) => {
                tracing::warn!(
                    instance = made.name,
                    status,
                    "the instance of a drill can’t be deleted yet"
                );
            }
            Err(error) => tracing::error!(%error, "the instance of a drill could not be deleted"),
        }
    }
    Ok(())
}

/// The drill that it was made by, if that is this Muster's, of this source, and over.
async fn over(
    services: &Services,
    deployment: &Deployment,
    rds: &Rds,
    found: &Instance,
) -> Result<Option<Drill>, Error> {
    let id = found.drill.as_deref().and_then(|tag| tag.parse().ok()).map(DrillId);
    let Some(id) = id else { return Ok(None) };
    let known = services.store.drill(id).await?.filter(|known| known.state.is_over());
    let own = |drill: &Drill| {
        let made = drill.instance.as_ref();
        drill.deployment == deployment.name && made.is_some_and(|made| made.source == rds.name)
    };
    Ok(known.map(|known| known.drill).filter(own))
}

/// The entry is there before anything is deleted.
async fn announce(
    services: &Services,
    deployment: &Deployment,
    made: &TemporaryInstance,
    drill: DrillId,
) -> Result<(), Error> {
    let actor = Actor::job("drill");
    let act = Act::new(&actor, "drill.remove-instance", format!("drill {drill}"));
    let act = act.deployment(&deployment.name).detail("instance", made.identity());
    let mut tx = services.store.begin().await?;
    act.fact(&mut tx, Outcome::Ok, services.clock.now()).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}
