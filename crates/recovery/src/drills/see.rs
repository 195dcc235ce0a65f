//! One drill with what stands around it, its log and its receipt.

use domain::drill::{Measured, PhaseName};
use domain::ids::DrillId;
use domain::role::{Action, Actor};
use store::drills::{DrillFilter, DrillState, ReceiptKey, StoredDrill, StoredDrillLine};

use crate::{Error, Services};

/// Drills that a trend shows at most.
const TREND: i64 = 120;
/// Lines of a log that are handed out as one text.
const WHOLE_LOG: i64 = 100_000;

/// One drill, with the others of its deployment around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub stored: StoredDrill,
    /// The one that was queued before it.
    pub before: Option<DrillId>,
    /// Drills that get a place before this one.
    pub ahead: usize,
    /// What each phase took in the newest drill that passed, in seconds.
    pub usual: Vec<(PhaseName, i64)>,
    /// What the newest drills of the deployment measured, oldest first.
    pub measured: Vec<Measured>,
}

/// # Errors
/// If the role doesn't allow it, or there is no such drill.
pub async fn see(services: &Services, actor: &Actor, drill: DrillId) -> Result<Seen, Error> {
    let stored = found(services, actor, drill).await?;
    let store = &services.store;
    let deployment = stored.drill.deployment.as_str();
    let own = DrillFilter {
        deployment: Some(deployment.into()),
        ..DrillFilter::default()
    };
    let before = store.drills(&own, Some(stored.place()), 1).await?;
    let ahead = match stored.state {
        DrillState::Queued => {
            let open = store.drills_open().await?.into_iter();
            open.take_while(|other| other.drill.id != drill).count()
        }
        _ => 0,
    };
    let passed = store.drill_rehearsals(deployment).await?.passed;
    Ok(Seen {
        before: before.first().map(|before| before.drill.id),
        ahead,
        usual: passed.map_or_else(Vec::new, |passed| passed.durations()),
        measured: store.drills_measured(deployment, TREND).await?,
        stored,
    })
}

/// What the newest drills of a deployment measured, oldest first.
///
/// # Errors
/// If the role doesn't allow it, or the store can't be read.
pub async fn measured(services: &Services, actor: &Actor, deployment: &str) -> Result<Vec<Measured>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    Ok(services.store.drills_measured(deployment, TREND).await?)
}

async fn found(services: &Services, actor: &Actor, drill: DrillId) -> Result<StoredDrill, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let found = services.store.drill(drill).await?;
    found.ok_or_else(|| Error::NotFound(format!("drill {drill}")))
}

/// The signed receipt, as a file for auditors.
///
/// # Errors
/// If the role doesn't allow it, or there is none yet.
pub async fn receipt(services: &Services, actor: &Actor, drill: DrillId) -> Result<String, Error> {
    let found = found(services, actor, drill).await?;
    found
        .receipt
        .ok_or_else(|| Error::NotFound(format!("receipt of drill {drill} yet")))
}

/// Public halves of all keys that ever signed receipts, the newest first.
///
/// # Errors
/// If the role doesn't allow it, or the store can't be read.
pub async fn receipt_keys(services: &Services, actor: &Actor) -> Result<Vec<ReceiptKey>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    Ok(services.store.receipt_keys().await?)
}

/// Some lines of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogPage {
    pub lines: Vec<StoredDrillLine>,
    /// The page that is shown, and how many there are; pages count from 1.
    pub page: usize,
    pub pages: usize,
    /// Lines in all.
    pub of: i64,
}

/// One page of a drill's log; without `page` the last one, which is where it goes on.
///
/// # Errors
/// Tool logs may quote rows, so viewers don't read them (operators, approvers and auditors do).
pub async fn log(
    services: &Services,
    actor: &Actor,
    drill: DrillId,
    page: Option<usize>,
    size: u16,
) -> Result<LogPage, Error> {
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    let of = services.store.drill_log_size(drill).await?;
    let size = i64::from(size.max(1));
    let pages = usize::try_from((of + size - 1) / size).unwrap_or(1).max(1);
    let page = page.unwrap_or(pages).clamp(1, pages);
    let offset = i64::try_from(page - 1).unwrap_or_default() * size;
    Ok(LogPage {
        lines: services.store.drill_log_page(drill, offset, size).await?,
        page,
        pages,
        of,
    })
}

/// The whole log as text, one line a line: time, phase, stream, words.
///
/// # Errors
/// As [`log`], or if there is no such drill.
pub async fn log_text(services: &Services, actor: &Actor, drill: DrillId) -> Result<String, Error> {
    found(services, actor, drill).await?;
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    let lines = services.store.drill_log(drill, 0, WHOLE_LOG).await?;
    let written = lines.into_iter().map(|stored| {
        let line = stored.line;
        let at = domain::time::rfc3339(line.at);
        format!("{at} {} {} {}\n", line.phase, line.stream.word(), line.text)
    });
    Ok(written.collect())
}
