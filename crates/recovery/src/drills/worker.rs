//! The loop that claims drills, as many at a time as the site allows, and the sweep that removes what a killed Muster left.

use std::sync::Arc;
use std::time::Duration;

use domain::drill::Failure;
use domain::ids::DrillId;
use domain::time::bytes;
use store::drills::{ClaimedDrill, StoredDrill};
use store::events::{Event, Events};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::execution::Execution;
use super::{clearing, instance};
use crate::settings::{Deployment, Sandbox};
use crate::{Error, Services};

/// How long a claim lasts without being renewed.
const LEASE: Duration = Duration::from_secs(20);
/// How long before the end of its lease a worker that can't renew gives up.
const MARGIN: Duration = Duration::from_secs(6);
const RENEW: Duration = Duration::from_secs(1);
/// Looks for work this often even if no event told of any.
const LOOK: Duration = Duration::from_secs(5);
/// Between two looks for sandboxes that were kept long enough, and logs.
const SWEEP: Duration = Duration::from_secs(600);
/// Logs of drills may quote rows, so they don't stay as long as the drills.
const LOGS: Duration = Duration::from_secs(90 * 86_400);
/// Between two looks at what a sandbox takes.
const WATCH: Duration = Duration::from_secs(5);
/// Left to others on the disk of the sandbox.
const RESERVE: u64 = 64 << 20;
/// A command line that waits for its place looks this often.
const POLL: Duration = Duration::from_millis(500);

/// Works until it is stopped. Drills that are under way at that moment are ended, and what they made is removed.
pub async fn work(services: Services, events: Arc<Events>, stop: CancellationToken) {
    sweep(&services).await;
    let (name, limit) = (name(), services.settings.drills.parallel);
    let (mut subscription, mut running, mut swept) = (events.subscribe(), JoinSet::new(), Instant::now());
    while !stop.is_cancelled() {
        while let Some(claimed) = claim(&services, &name, limit, None).await {
            running.spawn(carry_out(services.clone(), claimed, stop.clone()));
        }
        if swept.elapsed() > SWEEP {
            sweep(&services).await;
            swept = Instant::now();
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = running.join_next() => {}
            () = sleep(LOOK) => {}
            () = woken(&mut subscription) => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Removes what drills of a Muster that was killed left on this host, and logs that are old.
pub async fn sweep(services: &Services) {
    let now = services.clock.now();
    let sandboxes = services
        .settings
        .deployments
        .iter()
        .filter_map(|deployment| deployment.drills.sandbox.as_ref());
    let mut seen = std::collections::BTreeSet::new();
    for sandbox in sandboxes.filter(|sandbox| seen.insert(sandbox.places.root.clone())) {
        if let Err(error) = sandbox.places.sweep(now).await {
            tracing::error!(%error, "what earlier drills left could not be removed");
        }
    }
    clearing::sweep(services).await;
    instance::sweep(services).await;
    if let Err(error) = services.store.drill_logs_prune(LOGS).await {
        tracing::warn!(%error, "old logs of drills could not be forgotten");
    }
}

/// Runs one drill in this process, or waits while another one does. Answers it once it is over.
///
/// # Errors
/// If the store can't be asked, or `stop` fires: then the drill is ended first.
pub async fn run_here(services: &Services, drill: DrillId, stop: &CancellationToken) -> Result<StoredDrill, Error> {
    let (name, limit) = (name(), services.settings.drills.parallel);
    loop {
        let found = services.store.drill(drill).await?;
        let found = found.ok_or_else(|| Error::NotFound(format!("drill {drill}")))?;
        if found.state.is_over() {
            return Ok(found);
        }
        if let Some(claimed) = services.store.drill_claim(&name, LEASE, limit, Some(drill)).await? {
            // A drill is a deep future, and whoever waits for it may have a small stack.
            Box::pin(carry_out(services.clone(), claimed, stop.clone())).await;
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return Err(Error::Unavailable("The drill was not waited for.".into())),
            () = sleep(POLL) => {}
        }
    }
}

fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "host".into(), |name| name.trim().to_owned());
    format!("{host}:{}", std::process::id())
}

async fn claim(services: &Services, name: &str, limit: u32, only: Option<DrillId>) -> Option<ClaimedDrill> {
    match services.store.drill_claim(name, LEASE, limit, only).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(%error, "no drill could be claimed");
            None
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

async fn carry_out(services: Services, claimed: ClaimedDrill, stop: CancellationToken) {
    let (id, abandoned) = (claimed.drill.id, claimed.abandoned);
    let deployment = services.settings.deployment(&claimed.drill.deployment).cloned();
    let Some(deployment) = deployment.map(|deployment: Deployment| deployment) else {
        tracing::error!(drill = %id, deployment = claimed.drill.deployment, "a drill is of a deployment that isn’t configured any more");
        return;
    };
    let sandbox = deployment.drills.sandbox.clone();
    let execution = Arc::new(Execution::new(services, deployment, claimed, stop));
    let end = execution.end.clone();
    let keeper = AbortOnDropHandle::new(tokio::spawn(keep(Arc::clone(&execution), end.clone())));
    let watcher = sandbox.map(|sandbox| tokio::spawn(watch(Arc::clone(&execution), end.clone(), sandbox)));
    let watcher = watcher.map(AbortOnDropHandle::new);
    let done = if abandoned {
        execution.close_abandoned().await
    } else {
        execution.run().await
    };
    drop((keeper, watcher));
    if let Err(error) = done {
        tracing::error!(error = error.chain(), drill = %id, "a drill could not be carried on; it is closed once its lease is over");
    }
}

/// Renews the lease and listens for a cancel. Ends the drill's tools when the lease can't be kept.
async fn keep(execution: Arc<Execution>, end: CancellationToken) {
    let mut safe_until = Instant::now() + LEASE - MARGIN;
    loop {
        sleep(RENEW).await;
        match timeout(MARGIN / 2, execution.renew(LEASE)).await {
            Ok(Ok(true)) => safe_until = Instant::now() + LEASE - MARGIN,
            Ok(Ok(false)) => return end.cancel(),
            Ok(Err(_)) | Err(_) if Instant::now() >= safe_until => return end.cancel(),
            Ok(Err(_)) | Err(_) => tracing::warn!("the lease of a drill could not be renewed yet"),
        }
    }
}

/// Ends the drill when it takes more than it may. Apart from the lease, since counting the files of a large sandbox takes its time.
async fn watch(execution: Arc<Execution>, end: CancellationToken, sandbox: Sandbox) {
    let began = Instant::now();
    while !end.is_cancelled() {
        sleep(WATCH).await;
        if let Some(reason) = too_much(&sandbox, execution.id(), began.elapsed()).await {
            tracing::warn!(drill = %execution.id(), reason = reason.words, "a drill is ended");
            return execution.end_for(reason);
        }
    }
}

/// What it takes more of than it may: time or disk. Memory and processors are its server's, and held elsewhere.
async fn too_much(sandbox: &Sandbox, drill: DrillId, so_far: Duration) -> Option<Failure> {
    if so_far > sandbox.time_limit {
        return Some(Failure::of_environment(
            "too-slow",
            "the drill took longer than it may",
            "look at the drill’s log; give it more time with [deployment.sandbox] time_limit",
        ));
    }
    let (places, limit) = (sandbox.places.clone(), sandbox.disk_limit);
    // Walks over a folder of many files.
    let taken = tokio::task::spawn_blocking(move || (places.size_of(drill), places.free().unwrap_or(u64::MAX)));
    let (size, free) = taken.await.ok()?;
    if let Some(limit) = limit.filter(|limit| size > *limit) {
        return Some(Failure::of_environment(
            "disk-limit",
            format!("the sandbox took {}, and may take {}", bytes(size), bytes(limit)),
            "raise [deployment.sandbox] disk_limit",
        ));
    }
    (free < RESERVE).then(|| {
        Failure::of_environment(
            "disk-full",
            format!(
                "only {} were left on the disk of the sandbox, so the drill gave way",
                bytes(free)
            ),
            "make room, or set [deployment.sandbox] root to a larger disk",
        )
    })
}
