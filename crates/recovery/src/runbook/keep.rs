//! The daily copy: written away from here, so that it can be read when Muster is down. How old the newest one is stays visible.

use adapters::documents::DocumentError;
use chrono::TimeDelta;
use domain::runbook::Runbook;
use domain::time::Timestamp;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::{Error, Services};

/// A copy is written anew once it is this old.
const DAILY: TimeDelta = TimeDelta::hours(24);
/// How often the clock is looked at; a copy that failed is tried again then.
const LOOK: std::time::Duration = std::time::Duration::from_secs(300);
/// Time that the first observations get before anything is written of them.
const SETTLE: std::time::Duration = std::time::Duration::from_secs(20);
/// Facts in which it is remembered when a copy was last written, and why the last try failed.
const WRITTEN: &str = "runbook-written";
const FAILED: &str = "runbook-failed";

/// The newest copy of one deployment's runbook.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Copy {
    /// Where it lies, and since when.
    pub written: Option<(String, Timestamp)>,
    /// Why a later try failed.
    pub failed: Option<(String, Timestamp)>,
}

/// What is known of the copies of a deployment's runbook.
///
/// # Errors
/// If the store can't be read.
pub async fn newest(store: &Store, deployment: &str) -> Result<Copy, Error> {
    let facts = store.facts_now(deployment).await?;
    let seen = |name: &str| {
        let fact = facts.iter().find(|(fact, _)| fact == name);
        fact.map(|(_, seen)| (seen.value.clone(), seen.until))
    };
    let written = seen(WRITTEN);
    let later = |(_, at): &(String, Timestamp)| written.as_ref().is_none_or(|(_, good)| at > good);
    Ok(Copy {
        failed: seen(FAILED).filter(later),
        written,
    })
}

/// Writes the copies as they come due, until it is stopped. The process with the lead of this does it; `render` makes the file.
pub async fn write_daily(services: Services, render: fn(&Runbook) -> String, stop: CancellationToken) {
    let mut pause = SETTLE;
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = LOOK;
        match services.store.try_lead_runbooks().await {
            Ok(None) => {}
            Ok(Some(lead)) => {
                write_due(&services, render).await;
                if let Err(error) = lead.release().await {
                    tracing::warn!(%error, "the lead of the runbooks was lost");
                }
            }
            Err(error) => tracing::warn!(%error, "no runbook could be written"),
        }
    }
}

async fn write_due(services: &Services, render: fn(&Runbook) -> String) {
    for deployment in &services.settings.deployments {
        let name = &deployment.name;
        let written = match newest(&services.store, name).await {
            Ok(copy) => copy.written,
            Err(error) => {
                tracing::warn!(
                    error = error.chain(),
                    deployment = name,
                    "the age of the runbook isn’t known"
                );
                continue;
            }
        };
        let now = services.clock.now();
        if written.is_some_and(|(_, at)| now - at < DAILY) {
            continue;
        }
        if let Err(error) = write(services, name, render, now).await {
            tracing::warn!(
                error = error.chain(),
                deployment = name,
                "the runbook could not be written"
            );
        }
    }
}

async fn write(
    services: &Services,
    deployment: &str,
    render: fn(&Runbook) -> String,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(place) = &services.settings.runbook.place else {
        return Ok(());
    };
    let runbook = super::cached(services, deployment).await?;
    let name = format!("runbook-{deployment}.html");
    let done = place.put(&name, render(&runbook).into_bytes()).await;
    let fact = match &done {
        Ok(lies) => (WRITTEN.to_owned(), lies.clone()),
        Err(error) => (FAILED.to_owned(), error.to_string()),
    };
    // A run that goes on is one that was written on the day before, at most.
    services.store.facts_seen(deployment, &[fact], now, DAILY * 3).await?;
    done.map(drop)
        .map_err(|error: DocumentError| Error::Unavailable(format!("{error}.")))
}
