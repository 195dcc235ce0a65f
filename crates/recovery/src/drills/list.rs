//! Reading drills: the history, one of them, and two side by side.

use domain::drill::{Drill, PhaseName, Verdict};
use domain::ids::DrillId;
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use store::drills::{DrillFilter, DrillState, StoredDrill, StoredDrillLine};

use super::{NextRun, next_runs};
use crate::{Error, Services};

/// Due times that pages show.
const NEXT: usize = 5;

/// What of the history is asked for. What isn't given filters nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub deployment: Option<String>,
    pub verdict: Option<Verdict>,
    /// Part of a backup's label.
    pub backup: Option<String>,
    /// Only those queued before: the next page.
    pub before: Option<Timestamp>,
    pub limit: i64,
}

/// The history, newest first, and what comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    pub drills: Vec<StoredDrill>,
    /// Whether there are older ones.
    pub more: bool,
    /// Name of each deployment with a schedule, and its next due times, or what is wrong with it.
    pub next: Vec<(String, Result<Vec<NextRun>, String>)>,
}

/// Two drills, what took how long in each, and what each check said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    pub left: Drill,
    pub right: Drill,
    /// Seconds of each phase; `None`: that drill hadn't got it.
    pub phases: Vec<(PhaseName, Sides<i64>)>,
    /// Status and detail of each check by name.
    pub checks: Vec<(String, Sides<(domain::drill::CheckStatus, String)>)>,
}

/// One thing in two drills.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sides<T> {
    pub left: Option<T>,
    pub right: Option<T>,
}

/// # Errors
/// If the role doesn't allow it, or the store can't be read.
pub async fn list(services: &Services, actor: &Actor, filter: &Filter) -> Result<Listed, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let wanted = DrillFilter {
        deployment: filter.deployment.clone(),
        verdict: filter.verdict,
        backup: filter.backup.clone(),
    };
    let limit = filter.limit.clamp(1, 500);
    let mut drills = services.store.drills(&wanted, filter.before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = drills.len() > shown;
    drills.truncate(shown);
    let now = services.clock.now();
    let scheduled = services.settings.deployments.iter().filter_map(|deployment| {
        let schedule = deployment.drills.schedule.as_ref()?;
        let asked = filter.deployment.as_ref().is_none_or(|name| *name == deployment.name);
        asked.then(|| (deployment.name.clone(), next_runs(schedule, now, NEXT)))
    });
    Ok(Listed {
        drills,
        more,
        next: scheduled.collect(),
    })
}

/// # Errors
/// If the role doesn't allow it, or there is no such drill.
pub async fn see(services: &Services, actor: &Actor, drill: DrillId) -> Result<StoredDrill, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let found = services.store.drill(drill).await?;
    found.ok_or_else(|| Error::NotFound(format!("drill {drill}")))
}

/// The signed receipt, as a file for auditors.
///
/// # Errors
/// If the role doesn't allow it, or there is none yet.
pub async fn receipt(services: &Services, actor: &Actor, drill: DrillId) -> Result<String, Error> {
    let found = see(services, actor, drill).await?;
    found
        .receipt
        .ok_or_else(|| Error::NotFound(format!("receipt of drill {drill}")))
}

/// Lines of a drill's log behind `after`.
///
/// # Errors
/// Tool logs may quote rows, so viewers don't read them (operators, approvers and auditors do).
pub async fn log(
    services: &Services,
    actor: &Actor,
    drill: DrillId,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredDrillLine>, Error> {
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    Ok(services.store.drill_log(drill, after, limit).await?)
}

/// # Errors
/// If the role doesn't allow it, or one of them isn't there.
pub async fn compare(services: &Services, actor: &Actor, left: DrillId, right: DrillId) -> Result<Comparison, Error> {
    let left = see(services, actor, left).await?.drill;
    let right = see(services, actor, right).await?.drill;
    let (of_left, of_right) = (left.durations(), right.durations());
    let seconds = |of: &[(PhaseName, i64)], name: PhaseName| {
        let all: Vec<_> = of
            .iter()
            .filter(|(found, _)| *found == name)
            .map(|(_, seconds)| *seconds)
            .collect();
        (!all.is_empty()).then(|| all.iter().sum())
    };
    let names: std::collections::BTreeSet<_> = of_left.iter().chain(&of_right).map(|(name, _)| *name).collect();
    let phases = names.into_iter().map(|name| {
        let sides = Sides {
            left: seconds(&of_left, name),
            right: seconds(&of_right, name),
        };
        (name, sides)
    });
    let phases = phases.collect();
    let said = |drill: &Drill, name: &str| {
        let check = drill.checks.iter().find(|check| check.name == name)?;
        Some((check.status, check.detail.clone()))
    };
    let mut checks: Vec<String> = Vec::new();
    for check in left.checks.iter().chain(&right.checks) {
        if !checks.contains(&check.name) {
            checks.push(check.name.clone());
        }
    }
    let checks = checks.into_iter().map(|name| {
        let sides = Sides {
            left: said(&left, &name),
            right: said(&right, &name),
        };
        (name, sides)
    });
    Ok(Comparison {
        checks: checks.collect(),
        phases,
        left,
        right,
    })
}

impl Listed {
    /// Whether one of them isn't over, so that a page should stay awake.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.drills
            .iter()
            .any(|drill| matches!(drill.state, DrillState::Queued | DrillState::Running))
    }
}
