//! The gap report of a restore: measured while production still answers, completed once the restored database does, and worked off by
//! people line by line. A report that can't be made stops no restore; the log says why.

use adapters::ampora::{AmporaDb, AmporaError};
use domain::audit::Outcome;
use domain::gap::{GapReport, Isolation};
use domain::ids::RunId;
use domain::role::{Action, Actor};
use domain::vitals::Vitals;
use store::runs::ReportLine;

use super::execution::{Execution, StepError};
use crate::audit::Act;
use crate::collect;
use crate::plans::Back;
use crate::settings::{Deployment, sqlx_options::PgConnectOptions};
use crate::{Error, Services};

/// Longest note, in characters.
const LONGEST: usize = 2000;

/// Looks at production for the last time before it is replaced. What was measured before a crash stands: afterwards it may be gone.
pub(super) async fn measure(run: &Execution, deployment: &Deployment, back: &Back) -> Result<(), StepError> {
    if run.services.store.run_report(run.run()).await?.is_some() {
        return Ok(());
    }
    let before = match collect::vitals(deployment).await {
        Ok(vitals) => Some(vitals),
        Err(_) => run.services.store.vitals_latest(&deployment.name).await?,
    };
    let report = measured(run, deployment, back, before).await;
    save(run, &report).await
}

async fn measured(run: &Execution, deployment: &Deployment, back: &Back, before: Option<Vitals>) -> GapReport {
    let now = run.services.clock.now();
    let memory = run.memory();
    let cost = run.planner(deployment, &memory).cost(None, back, now).await;
    let mut report = GapReport::new(&deployment.name, now, cost.loss, cost.revived);
    report.before = before;
    report
}

/// Compares what came back with what was measured, and tells what Ampora's role sees in it.
pub(super) async fn compare(
    run: &Execution,
    deployment: &Deployment,
    isolation: Result<Isolation, String>,
) -> Result<(), StepError> {
    let Some((report, _)) = run.services.store.run_report(run.run()).await? else {
        return Ok(());
    };
    let found = collect::vitals(deployment).await;
    let before = report.before.clone();
    let report = report
        .compared(before.as_ref(), found.as_ref().map_err(String::as_str))
        .isolated(found.as_ref().ok(), isolation.as_ref().map_err(String::as_str));
    save(run, &report).await
}

/// Both at once, of a copy beside production: it tells its own moment. `cluster`: whether roles went back with it. Answers why there is no
/// report, where there is none.
pub(super) async fn of_copy(
    run: &Execution,
    deployment: &Deployment,
    (copy, cluster): (PgConnectOptions, bool),
    isolation: Result<Isolation, AmporaError>,
) -> Result<Option<String>, StepError> {
    let Some(live) = &deployment.database else {
        return Ok(Some(
            "no gap report: no role is configured that may read the copy".into(),
        ));
    };
    let db = AmporaDb::new(copy, live.schema.clone()).with_layout(deployment.layout.clone());
    let found = Box::pin(db.vitals()).await;
    db.close().await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return Ok(Some(format!("no gap report: {error}"))),
    };
    let Some(at) = found.newest_commit() else {
        return Ok(Some(
            "no gap report: no row of the copy tells of which moment it is".into(),
        ));
    };
    let back = Back {
        at,
        exclusive: false,
        sure: true,
        known: Some(at),
        cluster,
    };
    let before = collect::vitals(deployment).await.ok();
    let report = measured(run, deployment, &back, before.clone()).await;
    let isolation = isolation.map_err(|error| error.to_string());
    let report = report
        .compared(before.as_ref(), Ok(&found))
        .isolated(Some(&found), isolation.as_ref().map_err(String::as_str));
    save(run, &report).await?;
    Ok(None)
}

async fn save(run: &Execution, report: &GapReport) -> Result<(), StepError> {
    let mut tx = run.services.store.begin().await?;
    store::runs::report_save(&mut tx, run.run(), run.fence(), report).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}

/// The report of a run with what became of its lines. `None`: it has none.
///
/// # Errors
/// If the store can't be read.
pub async fn report(services: &Services, run: RunId) -> Result<Option<(GapReport, Vec<ReportLine>)>, Error> {
    Ok(services.store.run_report(run).await?)
}

/// Notes that a line of the report was done, or that it may stay as it is.
///
/// # Errors
/// If the role doesn't allow it (who waives has to be one who approves), the note is missing, there is no such line, or it is settled.
pub async fn settle(
    services: &Services,
    actor: &Actor,
    number: i64,
    line: usize,
    (waived, note): (bool, &str),
) -> Result<(), Error> {
    let now = services.clock.now();
    let what = if waived { "run.gap.waive" } else { "run.gap.done" };
    let act = Act::new(actor, what, format!("request {number}, line {}", line + 1)).detail("note", note.trim());
    let action = if waived { Action::Decide } else { Action::Run };
    if let Err(forbidden) = actor.may(action, services.settings.approvals.roles) {
        act.refused(&services.store, &forbidden, now).await?;
        return Err(forbidden.into());
    }
    if note.trim().is_empty() || note.chars().count() > LONGEST {
        return Err(Error::invalid(format!(
            "Say how it was done, or why it may stay as it is, in 1 to {LONGEST} characters: the note is kept."
        )));
    }
    let missing = || Error::NotFound(format!("line {} in the gap report of request {number}", line + 1));
    let stored = services.store.request(number).await?.ok_or_else(missing)?;
    let run = services
        .store
        .run_of_request(stored.request.id)
        .await?
        .ok_or_else(missing)?;
    let (report, _) = services.store.run_report(run.id).await?.ok_or_else(missing)?;
    if line >= report.lines() {
        return Err(missing());
    }
    let settled = ReportLine {
        line,
        waived,
        note: note.trim().to_owned(),
        by_name: actor.name.clone(),
        at: now,
    };
    let mut tx = services.store.begin().await?;
    if !store::runs::report_line_settle(&mut tx, run.id, &settled).await? {
        return Err(Error::invalid("Somebody was faster: this line is settled already."));
    }
    act.deployment(&run.deployment).fact(&mut tx, Outcome::Ok, now).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}
