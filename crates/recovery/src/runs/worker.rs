//! The loop that claims runs. A worker holds a run by a lease on the database's clock; if it can't renew, it ends its own tools before the
//! lease is over, so that whoever claims the run next is alone with it.

use std::sync::Arc;
use std::time::Duration;

use domain::run::{Recovery, RunState, after_crash};
use store::events::{Event, Events};
use store::runs::Claimed;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::execution::Execution;
use crate::{Error, Services};

/// How long a claim lasts without being renewed.
const LEASE: Duration = Duration::from_secs(60);
/// How long before the end of its lease a worker that can't renew gives up.
const MARGIN: Duration = Duration::from_secs(10);
/// Looks for work this often even if no event told of any: an abandoned run makes no noise.
const LOOK: Duration = Duration::from_secs(5);

/// Works until it is stopped. A run that is under way at that moment is ended and left to the next worker.
pub async fn work(services: Services, events: Arc<Events>, stop: CancellationToken) {
    let name = format!("{}:{}", hostname(), std::process::id());
    let mut subscription = events.subscribe();
    while !stop.is_cancelled() {
        match services.store.run_claim(&name, LEASE).await {
            Ok(Some(claimed)) => {
                Box::pin(carry_out(&services, claimed, &stop)).await;
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no run could be claimed"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(LOOK) => {}
            () = woken(&mut subscription) => {}
        }
    }
}

async fn woken(subscription: &mut store::events::Subscription) {
    loop {
        match subscription.next().await {
            Some(Event::Work | Event::Refresh) => return,
            Some(Event::Changed(_)) => {}
            None => return std::future::pending().await,
        }
    }
}

pub fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").map_or_else(|_| "host".into(), |name| name.trim().to_owned())
}

async fn carry_out(services: &Services, claimed: Claimed, stop: &CancellationToken) {
    let run = claimed.run;
    let end = stop.child_token();
    let steps: Vec<_> = claimed
        .steps
        .iter()
        .map(|(step, state)| (step.destructive, state.clone()))
        .collect();
    let execution = Arc::new(Execution::new(services.clone(), claimed, end.clone()));
    let keeper = AbortOnDropHandle::new(tokio::spawn(keep(Arc::clone(&execution), end.clone())));
    let done = go_on(&execution, after_crash(&steps)).await;
    end.cancel();
    drop(keeper);
    if let Err(error) = done {
        tracing::error!(error = error.chain(), %run, "a run could not be carried on; it is left to the next worker");
        sleep(Duration::from_secs(1)).await;
    }
}

async fn go_on(execution: &Execution, recovery: Recovery) -> Result<(), Error> {
    let at = execution.services.clock.now();
    match recovery {
        Recovery::Resume { step } => execution.run_from(step).await,
        Recovery::CloseSucceeded => execution.close(RunState::Succeeded { at }).await,
        Recovery::CloseFailed { step } => {
            let reason = format!("step {} failed", step + 1);
            execution.close(RunState::Failed { at, reason }).await
        }
        Recovery::NeedsHuman { step } => execution.close_unknown(step).await,
    }
}

/// Renews the lease and listens for a cancel. Ends the run's tools when the lease can't be kept.
async fn keep(execution: Arc<Execution>, end: CancellationToken) {
    let mut safe_until = Instant::now() + LEASE - MARGIN;
    let mut renew_at = Instant::now() + LEASE / 3;
    while !end.is_cancelled() {
        tokio::select! {
            () = end.cancelled() => return,
            () = sleep(Duration::from_secs(1)) => {}
        }
        execution.look_for_cancel().await;
        if Instant::now() < renew_at {
            continue;
        }
        let renewal = timeout(MARGIN / 2, execution.renew(LEASE)).await;
        match renewal {
            Ok(Ok(true)) => {
                safe_until = Instant::now() + LEASE - MARGIN;
                renew_at = Instant::now() + LEASE / 3;
            }
            Ok(Ok(false)) => return lost(&execution, &end),
            Ok(Err(_)) | Err(_) if Instant::now() >= safe_until => return lost(&execution, &end),
            Ok(Err(Error::Store(error))) => tracing::warn!(%error, "the lease could not be renewed yet"),
            Ok(Err(_)) | Err(_) => tracing::warn!("the lease could not be renewed yet"),
        }
    }
}

fn lost(execution: &Execution, end: &CancellationToken) {
    tracing::error!(run = %execution.run(), "the lease is lost: the run’s tools are ended");
    end.cancel();
}
