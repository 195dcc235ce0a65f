//! Looking at everything on a schedule. Each subject has its own pace and its own time limit, so one that hangs, floods or fails holds up
//! no other; and one process of a site looks, however many there are.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::time::span;
use futures::FutureExt as _;
use futures::future::join_all;
use store::{Leadership, StoreError};
use tokio_util::sync::CancellationToken;

use super::subject::Subject;
use super::{keep, look, reading, standing};
use crate::Services;
use crate::settings::Deployment;

/// Between two attempts to take the lead, and between two looks whether it is still held.
const TERM: Duration = Duration::from_secs(5);
/// Between two readings that are stored as a deployment's standing.
const STANDING: Duration = Duration::from_secs(30);
/// Between two rounds of forgetting.
const PRUNE: Duration = Duration::from_secs(3600);
/// Whether a look is due is asked at least this often.
const LONGEST: Duration = Duration::from_secs(3600);
/// A source that keeps failing is asked less often, but never less often than this.
const SLOWEST: Duration = Duration::from_secs(600);

/// Looks at every deployment until it is stopped, whenever this process has the lead.
pub async fn run(services: Services, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Leadership::try_acquire(&services.store).await {
            Ok(Some(lead)) => during(&services, lead, &stop).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "nothing is looked at: the database doesn’t answer"),
        }
        pause(&stop, TERM).await;
    }
}

async fn during(services: &Services, mut lead: Leadership, stop: &CancellationToken) {
    let term = stop.child_token();
    let deployments = &services.settings.deployments;
    let watched = join_all(deployments.iter().map(|deployment| watch(services, deployment, &term)));
    let held = async {
        while lead.still_held().await && !term.is_cancelled() {
            pause(&term, TERM).await;
        }
        term.cancel();
    };
    tokio::join!(watched, forget(services, &term), held);
    if let Err(error) = lead.release().await {
        tracing::warn!(%error, "the lead was lost; another process looks now");
    }
}

async fn watch(services: &Services, deployment: &Deployment, stop: &CancellationToken) {
    let subjects = Subject::of(deployment);
    let looks = subjects
        .iter()
        .map(|subject| repeat(services, deployment, subject, stop));
    let standing = async {
        while !stop.is_cancelled() {
            if let Err(error) = standing::record(services, deployment).await {
                tracing::warn!(%error, deployment = deployment.name, "its standing could not be stored");
            }
            pause(stop, STANDING).await;
        }
    };
    tokio::join!(join_all(looks), standing);
}

async fn repeat(services: &Services, deployment: &Deployment, subject: &Subject<'_>, stop: &CancellationToken) {
    let mut failures = 0;
    while !stop.is_cancelled() {
        let good = tokio::select! {
            () = stop.cancelled() => break,
            good = once(services, deployment, subject) => good,
        };
        let good = good.unwrap_or_else(|error| {
            tracing::warn!(%error, deployment = deployment.name, %subject, "a reading could not be stored");
            false
        });
        failures = if good { 0 } else { failures + 1 };
        let every = subject.pace().every.min(LONGEST);
        pause(stop, next(every, failures, rand::random_range(0.9..1.1))).await;
    }
}

/// Looks once, if it is due, and keeps what came of it. Answers whether the subject could be read.
async fn once(services: &Services, deployment: &Deployment, subject: &Subject<'_>) -> Result<bool, StoreError> {
    if !look::due(services, deployment, subject).await? {
        return Ok(true);
    }
    let limit = subject.pace().limit;
    let looking = AssertUnwindSafe(look::look(services, deployment, subject)).catch_unwind();
    let nothing = |why: String| reading::nothing(subject, deployment, why);
    let reading = match tokio::time::timeout(limit, looking).await {
        Ok(Ok(reading)) => reading?,
        Ok(Err(_panic)) => {
            nothing("Muster itself failed while reading it: a mistake in Muster; its log has the details".into())
        }
        Err(_elapsed) => nothing(format!("no answer within {}", span(limit.as_secs().cast_signed()))),
    };
    look::keep(services, deployment, subject, reading).await
}

/// The pause before the next look: doubled with each failure, and never the same twice, so that a site's sources aren't asked in step.
fn next(every: Duration, failures: u32, jitter: f64) -> Duration {
    let slowed = every.saturating_mul(1 << failures.min(10)).min(every.max(SLOWEST));
    slowed.mul_f64(jitter)
}

async fn forget(services: &Services, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = keep::prune(&services.store).await {
            tracing::warn!(%error, "old history could not be forgotten");
        }
        pause(stop, PRUNE).await;
    }
}

async fn pause(stop: &CancellationToken, length: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(length) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_fails_is_asked_less_often_but_still_asked() {
        let every = Duration::from_secs(60);
        let pauses = [0, 1, 2, 3, 4, 40].map(|failures| next(every, failures, 1.0).as_secs());
        assert_eq!(pauses, [60, 120, 240, 480, 600, 600]);
        assert_eq!(next(Duration::from_secs(3600), 5, 1.0).as_secs(), 3600);
        assert!(next(every, 0, 0.9) < every && every < next(every, 0, 1.1));
    }
}
