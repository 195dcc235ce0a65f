//! Diagnosis: the rules are asked what they make of what was observed, and their findings are kept for as long as they hold.

mod check;
mod facts;
mod keep;
mod place;
mod read;

use domain::finding::{Finding, NotJudged, Report, Severity, State};
use domain::observation::Observation;
use domain::role::Actor;
use domain::rules::{Judgement, Rule, Silence};
use domain::time::Timestamp;
use domain::traces::Traces;
use store::{Store, StoreError};

use crate::collect::{self, Observed};
use crate::keys::{Beside, Memory};
use crate::settings::Deployment;

pub use check::{Step as CheckStep, check, progress};
pub use keep::{acknowledge, record};
pub use read::{FindingView, LOOKED_BACK, Listed, Symptom, Told, checked, list, of_keys, see, symptoms, word};
pub use store::findings::FindingEvent;

/// What every rule says of one deployment.
#[must_use]
pub fn judge(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Vec<(Rule, Judgement)> {
    let inventory = collect::assemble(deployment, observed, now);
    facts::with(deployment, observed, &inventory, now, |facts| {
        domain::rules::judge(facts)
    })
}

/// What the rules about keys say, for a document of keys: what was found, the worst first, and what can't be told.
#[must_use]
pub fn about_keys(deployment: &Deployment, observed: &Observed, now: Timestamp) -> (Vec<Finding>, Vec<NotJudged>) {
    let judged = judge(deployment, observed, now).into_iter();
    let about_keys = judged.filter(|(rule, _)| rule.is_about_keys()).collect();
    let Report { findings, unknown, .. } = report(vec![(deployment, about_keys)], now);
    (findings, unknown)
}

/// What the store knows of a deployment, with what the rules look at beside it.
///
/// # Errors
/// If the store can't be read.
pub async fn known(
    store: &Store,
    all: &[Deployment],
    deployment: &Deployment,
    now: Timestamp,
) -> Result<Observed, StoreError> {
    let observed = collect::cached(store, deployment).await?;
    with_beside(store, all, deployment, observed, now).await
}

/// Adds what the rules look at beside the readings.
///
/// # Errors
/// If the store can't be read.
pub async fn with_beside(
    store: &Store,
    all: &[Deployment],
    deployment: &Deployment,
    mut observed: Observed,
    now: Timestamp,
) -> Result<Observed, StoreError> {
    observed.beside = Beside::read(store, all, deployment, &observed.keys, now).await?;
    Ok(observed)
}

/// How each rule stands, as it is kept over time. Rules that nothing is configured for have no history.
pub(crate) fn stood(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Vec<(String, String)> {
    let told = judge(deployment, observed, now).into_iter();
    let told = told.filter(|(_, says)| !matches!(says, Err(Silence::Unset(_))));
    told.map(|(rule, says)| (read::fact(rule.code), word(&says).to_owned()))
        .collect()
}

/// Looks at everything of a deployment now. `before` is what earlier looks saw, where somebody remembers.
pub async fn observe(
    deployment: &Deployment,
    before: Option<Observed>,
    memory: &Memory,
    actor: &Actor,
    now: Timestamp,
) -> Observed {
    let mut observed = collect::look_now(deployment, memory, actor, now).await;
    let Some(before) = before else { return observed };
    observed.history = before.history;
    observed.rehearsals = before.rehearsals;
    observed.restored = before.restored;
    observed.set_back = before.set_back;
    observed.drill_proofs = before.drill_proofs;
    observed.beside = before.beside;
    if let (Some((traces, _)), Ok(look)) = (before.traces.last_good, collect::traces(deployment).await) {
        let traces: Traces = traces.after(&look);
        observed.traces = Observation::clone(&observed.traces).updated(Ok(traces), now);
    }
    observed
}

/// What was found now, without a store: what `muster diagnose` prints.
#[must_use]
pub fn report(judged: Vec<(&Deployment, Vec<(Rule, Judgement)>)>, now: Timestamp) -> Report {
    let (mut findings, mut unknown) = (Vec::new(), Vec::new());
    for (deployment, rules) in judged {
        for (rule, says) in rules {
            match says {
                Ok(Some(found)) => findings.push(Finding::new(&deployment.name, rule.code, found, State::Open, now)),
                Ok(None) | Err(Silence::Unset(_) | Silence::Explained(_) | Silence::Agreed(_)) => {}
                Err(Silence::Unknown(reason)) => unknown.push(NotJudged {
                    deployment: deployment.name.clone(),
                    code: rule.code.into(),
                    reason,
                }),
            }
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Report::new(findings, unknown)
}

/// What is remembered to be open, as the same document.
#[must_use]
pub fn remembered(open: Vec<Listed>, unknown: Vec<NotJudged>) -> Report {
    let finding = |listed: Listed| {
        let record = listed.record;
        Finding::new(
            &listed.deployment,
            &record.code,
            record.found,
            record.state,
            record.opened_at,
        )
    };
    let mut findings: Vec<_> = open.into_iter().map(finding).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Report::new(findings, unknown)
}

/// Worst first, then by name.
fn urgency(severity: Severity) -> std::cmp::Reverse<Severity> {
    std::cmp::Reverse(severity)
}
