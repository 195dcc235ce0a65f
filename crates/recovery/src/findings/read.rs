//! What pages read of findings: those that are open, one with its history, and the symptoms that lead to them.

use std::collections::BTreeMap;

use domain::finding::{NotJudged, Record, State};
use domain::history::Seen;
use domain::role::{Action, Actor};
use domain::rules::{Judgement, Measure, Rule, Silence};
use domain::time::Timestamp;
use store::findings::FindingEvent;

use super::urgency;
use crate::settings::Deployment;
use crate::{Error, Services};

/// What a finding's page looks back on.
pub const LOOKED_BACK: chrono::TimeDelta = chrono::TimeDelta::days(30);
/// Readings that are enough for a plot.
const SAMPLES: i64 = 240;

/// One finding with its deployment.
#[derive(Clone, Debug)]
pub struct Listed {
    pub deployment: String,
    pub record: Record,
}

/// The findings of one deployment or of all, open ones first, the worst first. With those that were resolved if `resolved`.
///
/// # Errors
/// If the actor may not read, or the store doesn't answer.
pub async fn list(
    services: &Services,
    actor: &Actor,
    deployment: Option<&str>,
    resolved: bool,
) -> Result<Vec<Listed>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let now = services.clock.now();
    let all = services.store.findings(deployment).await?.into_iter();
    let configured = |name: &str| services.settings.deployment(name).is_some();
    let mut listed: Vec<_> = all
        .filter(|(name, record)| {
            configured(name)
                && (record.is_open() || (resolved && record.resolved_at.is_some() && record.opened_at < record.seen_at))
        })
        .map(|(deployment, record)| Listed {
            deployment,
            record: record.at(now),
        })
        .collect();
    listed.sort_by_key(|one| {
        let record = &one.record;
        (
            !record.is_open(),
            urgency(record.found.severity),
            one.deployment.clone(),
            record.code.clone(),
        )
    });
    Ok(listed)
}

/// One finding as its page shows it.
#[derive(Clone, Debug)]
pub struct FindingView {
    pub deployment: String,
    pub rule: Rule,
    pub now: Timestamp,
    /// `None`: it was never found here.
    pub record: Option<Record>,
    /// What the rule says of what is known now.
    pub says: Judgement,
    pub events: Vec<FindingEvent>,
    /// How the rule stood over time, oldest first: `clear`, `found`, `unknown`.
    pub runs: Vec<Seen>,
    /// What it turns on, where that is a number, and what readings had of it, oldest first.
    pub measured: Option<(&'static str, Vec<(Timestamp, u64)>)>,
}

/// The name under which it is kept over time how a rule stood.
#[must_use]
pub fn fact(code: &str) -> String {
    format!("finding:{code}")
}

/// How a rule stands in one word.
#[must_use]
pub fn word(says: &Judgement) -> &'static str {
    match says {
        Ok(Some(_)) => "found",
        Ok(None) | Err(Silence::Agreed(_)) => "clear",
        Err(Silence::Unset(_)) => "unset",
        Err(Silence::Explained(_)) => "explained",
        Err(Silence::Unknown(_)) => "unknown",
    }
}

/// One finding.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no such deployment or rule.
pub async fn see(services: &Services, actor: &Actor, deployment: &str, code: &str) -> Result<FindingView, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let settings = services.deployment(deployment)?;
    let rule = Rule::of(code).ok_or_else(|| Error::NotFound(format!("rule {code}")))?;
    let now = services.clock.now();
    let store = &services.store;
    let found = store.findings(Some(deployment)).await?;
    let record = found
        .into_iter()
        .map(|(_, record)| record.at(now))
        .find(|record| record.code == code);
    let observed = super::known(store, &services.settings.deployments, settings, now).await?;
    let judged = super::judge(settings, &observed, now);
    let says = judged.into_iter().find(|(judged, _)| judged.code == code);
    let month_ago = now - LOOKED_BACK;
    let measured = match Measure::for_rule(code) {
        None => None,
        Some(measure) => {
            let readings = store.vitals_sampled(deployment, month_ago, SAMPLES).await?;
            let samples = readings.iter();
            let samples = samples.filter_map(|reading| Some((reading.read_at, measure.of(reading)?)));
            Some((measure.what, samples.collect()))
        }
    };
    Ok(FindingView {
        deployment: deployment.into(),
        rule,
        now,
        record,
        says: says.map_or(Ok(None), |(_, says)| says),
        events: store.finding_events(deployment, code).await?,
        runs: store.fact_runs(deployment, &fact(code), month_ago).await?,
        measured,
    })
}

/// One thing that people see, and what Muster makes of it now.
#[derive(Clone, Debug)]
pub struct Symptom {
    pub rule: Rule,
    pub says: Judgement,
}

/// A finding as a page beside its own shows it.
#[derive(Clone, Debug)]
pub struct Told {
    pub code: &'static str,
    pub found: domain::finding::Found,
    pub state: State,
    /// When it was opened; `None`: this is the first that is seen of it.
    pub since: Option<Timestamp>,
}

/// What the rules about keys find now, the worst first: with those that were found before and can't be told now, and the rules that can't
/// be told at all, with the reason.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no such deployment.
pub async fn of_keys(
    services: &Services,
    actor: &Actor,
    deployment: &str,
) -> Result<(Vec<Told>, Vec<NotJudged>), Error> {
    let judged = symptoms(services, actor, deployment).await?;
    let records = services.store.findings(Some(deployment)).await?.into_iter();
    let open = records.map(|(_, record)| record).filter(Record::is_open);
    let mut open: BTreeMap<_, _> = open.map(|record| (record.code.clone(), record)).collect();
    let (mut told, mut silent) = (Vec::new(), Vec::new());
    for Symptom { rule, says } in judged.into_iter().filter(|one| one.rule.is_about_keys()) {
        let record = open.remove(rule.code);
        let since = record.as_ref().map(|record| record.opened_at);
        let (found, state) = match (says, record) {
            (Ok(Some(found)), _) => (found, State::Open),
            (Err(Silence::Unknown(_)), Some(record)) => (record.found, State::Unknown),
            (Err(Silence::Unknown(reason)), None) => {
                let (deployment, code) = (deployment.to_owned(), rule.code.to_owned());
                silent.push(NotJudged {
                    deployment,
                    code,
                    reason,
                });
                continue;
            }
            _ => continue,
        };
        let code = rule.code;
        told.push(Told {
            code,
            found,
            state,
            since,
        });
    }
    told.sort_by_key(|one| urgency(one.found.severity));
    Ok((told, silent))
}

/// What each rule says of a deployment, for whoever comes with a symptom.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no such deployment.
pub async fn symptoms(services: &Services, actor: &Actor, deployment: &str) -> Result<Vec<Symptom>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let settings = services.deployment(deployment)?;
    let now = services.clock.now();
    let observed = super::known(&services.store, &services.settings.deployments, settings, now).await?;
    let judged = super::judge(settings, &observed, now);
    Ok(judged.into_iter().map(|(rule, says)| Symptom { rule, says }).collect())
}

/// The rules that could not be judged on what is remembered, for `muster diagnose --cached`.
///
/// # Errors
/// If the store doesn't answer.
pub async fn checked(
    store: &store::Store,
    all: &[Deployment],
    deployment: &Deployment,
    now: Timestamp,
) -> Result<(Vec<Listed>, Vec<NotJudged>), Error> {
    let observed = super::known(store, all, deployment, now).await?;
    let unknown = super::judge(deployment, &observed, now)
        .into_iter()
        .filter_map(|(rule, says)| match says {
            Err(Silence::Unknown(reason)) => Some(NotJudged {
                deployment: deployment.name.clone(),
                code: rule.code.into(),
                reason,
            }),
            _ => None,
        });
    let open = store.findings(Some(&deployment.name)).await?.into_iter();
    let open = open
        .filter(|(_, record)| record.is_open())
        .map(|(deployment, record)| Listed { deployment, record });
    Ok((open.collect(), unknown.collect()))
}
