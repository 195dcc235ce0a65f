//! The history of drills over all deployments, newest first.

use domain::drill::Verdict;
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use store::drills::{DrillFilter, StoredDrill};

use super::Standing;
use crate::{Error, Services};

pub use store::drills::DrillPlace as Place;

/// Drills on one page at most.
const MOST: i64 = 500;

/// What of the history is asked for. What isn't given filters nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub deployment: Option<String>,
    pub verdict: Option<Verdict>,
    /// Part of a backup's label.
    pub backup: Option<String>,
    /// Name of the source that the backup is from.
    pub source: Option<String>,
    /// Queued at this time or later.
    pub from: Option<Timestamp>,
    /// Queued before this time.
    pub until: Option<Timestamp>,
    /// Only those behind this one: the next page.
    pub before: Option<Place>,
    pub limit: i64,
}

/// The history, newest first, with what stands beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    pub drills: Vec<StoredDrill>,
    /// Behind which the older ones are. `None`: there are none.
    pub next: Option<Place>,
    /// Sources whose backups were rehearsed.
    pub sources: Vec<String>,
    /// Drills that wait or run now, whatever is filtered; the oldest first.
    pub open: Vec<StoredDrill>,
    pub standings: Vec<Standing>,
}

/// # Errors
/// If the role doesn't allow it, or the store can't be read.
pub async fn list(services: &Services, actor: &Actor, filter: &Filter) -> Result<Listed, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let wanted = DrillFilter {
        deployment: filter.deployment.clone(),
        verdict: filter.verdict,
        backup: filter.backup.clone(),
        source: filter.source.clone(),
        from: filter.from,
        until: filter.until,
    };
    let limit = filter.limit.clamp(1, MOST);
    let store = &services.store;
    let mut drills = store.drills(&wanted, filter.before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = drills.len() > shown;
    drills.truncate(shown);
    Ok(Listed {
        next: drills.last().filter(|_| more).map(StoredDrill::place),
        drills,
        sources: store.drill_sources().await?,
        open: store.drills_open().await?,
        standings: super::standings(services, actor, filter.deployment.as_deref()).await?,
    })
}
