//! What the three rules about restores share: how a report is quoted, and where its lines are settled.

use super::facts::Facts;
use super::{Judgement, Silence};
use crate::finding::{Cure, Evidence, Found, Step};
use crate::gap::Aftermath;
use crate::plan::{Resurrection, Revived};
use crate::traces::Identity;

/// The restores that this is true of; silent where nobody remembers them.
pub(super) fn judged(
    facts: &Facts<'_>,
    concerns: impl Fn(&Aftermath) -> bool,
    found: impl Fn(&[&Aftermath]) -> Found,
) -> Judgement {
    if facts.sources.is_empty() {
        return Err(Silence::Unset("no source of backups is configured".into()));
    }
    let known = facts.restored.ok_or_else(|| {
        Silence::Unknown("restores are remembered in Muster’s own database, which isn’t asked here".into())
    })?;
    let open: Vec<_> = known.iter().filter(|one| concerns(one)).collect();
    Ok((!open.is_empty()).then(|| found(&open)))
}

/// One fact of a report.
pub(super) fn evidence(of: &Aftermath, fact: impl Into<String>, value: impl Into<String>) -> Evidence {
    Evidence {
        fact: format!("restore of request {}: {}", of.request, fact.into()),
        value: value.into(),
        observed_at: Some(of.report.measured_at),
        source: "gap report".into(),
    }
}

/// What was revived, one by one.
pub(super) fn listed<'a>(of: &'a Aftermath, open: impl Iterator<Item = &'a Resurrection>) -> Vec<Evidence> {
    open.map(|one| evidence(of, one.kind.word(), one.sentence())).collect()
}

/// Where people say that a line was done, which is what resolves the finding.
pub(super) fn settle(open: &[&Aftermath]) -> Vec<Step> {
    let page = |one: &&Aftermath| {
        Step::told(format!(
            "Note each line of the gap report as done, or have an approver waive it: /requests/{}#gap.",
            one.request
        ))
    };
    open.iter().map(page).collect()
}

/// The newest report with open lines.
pub(super) fn report(open: &[&Aftermath]) -> Option<Cure> {
    open.last().map(|one| Cure::Settle { request: one.request })
}

/// Whether open lines of gap reports tell of each of these already, by its name or as a kind of which nobody can say which ones come back.
pub(super) fn are_open(facts: &Facts<'_>, alive: &[Identity], kind: Revived) -> bool {
    let open: Vec<_> = facts.restored.into_iter().flatten().flat_map(Aftermath::open).collect();
    let told = |one: &Identity| {
        open.iter()
            .any(|line| line.kind == kind && line.id.as_ref().is_none_or(|id| *id == one.id))
    };
    alive.iter().all(told)
}
