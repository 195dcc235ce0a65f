//! One round of diagnosis: what the rules say is taken into the findings, and what people say about a finding is written down with it.

use std::collections::BTreeMap;

use domain::audit::Outcome;
use domain::finding::{Acknowledged, Change, Record, State};
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use store::findings::{lock, put};

use crate::audit::Act;
use crate::collect::Observed;
use crate::settings::Deployment;
use crate::{Error, Services, notify};

/// Longest time for which a finding can be acknowledged.
const LONGEST: chrono::TimeDelta = chrono::TimeDelta::days(90);

/// Judges every rule on what is known now and keeps what came of it, with one message to people about all of it. Answers what they are told.
///
/// # Errors
/// If the store can't be read, or doesn't take it.
pub async fn record(
    services: &Services,
    deployment: &Deployment,
    observed: &Observed,
    now: Timestamp,
) -> Result<Vec<(Record, Change)>, Error> {
    let judged = super::judge(deployment, observed, now);
    let before = services.store.findings(Some(&deployment.name)).await?;
    let mut before: BTreeMap<_, _> = before
        .into_iter()
        .map(|(_, record)| (record.code.clone(), record))
        .collect();
    let mut told = Vec::new();
    let mut tx = services.store.begin().await?;
    for (rule, heard) in judged {
        let known = before.remove(rule.code);
        if known.is_none() && !matches!(heard, Ok(Some(_))) {
            continue;
        }
        let known = lock(&mut tx, &deployment.name, rule.code).await?.or(known);
        let (record, change) = match (known.clone(), heard) {
            (Some(record), heard) => record.after(heard, rule.hysteresis, now),
            (None, Ok(Some(found))) => Record::new(rule.code, found, rule.hysteresis, now),
            (None, _) => continue,
        };
        if known.as_ref() != Some(&record) {
            put(
                &mut tx,
                &deployment.name,
                &record,
                word(known.as_ref(), &record, change),
                now,
            )
            .await?;
        }
        if change != Change::Quiet {
            tracing::info!(
                deployment = deployment.name,
                code = rule.code,
                ?change,
                title = record.found.title,
                "finding"
            );
            told.push((record, change));
        }
    }
    notify::tell(&mut tx, services, |envelope| envelope.findings(&deployment.name, &told)).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(told)
}

/// What is kept in the history of the finding. A look that saw the same is no news.
fn word(before: Option<&Record>, after: &Record, change: Change) -> Option<&'static str> {
    match change {
        Change::Opened => Some("opened"),
        Change::Reopened => Some("reopened"),
        Change::Worse => Some("worse"),
        Change::Resolved => Some("resolved"),
        Change::Quiet => {
            let before = before?;
            let told = |record: &Record| (record.state, record.found.title.clone());
            match (before.state, after.state) {
                (State::Open, State::Unknown) => Some("unknown"),
                (State::Unknown, State::Open) => Some("seen again"),
                _ if after.is_open() && told(before) != told(after) => Some("changed"),
                _ => None,
            }
        }
    }
}

/// Notes that somebody has read a finding, why it may stand, and until when. It goes on counting as what it is.
///
/// # Errors
/// If the actor may not, the finding isn't open, the reason is missing or the time is out of bounds.
pub async fn acknowledge(
    services: &Services,
    actor: &Actor,
    (deployment, code): (&str, &str),
    reason: &str,
    until: Option<Timestamp>,
) -> Result<(), Error> {
    let now = services.clock.now();
    let act = Act::new(actor, "finding.acknowledge", code).deployment(deployment);
    let act = act.detail("reason", reason.trim());
    if let Err(forbidden) = actor.may(Action::Request, services.settings.approvals.roles) {
        act.refused(&services.store, &forbidden, now).await?;
        return Err(forbidden.into());
    }
    if reason.trim().is_empty() {
        return Err(Error::invalid(
            "Say why the finding may stand: the reason is kept in the audit log.",
        ));
    }
    let until = until.ok_or_else(|| {
        Error::invalid("The time until which it is acknowledged is written as 2026-10-06 02:38:00, in UTC.")
    })?;
    let act = act.detail("until", until);
    if until <= now || until - now > LONGEST {
        return Err(Error::invalid(
            "A finding is acknowledged until a time within the next 90 days.",
        ));
    }
    services.deployment(deployment)?;
    let mut tx = services.store.begin().await?;
    let found = lock(&mut tx, deployment, code).await?.filter(Record::is_open);
    let record = found.ok_or_else(|| Error::NotFound(format!("open finding {code} of {deployment}")))?;
    let record = Record {
        acknowledged: Some(Acknowledged {
            by: actor.name.clone(),
            reason: reason.trim().to_owned(),
            at: now,
            until,
        }),
        ..record
    };
    put(&mut tx, deployment, &record, Some("acknowledged"), now).await?;
    act.fact(&mut tx, Outcome::Ok, now).await?;
    Ok(tx.commit().await.map_err(store::StoreError::from)?)
}
