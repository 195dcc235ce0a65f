//! The restores that took production's place, with what people did about their gap reports.

use domain::gap::Aftermath;
use domain::plan::{Pinned, RestorePitr};
use domain::set_back::SetBack;
use domain::time::Timestamp;
use store::requests::Filter;
use store::runs::Run;
use store::{Store, StoreError};

use crate::runs::in_use_since;

/// How many of each kind are looked through: what an older one revived is long settled, or has ended.
const LATEST: i64 = 20;

/// Oldest first.
pub(super) async fn read(store: &Store, deployment: &str) -> Result<Vec<Aftermath>, StoreError> {
    let mut all = led_to(store, deployment).await?;
    for (run, _, since) in in_use(store, deployment).await? {
        all.extend(aftermath(store, &run, Some(since)).await?);
    }
    for run in store.runs_succeeded(deployment, "full-disaster", LATEST).await? {
        all.extend(aftermath(store, &run, run.finished_at).await?);
    }
    all.sort_by_key(|one| one.ended_at);
    Ok(all)
}

/// What is left to be done of a run whose database was Ampora's from `ended_at` on. `None`: it has no report.
async fn aftermath(store: &Store, run: &Run, ended_at: Option<Timestamp>) -> Result<Option<Aftermath>, StoreError> {
    let read = store.run_report(run.id).await?;
    Ok(read.map(|(report, lines)| Aftermath {
        request: run.number,
        ended_at: ended_at.unwrap_or(report.measured_at),
        report,
        settled: lines.iter().map(|line| line.line).collect(),
    }))
}

/// Clusters that Muster set back, oldest first.
pub(super) async fn set_back(store: &Store, deployment: &str) -> Result<Vec<SetBack>, StoreError> {
    let mut all = Vec::new();
    for (run, plan, _) in in_use(store, deployment).await? {
        if let Some(promotion) = store.run_promotion(run.id).await? {
            all.push(SetBack {
                request: run.number,
                system: plan.server.system_identifier,
                stop: plan.stop,
                expected_end: plan.expected_end,
                segment_size: plan.server.segment_size.0,
                promotion,
            });
        }
    }
    all.reverse();
    Ok(all)
}

/// Clusters that were set back and let clients in, newest first, with the moment of that. The restore is done by then: what follows, such as
/// the full backup, may go on, or be left to somebody.
async fn in_use(store: &Store, deployment: &str) -> Result<Vec<(Run, RestorePitr, Timestamp)>, StoreError> {
    let ran = Filter {
        states: vec!["consumed".into()],
        deployment: Some(deployment.into()),
        text: None,
    };
    let mut found = Vec::new();
    for stored in store.requests_page(&ran, None, LATEST).await? {
        let Pinned::RestorePitr(plan) = stored.plan.pinned else {
            continue;
        };
        if let Some(run) = store.run_of_request(stored.request.id).await?
            && let Some(since) = in_use_since(&run)
        {
            found.push((run, *plan, since));
        }
    }
    Ok(found)
}

/// Restored dumps that Ampora was pointed at. A copy beside production has revived nothing yet.
async fn led_to(store: &Store, deployment: &str) -> Result<Vec<Aftermath>, StoreError> {
    let mut databases = Vec::new();
    for run in store.runs_succeeded(deployment, "repoint", LATEST).await? {
        if let Some(Pinned::Repoint(plan)) = pinned(store, &run).await? {
            databases.push(((plan.to.system_identifier, plan.to.database), run.finished_at));
        }
    }
    let mut led = Vec::new();
    if databases.is_empty() {
        return Ok(led);
    }
    for run in store.runs_succeeded(deployment, "restore-dump", LATEST).await? {
        let Some(Pinned::RestoreDump(plan)) = pinned(store, &run).await? else {
            continue;
        };
        let restored = (plan.target.system_identifier, plan.target.database.clone());
        if let Some((_, pointed_at)) = databases.iter().find(|(led_to, _)| *led_to == restored) {
            let aftermath = aftermath(store, &run, *pointed_at).await?;
            led.extend(aftermath.map(while_ampora_went_on));
        }
    }
    Ok(led)
}

/// Its losses were counted when the copy was made, and Ampora wrote into the old database until it was pointed at the copy. Where none were
/// lost by then its report has no line about them, and whatever is gone since is found as such.
fn while_ampora_went_on(mut aftermath: Aftermath) -> Aftermath {
    let events = aftermath
        .report
        .lost
        .as_mut()
        .and_then(|lost| lost.audit_events.as_mut());
    if let Some(events) = events.filter(|events| events.max != Some(0)) {
        events.max = None;
    }
    aftermath
}

async fn pinned(store: &Store, run: &Run) -> Result<Option<Pinned>, StoreError> {
    let stored = store.request(run.number).await?;
    Ok(stored.map(|stored| stored.plan.pinned))
}
