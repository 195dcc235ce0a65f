//! How well rehearsed each deployment is, and when it begins by itself the next time.

use chrono::TimeDelta;
use domain::drill::{Freshness, Rehearsals};
use domain::role::{Action, Actor};

use super::{NextRun, next_runs};
use crate::{Error, Services};

/// Due times that pages show.
const NEXT: usize = 5;

/// One deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    pub deployment: String,
    pub rehearsals: Rehearsals,
    pub freshness: Freshness,
    /// The longest time that may lie between two drills that pass.
    pub every: Option<TimeDelta>,
    /// `None`: drills begin only when somebody starts one.
    pub schedule: Option<Planned>,
}

/// When drills begin by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    pub cron: String,
    /// The zone of these times, such as `Europe/Berlin`.
    pub zone: String,
    /// Which backup, in words.
    pub choice: String,
    /// The next due times, or what is wrong with the expression.
    pub next: Result<Vec<NextRun>, String>,
}

/// All deployments, or this one; the worst first.
///
/// # Errors
/// If the role doesn't allow it, or the store can't be read.
pub async fn standings(services: &Services, actor: &Actor, deployment: Option<&str>) -> Result<Vec<Standing>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let now = services.clock.now();
    let mut shown = services.store.drills_rehearsals().await?;
    let mut standings = Vec::new();
    let all = services.settings.deployments.iter();
    for known in all.filter(|known| deployment.is_none_or(|name| known.name == name)) {
        let rehearsals = shown.remove(&known.name).unwrap_or_default();
        let every = known.promises.drill_every;
        standings.push(Standing {
            deployment: known.name.clone(),
            freshness: rehearsals.freshness(every, now),
            rehearsals,
            every,
            schedule: known.drills.schedule.as_ref().map(|schedule| Planned {
                cron: schedule.cron.clone(),
                zone: schedule.zone.to_string(),
                choice: schedule.choice.words(),
                next: next_runs(schedule, now, NEXT),
            }),
        });
    }
    standings.sort_by_key(Standing::urgency);
    Ok(standings)
}

impl Standing {
    /// The worst first; within one urgency the order of the configuration stands.
    fn urgency(&self) -> u8 {
        match self.freshness {
            _ if self.rehearsals.standing_failure().is_some() => 0,
            Freshness::Overdue { .. } => 1,
            Freshness::NeverRun | Freshness::NeverPassed => 2,
            Freshness::Due { .. } => 3,
            Freshness::Undeclared { .. } => 4,
            Freshness::Fresh { .. } => 5,
        }
    }
}
