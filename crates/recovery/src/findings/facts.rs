//! From what was observed to the facts that the rules look at. What may not be believed now is handed on as unknown, with the reason.

use std::collections::BTreeMap;

use domain::drill::Leftover;
use domain::ids::SystemIdentifier;
use domain::inventory::{Inventory, Keys};
use domain::observation::{Known, Observation};
use domain::policy::Fact;
use domain::rules::{ArchiveReading, Facts, History, Judgement, Rule, SourceArchive};
use domain::time::Timestamp;

use super::place::place;
use crate::collect::{self, Observed, SourceReading};
use crate::settings::Deployment;

/// Gathers the facts and hands them to `judge`.
pub fn with(
    deployment: &Deployment,
    observed: &Observed,
    inventory: &Inventory,
    now: Timestamp,
    judge: impl FnOnce(&Facts<'_>) -> Vec<(Rule, Judgement)>,
) -> Vec<(Rule, Judgement)> {
    let archives = observed
        .sources
        .iter()
        .filter(|(kind, _)| ["pgbackrest", "walg"].contains(&kind.as_str()));
    let facts = Facts {
        now,
        place: place(deployment),
        vitals: reference(&observed.vitals, now),
        traces: reference(&observed.traces, now),
        keys: deployment.master_key.as_ref().map(|_| keys(observed, now)),
        gone: gone(observed),
        elsewhere: &observed.beside.elsewhere,
        exposures: match &observed.beside.handed {
            None => Fact::unknown("who was handed a key is kept in Muster’s own database, which wasn’t read"),
            Some(handed) => Fact::Known {
                value: handed.judged(&observed.keys, now),
                at: now,
            },
        },
        archives: archives.map(|(_, source)| archive(source, now)).collect(),
        sources: &inventory.sources,
        backups: &inventory.backups,
        windows: &inventory.windows,
        lags: collect::lags(observed, now),
        history: History {
            heads: &observed.history.heads,
            images: &observed.history.images,
        },
        image: observed.images.as_ref().map(|images| match images.known(now) {
            Known::Unknown { reason, .. } => Fact::unknown(reason),
            Known::Fresh { value, at } => match value.running_digest() {
                Some(value) => Fact::Known { value, at },
                None => Fact::unknown("which image runs isn’t known"),
            },
        }),
        rehearsals: observed.rehearsals.as_ref(),
        restored: observed.restored.as_deref(),
        set_back: observed.set_back.as_deref(),
        leftovers: leftovers(deployment, observed, now),
        crl: observed.crl.as_ref().map(|crl| crl.known(now).into()),
        promises: &deployment.promises,
        clear: clear(observed),
    };
    judge(&facts)
}

/// What drills left at AWS, of all sources that they make copies of. One that isn't known may be where it is.
fn leftovers(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Option<Fact<Vec<Leftover>>> {
    let copied = |source: &str| deployment.drills.managed.contains_key(source);
    let seen = observed.sources.iter().filter(|(_, seen)| copied(&seen.source));
    seen.map(|(_, seen)| match seen.known(now) {
        Known::Unknown { reason, .. } => Fact::unknown(reason),
        Known::Fresh { value, at } => match value.managed.as_ref().and_then(|facts| facts.leftovers.clone()) {
            Some(Ok(value)) => Fact::Known { value, at },
            Some(Err(reason)) => Fact::unknown(reason),
            None => Fact::unknown("temporary instances were not looked for yet"),
        },
    })
    .reduce(|one, other| match (one, other) {
        (Fact::Known { value: mut all, at }, Fact::Known { value, .. }) => {
            all.extend(value);
            Fact::Known { value: all, at }
        }
        (unknown @ Fact::Unknown { .. }, _) | (_, unknown) => unknown,
    })
}

/// When each rule was last seen to be clear: its latest run, or what came before it.
fn clear(observed: &Observed) -> BTreeMap<&'static str, Timestamp> {
    let of = |rule: Rule| {
        let run = observed.history.latest.get(&super::read::fact(rule.code))?;
        Some((rule.code, if run.value == "clear" { run.until } else { run.since }))
    };
    Rule::ALL.into_iter().filter_map(of).collect()
}

/// A value that may be believed, by reference.
fn reference<T>(seen: &Observation<T>, now: Timestamp) -> Fact<&T> {
    match seen.known(now) {
        Known::Fresh { value, at } => Fact::Known { value, at },
        Known::Unknown { reason, .. } => Fact::unknown(reason),
    }
}

fn keys(observed: &Observed, now: Timestamp) -> Fact<Keys> {
    match observed.keys.known(now) {
        Known::Unknown { reason, .. } => Fact::unknown(reason),
        Known::Fresh { value, at } => Fact::Known {
            value: observed.keys_with_coverage(now).unwrap_or_else(|| value.clone()),
            at,
        },
    }
}

/// Why the database didn't answer when it was asked after the keys had been tried on it.
fn gone(observed: &Observed) -> Option<String> {
    let (failed_at, why) = observed.vitals.failure.as_ref()?;
    let (_, tried_at) = observed.keys.last_good.as_ref()?;
    (failed_at > tried_at).then(|| why.clone())
}

fn archive(seen: &Observation<SourceReading>, now: Timestamp) -> SourceArchive<'_> {
    let archives: Fact<&[ArchiveReading]> = match seen.known(now) {
        Known::Unknown { reason, .. } => Fact::unknown(reason),
        // Without an archive nothing was listed, which may be because it couldn't be.
        Known::Fresh { value, .. } if value.archives.is_empty() => {
            Fact::unknown(format!("no WAL archive was listed: {}", value.detail))
        }
        Known::Fresh { value, at } => Fact::Known {
            value: value.archives.as_slice(),
            at,
        },
    };
    let systems: Fact<&[SystemIdentifier]> = match seen.known(now) {
        Known::Unknown { reason, .. } => Fact::unknown(reason),
        Known::Fresh { value, at } => Fact::Known {
            value: value.systems.as_slice(),
            at,
        },
    };
    SourceArchive {
        source: seen.source.clone(),
        archives,
        systems,
    }
}
