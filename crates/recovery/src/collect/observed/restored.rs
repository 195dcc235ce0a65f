//! The restores that took production's place, with what people did about their gap reports.

use domain::gap::Aftermath;
use domain::plan::Pinned;
use store::runs::Run;
use store::{Store, StoreError};

/// Kinds of requests whose database is production's own when they are done.
const IN_PLACE: [&str; 2] = ["restore-pitr", "full-disaster"];
/// How many of each kind are looked through: what an older one revived is long settled, or has ended.
const LATEST: i64 = 20;

/// Oldest first.
pub(super) async fn read(store: &Store, deployment: &str) -> Result<Vec<Aftermath>, StoreError> {
    let mut took = led_to(store, deployment).await?;
    for kind in IN_PLACE {
        took.extend(store.runs_succeeded(deployment, kind, LATEST).await?);
    }
    let mut all = Vec::new();
    for run in took {
        let Some((report, lines)) = store.run_report(run.id).await? else {
            continue;
        };
        all.push(Aftermath {
            request: run.number,
            ended_at: run.finished_at.unwrap_or(report.measured_at),
            report,
            settled: lines.iter().map(|line| line.line).collect(),
        });
    }
    all.sort_by_key(|one| one.ended_at);
    Ok(all)
}

/// Restored dumps that Ampora was pointed at. A copy beside production has revived nothing yet.
async fn led_to(store: &Store, deployment: &str) -> Result<Vec<Run>, StoreError> {
    let mut databases = Vec::new();
    for run in store.runs_succeeded(deployment, "repoint", LATEST).await? {
        if let Some(Pinned::Repoint(plan)) = pinned(store, &run).await? {
            databases.push((plan.to.system_identifier, plan.to.database));
        }
    }
    let mut led = Vec::new();
    if databases.is_empty() {
        return Ok(led);
    }
    for run in store.runs_succeeded(deployment, "restore-dump", LATEST).await? {
        if let Some(Pinned::RestoreDump(plan)) = pinned(store, &run).await?
            && databases.contains(&(plan.target.system_identifier, plan.target.database.clone()))
        {
            led.push(run);
        }
    }
    Ok(led)
}

async fn pinned(store: &Store, run: &Run) -> Result<Option<Pinned>, StoreError> {
    let stored = store.request(run.number).await?;
    Ok(stored.map(|stored| stored.plan.pinned))
}
