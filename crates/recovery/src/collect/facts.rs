//! From what was observed to the facts that the rules of the policy look at. What may not be believed now is handed on as unknown, with the
//! reason.

use domain::history::Seen;
use domain::inventory::{Inventory, Keys};
use domain::observation::Known;
use domain::policy::{AuditSpan, Fact, Facts, KeyEscrow, Vanished};
use domain::time::Timestamp;
use domain::upgrade::{Part, Upgrade, upgrades};
use domain::vitals::Vitals;

use super::Observed;
use super::assemble::master_key;
use crate::settings::Deployment;

/// Everything the rules look at, as of `now`.
pub fn facts<'a>(deployment: &Deployment, observed: &Observed, inventory: &'a Inventory, now: Timestamp) -> Facts<'a> {
    let vitals: Fact<Vitals> = observed.vitals.known(now).into();
    let last_vitals = observed.vitals.last_good.as_ref().map(|(vitals, _)| vitals);
    Facts {
        backups: &inventory.backups,
        backups_unread: unread(observed, now),
        windows: &inventory.windows,
        gaps: &inventory.gaps,
        vanished: vanished(observed),
        managed: Vec::new(),
        newest_commit: newest_commit(&vitals),
        archiver: of(&vitals, |vitals| Ok(vitals.archive.clone())),
        lags: Vec::new(),
        upgrades: seen_upgrades(&observed.history),
        observed_since: observed.history.known_since,
        oldest_evidence: last_vitals.and_then(|vitals| vitals.authority_since),
        audit: of(&vitals, |vitals| {
            Ok(AuditSpan {
                oldest: vitals.oldest_audit_event,
                newest: vitals.newest_audit_event,
            })
        }),
        repos: Vec::new(),
        places: Vec::new(),
        home: deployment.region.clone(),
        key: key(deployment, observed, now),
        replicas: replicas(observed, now),
        tls: None,
        images: None,
        drill: None,
        recoveries: observed.recoveries.clone(),
    }
}

/// What follows from a fact that is known.
fn of<T, U>(fact: &Fact<T>, follow: impl FnOnce(&T) -> Result<U, &'static str>) -> Fact<U> {
    match fact {
        Fact::Unknown { reason } => Fact::unknown(reason),
        Fact::Known { value, at } => match follow(value) {
            Ok(value) => Fact::Known { value, at: *at },
            Err(reason) => Fact::unknown(reason),
        },
    }
}

fn unread(observed: &Observed, now: Timestamp) -> Option<String> {
    if observed.sources.is_empty() {
        return Some("no source of backups is configured".into());
    }
    observed.sources.iter().find_map(|(_, source)| match source.known(now) {
        Known::Unknown { reason, .. } => Some(format!("{}: {reason}", source.source)),
        Known::Fresh { .. } => None,
    })
}

fn newest_commit(vitals: &Fact<Vitals>) -> Fact<Timestamp> {
    let none = "the live database shows no commit with a time";
    of(vitals, |vitals| vitals.newest_commit().ok_or(none))
}

/// Those of expired readings too: that a backup was gone stays true.
fn vanished(observed: &Observed) -> Vec<Vanished> {
    let last = observed
        .sources
        .iter()
        .filter_map(|(_, source)| source.last_good.as_ref());
    last.flat_map(|(reading, _)| reading.vanished.iter().cloned()).collect()
}

fn seen_upgrades(history: &super::History) -> Fact<Vec<Upgrade>> {
    let last = |runs: &[Seen]| runs.iter().map(|run| run.until).max();
    let Some(at) = last(&history.heads).max(last(&history.images)) else {
        return Fact::unknown("neither the migration head nor the running image was ever read");
    };
    let mut value = upgrades(Part::MigrationHead, &history.heads);
    value.extend(upgrades(Part::Image, &history.images));
    Fact::Known { value, at }
}

fn key(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Option<KeyEscrow> {
    deployment.master_key.as_ref()?;
    let artifact = master_key("", &observed.keys, now);
    let opens = |keys: &Keys| {
        let current = keys.versions.iter().find(|version| version.current)?;
        Some(format!("opens {} of {}", current.opens?, keys.envelopes.sampled))
    };
    Some(KeyEscrow {
        status: artifact.status,
        detail: artifact.detail,
        actual: observed.keys.known(now).fresh().and_then(opens),
    })
}

fn replicas(observed: &Observed, now: Timestamp) -> Vec<domain::inventory::Replica> {
    let keys = observed.keys.known(now);
    keys.fresh().map(|keys| keys.replicas.clone()).unwrap_or_default()
}
