//! Two drills side by side: what took how long in each, and what each check said.

use std::collections::BTreeSet;

use domain::drill::{CheckStatus, Drill, PhaseName};
use domain::ids::DrillId;
use domain::role::{Action, Actor};

use crate::{Error, Services};

/// Two drills, what took how long in each, and what each check said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    pub left: Drill,
    pub right: Drill,
    /// Seconds of each phase; `None`: that drill hadn't got it.
    pub phases: Vec<(PhaseName, Sides<i64>)>,
    /// Status and detail of each check by name.
    pub checks: Vec<(String, Sides<(CheckStatus, String)>)>,
}

/// One thing in two drills.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sides<T> {
    pub left: Option<T>,
    pub right: Option<T>,
}

/// # Errors
/// If the role doesn't allow it, or one of them isn't there.
pub async fn compare(services: &Services, actor: &Actor, left: DrillId, right: DrillId) -> Result<Comparison, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let (left, right) = (found(services, left).await?, found(services, right).await?);
    Ok(Comparison::of(left, right))
}

async fn found(services: &Services, id: DrillId) -> Result<Drill, Error> {
    let found = services.store.drill(id).await?;
    let found = found.ok_or_else(|| Error::NotFound(format!("drill {id}")))?;
    Ok(found.drill)
}

impl Comparison {
    /// Puts them side by side.
    #[must_use]
    pub fn of(left: Drill, right: Drill) -> Self {
        Self {
            phases: phases(&left, &right),
            checks: checks(&left, &right),
            left,
            right,
        }
    }
}

fn phases(left: &Drill, right: &Drill) -> Vec<(PhaseName, Sides<i64>)> {
    let (of_left, of_right) = (left.durations(), right.durations());
    let seconds = |of: &[(PhaseName, i64)], name: PhaseName| {
        let own = of.iter().filter(|(found, _)| *found == name);
        own.map(|(_, seconds)| *seconds).reduce(|sum, seconds| sum + seconds)
    };
    let names: BTreeSet<_> = of_left.iter().chain(&of_right).map(|(name, _)| *name).collect();
    let sides = names.into_iter().map(|name| {
        let sides = Sides {
            left: seconds(&of_left, name),
            right: seconds(&of_right, name),
        };
        (name, sides)
    });
    sides.collect()
}

fn checks(left: &Drill, right: &Drill) -> Vec<(String, Sides<(CheckStatus, String)>)> {
    let said = |drill: &Drill, name: &str| {
        let check = drill.checks.iter().find(|check| check.name == name)?;
        Some((check.status, check.detail.clone()))
    };
    let mut names: Vec<&str> = Vec::new();
    for check in left.checks.iter().chain(&right.checks) {
        if !names.contains(&check.name.as_str()) {
            names.push(&check.name);
        }
    }
    let sides = names.into_iter().map(|name| {
        let sides = Sides {
            left: said(left, name),
            right: said(right, name),
        };
        (name.to_owned(), sides)
    });
    sides.collect()
}
