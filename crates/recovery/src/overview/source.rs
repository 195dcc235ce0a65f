//! The health of one source: what it said last, how often it is asked, and how it stood over the last month.

use chrono::TimeDelta;
use domain::history::Seen;
use domain::inventory::Source as Line;
use domain::observation::Known;
use domain::role::{Action, Actor};
use domain::status::Status;
use domain::time::Timestamp;

use crate::collect::{self, Observed, PAUSE, Subject};
use crate::{Error, Services};

/// How far back its history is shown.
pub const LOOKED_BACK: TimeDelta = TimeDelta::days(30);

/// One source, with its history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceView {
    pub now: Timestamp,
    pub line: Line,
    /// Seconds between two readings.
    pub every_s: u32,
    /// Seconds that a reading may be believed.
    pub limit_s: i64,
    /// When the latest attempt failed, and with which words.
    pub failure: Option<(Timestamp, String)>,
    /// The weekly reading of every byte. `None`: this kind of source has none.
    pub verified: Option<Verified>,
    /// How it stood, newest first; a span that nobody looked at is one too.
    pub stretches: Vec<Stretch>,
    /// When Muster first looked at the deployment.
    pub known_since: Option<Timestamp>,
}

/// What the last verification showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    pub status: Status,
    pub said: String,
    /// `None`: never done.
    pub at: Option<Timestamp>,
}

/// A span in which a source stood in one way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// `None`: nobody looked.
    pub status: Option<Status>,
    /// What it said last in this span; empty where all was well.
    pub said: String,
    pub from: Timestamp,
    /// `None`: it still stands so.
    pub until: Option<Timestamp>,
}

/// One source of a deployment.
///
/// # Errors
/// As [`super::view`], or if the deployment has no source of this name.
pub async fn source(services: &Services, actor: &Actor, name: &str, source: &str) -> Result<SourceView, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let deployment = services.deployment(name)?;
    let configured = deployment.sources.iter().find(|configured| configured.name() == source);
    let configured = configured.ok_or_else(|| Error::NotFound(format!("source {source}")))?;
    let observed = collect::cached(&services.store, deployment).await?;
    let now = services.clock.now();
    let lines = collect::assemble(deployment, &observed, now).sources;
    let line = lines.into_iter().find(|line| line.name == source);
    let reading = observed.sources.iter().find(|(_, reading)| reading.source == source);
    let fact = collect::source_fact(source);
    let runs = services.store.fact_runs(name, &fact, now - LOOKED_BACK).await?;
    let every_s = Subject::Source(configured).interval_s();
    Ok(SourceView {
        now,
        line: line.ok_or_else(|| Error::NotFound(format!("source {source}")))?,
        every_s,
        limit_s: domain::observation::limit(TimeDelta::seconds(every_s.into())).num_seconds(),
        failure: reading.and_then(|(_, reading)| reading.failure.clone()),
        verified: verified(&observed, source, now),
        stretches: stretches(&runs, now),
        known_since: observed.history.known_since,
    })
}

fn verified(observed: &Observed, source: &str, now: Timestamp) -> Option<Verified> {
    let found = observed.verified.iter().find(|reading| reading.source == source)?;
    Some(match found.known(now) {
        Known::Fresh { value, at } => Verified {
            status: value.status,
            said: value.detail.clone(),
            at: Some(at),
        },
        Known::Unknown { reason, last } => Verified {
            status: Status::Unknown,
            said: reason,
            at: last.map(|(_, at)| at),
        },
    })
}

/// The runs as spans without holes, newest first. Neighbours of one status are one span: a reason that counts its own age changes with
/// every look and is still one reason.
#[must_use]
pub fn stretches(runs: &[Seen], now: Timestamp) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut looked_until: Option<Timestamp> = None;
    for run in runs {
        if let Some(last) = looked_until.filter(|last| run.since - *last > PAUSE) {
            found.push(unwatched(last, Some(run.since)));
        }
        let (status, said) = standing(&run.value);
        match found.last_mut().filter(|last| last.status == Some(status)) {
            Some(last) => (last.said, last.until) = (said, Some(run.until)),
            None => {
                // The new standing began somewhere between the two looks; it is dated by the look that saw it.
                if let Some(last) = found.last_mut() {
                    last.until = Some(run.since);
                }
                found.push(Stretch {
                    status: Some(status),
                    said,
                    from: run.since,
                    until: Some(run.until),
                });
            }
        }
        looked_until = looked_until.max(Some(run.until));
    }
    match looked_until {
        Some(last) if now - last > PAUSE => found.push(unwatched(last, None)),
        _ => found.iter_mut().rev().take(1).for_each(|newest| newest.until = None),
    }
    found.reverse();
    found
}

const fn unwatched(from: Timestamp, until: Option<Timestamp>) -> Stretch {
    Stretch {
        status: None,
        said: String::new(),
        from,
        until,
    }
}

/// Takes `unknown: ssh could not reach db1` apart.
fn standing(value: &str) -> (Status, String) {
    let (word, said) = value.split_once(": ").unwrap_or((value, ""));
    let status = match word {
        "ok" => Status::Ok,
        "broken" => Status::Broken,
        _ => Status::Unknown,
    };
    (status, said.to_owned())
}

#[cfg(test)]
mod tests;
