//! An emergency as it is known now: drawn up from what may be believed, whether or not Muster's database and the identity provider are
//! there. What only they would know is unknown then.

mod commands;
mod place;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::drift::Verdict as KeyVerdict;
use domain::drill::Verdict;
use domain::emergency::{
    Alarm, Emergency, Expires, Kept, PersonSeen, Rehearsal, Route, Signs, WayBack, alarms, first_aid, ways_back,
    writing,
};
use domain::finding::Severity;
use domain::inventory::{Coverage, CoverageStatus, Inventory};
use domain::observation::Known;
use domain::role::{Action, Actor, Role, Rules};
use domain::route::Stock;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use store::Store;
use store::drills::DrillFilter;

use crate::collect::{self, Observed};
use crate::overview::{past, production};
use crate::settings::{Deployment, Settings};
use crate::{Error, Services};

/// Drills that are looked at: enough for each source to have had its turn.
const DRILLS: i64 = 100;

/// What only Muster's database knows.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Drills that passed.
    pub rehearsals: Vec<Rehearsal>,
    /// People whose last sign-in had a role that may approve, whoever was seen last first.
    pub approvers: Vec<PersonSeen>,
}

/// Reads what is remembered of a deployment.
///
/// # Errors
/// If the store doesn't answer.
pub async fn remembered(store: &Store, deployment: &str, rules: Rules) -> Result<Remembered, Error> {
    let passed = DrillFilter {
        deployment: Some(deployment.into()),
        verdict: Some(Verdict::Passed),
        backup: None,
    };
    let drills = store.drills(&passed, None, DRILLS).await?;
    let rehearsal = |stored: store::drills::StoredDrill| {
        let drill = stored.drill;
        Some(Rehearsal {
            source: drill.backup?.source,
            at: drill.finished_at?,
            seconds: drill.figures.rto_seconds,
        })
    };
    let approve = Role::ALL.into_iter().filter(|role| rules.allows(*role, Action::Decide));
    Ok(Remembered {
        rehearsals: drills.into_iter().filter_map(rehearsal).collect(),
        approvers: store.people_seen(&approve.collect::<Vec<_>>()).await?,
    })
}

/// The emergency of one deployment for its Overview. `None`: there is none.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no such deployment.
pub async fn see(services: &Services, actor: &Actor, name: &str) -> Result<Option<Emergency>, Error> {
    let rules = services.settings.approvals.roles;
    actor.may(Action::Read, rules)?;
    let deployment = services.deployment(name)?;
    let store = &services.store;
    let observed = collect::cached(store, deployment).await?;
    let open = store.findings(Some(name)).await?.into_iter();
    let errors = open
        .filter(|(_, record)| record.is_error())
        .map(|(_, record)| (record.code, record.found.title))
        .collect();
    let now = services.clock.now();
    let alarms = heard(deployment, &observed, errors, now);
    if alarms.is_empty() {
        return Ok(None);
    }
    let remembered = remembered(store, name, rules).await?;
    let settings = &services.settings;
    Ok(Some(draw_up(
        settings,
        deployment,
        &observed,
        alarms,
        Some(remembered),
        now,
    )))
}

/// The same from one look, for a command line that may have no database. `errors`: code and title of each finding of severity error.
#[must_use]
pub fn of_look(
    settings: &Settings,
    deployment: &Deployment,
    observed: &Observed,
    errors: Vec<(String, String)>,
    remembered: Option<Remembered>,
    now: Timestamp,
) -> Option<Emergency> {
    let alarms = heard(deployment, observed, errors, now);
    (!alarms.is_empty()).then(|| draw_up(settings, deployment, observed, alarms, remembered, now))
}

/// Code and title of what a rule found, where it is an error.
#[must_use]
pub fn error_of(code: &str, severity: Severity, title: &str) -> Option<(String, String)> {
    (severity == Severity::Error).then(|| (code.to_owned(), title.to_owned()))
}

fn heard(deployment: &Deployment, observed: &Observed, errors: Vec<(String, String)>, now: Timestamp) -> Vec<Alarm> {
    let inventory = collect::assemble(deployment, observed, now);
    let usable = inventory.backups.iter().any(|backup| backup.status == Status::Ok);
    let all_read =
        !inventory.sources.is_empty() && inventory.sources.iter().all(|source| source.status != Status::Unknown);
    let key = observed.keys.known(now);
    let key = key.fresh().filter(|keys| keys.status == Status::Broken);
    let silent = match (observed.vitals.known(now), &observed.vitals.failure) {
        (Known::Unknown { .. }, Some((_, why))) if observed.vitals.last_good.is_some() => Some(why.clone()),
        _ => None,
    };
    alarms(&Signs {
        errors,
        nothing_comes_back: all_read && !usable && inventory.windows.is_empty(),
        key: key
            .filter(|keys| keys.verdict != KeyVerdict::Unknown)
            .map(|keys| keys.detail.clone()),
        silent,
    })
}

fn draw_up(
    settings: &Settings,
    deployment: &Deployment,
    observed: &Observed,
    alarms: Vec<Alarm>,
    remembered: Option<Remembered>,
    now: Timestamp,
) -> Emergency {
    let inventory = collect::assemble(deployment, observed, now);
    let rehearsals = remembered.as_ref().map(|memory| memory.rehearsals.as_slice());
    let back = ways(deployment, observed, &inventory, rehearsals, now);
    let vitals = observed.vitals.known(now);
    let stale = match &vitals {
        Known::Unknown { reason, .. } => Some(reason.as_str()),
        Known::Fresh { .. } => None,
    };
    let last = observed.vitals.last_good.as_ref();
    let newest = last.and_then(|(vitals, _)| Vitals::newest_commit(vitals));
    let silent = inventory
        .sources
        .iter()
        .filter(|source| source.status == Status::Unknown);
    Emergency {
        deployment: deployment.name.clone(),
        alarms,
        writing: writing(newest, last.map(|(_, at)| *at), stale),
        first_aid: first_aid(&place::site(deployment)),
        ways_back: back.into_iter().map(|back| route(deployment, back)).collect(),
        unknown_sources: silent
            .map(|source| (source.name.clone(), source.detail.clone()))
            .collect(),
        contacts: settings.contacts.iter().map(|contact| contact.at(now)).collect(),
        approvers: remembered.map(|memory| memory.approvers),
    }
}

fn ways(
    deployment: &Deployment,
    observed: &Observed,
    inventory: &Inventory,
    rehearsals: Option<&[Rehearsal]>,
    now: Timestamp,
) -> Vec<WayBack> {
    let past = past(deployment, observed);
    let keys = observed.keys_with_coverage(now);
    let coverage = keys.as_ref().map(|keys| keys.coverage.as_slice());
    let stock = Stock {
        backups: &inventory.backups,
        windows: &inventory.windows,
        gaps: &inventory.gaps,
        commits: &[],
        production: production(observed, now),
        coverage: coverage.unwrap_or_default(),
        past: &past,
    };
    ways_back(now, &stock, rehearsals, &kept(observed, now))
}

fn kept(observed: &Observed, now: Timestamp) -> Kept {
    let spans = observed
        .sources
        .iter()
        .filter_map(|(_, seen)| seen.known(now).fresh()?.managed.as_ref()?.span(&seen.source));
    let told = spans.map(|span| (span.source, TimeDelta::days(span.retention_days.into())));
    Kept {
        told: told.collect::<BTreeMap<_, _>>(),
        promised: observed.kept_for,
    }
}

fn route(deployment: &Deployment, back: WayBack) -> Route {
    let WayBack { way, drilled, expires } = back;
    let seconds = way.loss.seconds;
    let status = way.key.as_ref().map_or(CoverageStatus::Unknown, Coverage::today);
    Route {
        backup: way.backup().map(Into::into),
        kind: way.kind.map(|kind| kind.word().into()),
        restores_to: way.reaches,
        exact: way.exact,
        loss_seconds: seconds.map(|range| range.min),
        loss_seconds_at_most: seconds.and_then(|range| range.max),
        drilled,
        key: status.word().into(),
        key_version: way.key.as_ref().and_then(|key| key.version.clone()),
        expires: match expires {
            // A copy that should be gone already is there all the same, and nobody knows for how long.
            Expires::At { at } | Expires::Promised { at } if at < way.reaches => Expires::Unknown,
            told => told,
        },
        commands: commands::of(deployment, &way),
        source: way.source,
        repo: way.repo,
    }
}
