//! An emergency as it is known now: drawn up from what may be believed, whether or not Muster's database and the identity provider are
//! there. What only they would know is unknown then.

mod commands;
mod place;

use std::collections::BTreeMap;

use domain::drift::Verdict as KeyVerdict;
use domain::drill::Verdict;
use domain::emergency::{
    Alarm, Emergency, Expires, Kept, PersonSeen, Rehearsal, Retention, Route, Signs, WayBack, alarms, first_aid,
    ways_back, writing,
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
use crate::overview::{self, View, past, production};
use crate::settings::{Deployment, Settings};
use crate::{Error, Services};

/// Drills that are looked at: enough for each source to have had its turn.
const DRILLS: i64 = 100;
/// The repository that ways out of dumps have.
const DUMPS: u32 = 0;
const CLEANED_UP: &str =
    "nothing in a folder or bucket of dumps tells when one is removed: whatever cleans it up decides";

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
        ..DrillFilter::default()
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

/// One deployment as its Overview shows it, with what to do first where something is broken.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no such deployment.
pub async fn view(services: &Services, actor: &Actor, name: &str) -> Result<(View, Option<Emergency>), Error> {
    let rules = services.settings.approvals.roles;
    actor.may(Action::Read, rules)?;
    let deployment = services.deployment(name)?;
    let store = &services.store;
    let observed = collect::cached(store, deployment).await?;
    let open = store.findings(Some(name)).await?.into_iter();
    let errors = open
        .filter(|(_, record)| record.is_error())
        .map(|(_, record)| (record.code, record.found.title));
    let look = Look::of(deployment, &observed, services.clock.now());
    let alarms = look.alarms(errors.collect());
    let emergency = if alarms.is_empty() {
        None
    } else {
        let remembered = remembered(store, name, rules).await?;
        Some(look.draw_up(&services.settings, alarms, Some(remembered)))
    };
    Ok((overview::seen(services, deployment, observed).await?, emergency))
}

/// What to do first, from one look, for a command line that may have no database. `None`: nothing is broken. `errors`: code and title of
/// each finding of severity error.
#[must_use]
pub fn of_look(
    settings: &Settings,
    (deployment, observed): (&Deployment, &Observed),
    errors: Vec<(String, String)>,
    remembered: Option<Remembered>,
    now: Timestamp,
) -> Option<Emergency> {
    let look = Look::of(deployment, observed, now);
    let alarms = look.alarms(errors);
    (!alarms.is_empty()).then(|| look.draw_up(settings, alarms, remembered))
}

/// Code and title of what a rule found, where it is an error.
#[must_use]
pub fn error_of(code: &str, severity: Severity, title: &str) -> Option<(String, String)> {
    (severity == Severity::Error).then(|| (code.to_owned(), title.to_owned()))
}

/// One deployment as it is known at a moment.
struct Look<'a> {
    deployment: &'a Deployment,
    observed: &'a Observed,
    inventory: Inventory,
    now: Timestamp,
}

impl<'a> Look<'a> {
    fn of(deployment: &'a Deployment, observed: &'a Observed, now: Timestamp) -> Self {
        Self {
            deployment,
            observed,
            inventory: collect::assemble(deployment, observed, now),
            now,
        }
    }

    fn alarms(&self, errors: Vec<(String, String)>) -> Vec<Alarm> {
        let Inventory {
            sources,
            backups,
            windows,
            ..
        } = &self.inventory;
        let usable = backups.iter().any(|backup| backup.status == Status::Ok);
        let all_read = !sources.is_empty() && sources.iter().all(|source| source.status != Status::Unknown);
        let keys = self.observed.keys.known(self.now);
        let broken = keys
            .fresh()
            .filter(|keys| keys.status == Status::Broken && keys.verdict != KeyVerdict::Unknown);
        let vitals = &self.observed.vitals;
        let silent = match (vitals.known(self.now), &vitals.failure) {
            (Known::Unknown { .. }, Some((_, why))) if vitals.last_good.is_some() => Some(why.clone()),
            _ => None,
        };
        alarms(&Signs {
            errors,
            nothing_comes_back: all_read && !usable && windows.is_empty(),
            key: broken.map(|keys| keys.detail.clone()),
            silent,
        })
    }

    fn draw_up(&self, settings: &Settings, alarms: Vec<Alarm>, remembered: Option<Remembered>) -> Emergency {
        let (deployment, now) = (self.deployment, self.now);
        let back = self.ways(remembered.as_ref().map(|memory| memory.rehearsals.as_slice()));
        let vitals = self.observed.vitals.known(now);
        let stale = match &vitals {
            Known::Unknown { reason, .. } => Some(reason.as_str()),
            Known::Fresh { .. } => None,
        };
        let last = self.observed.vitals.last_good.as_ref();
        let newest = last.and_then(|(vitals, _)| Vitals::newest_commit(vitals));
        let sources = self.inventory.sources.iter();
        let silent = sources.filter(|source| source.status == Status::Unknown);
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

    fn ways(&self, rehearsals: Option<&[Rehearsal]>) -> Vec<WayBack> {
        let past = past(self.deployment, self.observed);
        let keys = self.observed.keys_with_coverage(self.now);
        let coverage = keys.as_ref().map(|keys| keys.coverage.as_slice());
        let stock = Stock {
            backups: &self.inventory.backups,
            windows: &self.inventory.windows,
            gaps: &self.inventory.gaps,
            commits: &[],
            production: production(self.observed, self.now),
            coverage: coverage.unwrap_or_default(),
            past: &past,
        };
        ways_back(self.now, &stock, rehearsals, &kept(self.observed, self.now))
    }
}

fn kept(observed: &Observed, now: Timestamp) -> Kept {
    let mut told = BTreeMap::new();
    for (kind, seen) in &observed.sources {
        let known = seen.known(now);
        let Some(reading) = known.fresh() else { continue };
        if let Some(span) = reading.managed.as_ref().and_then(|managed| managed.span(&seen.source)) {
            told.insert((span.source, 0), Ok(Retention::Days(span.retention_days)));
        }
        for repo in &reading.repos {
            told.insert((seen.source.clone(), repo.key), repo.retention.clone());
        }
        if kind == "dumps" {
            told.insert((seen.source.clone(), DUMPS), Err(CLEANED_UP.into()));
        }
    }
    Kept {
        told,
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
            Expires::At { at } | Expires::Promised { at } if at < way.reaches => {
                Expires::unknown("it should be gone already, and is there all the same")
            }
            told => told,
        },
        commands: commands::of(deployment, &way),
        source: way.source,
        repo: way.repo,
    }
}
