//! From what was observed to the facts that the rules of the policy look at. What may not be believed now is handed on as unknown, with the
//! reason.

use adapters::registry::VersionReading;
use adapters::tls::TlsReading;
use domain::history::Seen;
use domain::inventory::{Inventory, Keys};
use domain::observation::{Known, Observation};
use domain::policy::{
    AuditSpan, Escrow, Fact, Facts, ImageState, KeyEscrow, Lag, ManagedSpan, RepoKey, TlsEnd, Vanished,
};
use domain::status::Status;
use domain::time::Timestamp;
use domain::upgrade::Upgrade;
use domain::vitals::{AuditTable, Sign, Vitals, Why};

use super::artifacts::master_key;
use super::images::ImagesReading;
use super::places;
use super::{Observed, RepoReading, SourceReading};
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
        managed: managed(observed, now),
        newest_commit: newest_commit(&vitals),
        archiver: of(&vitals, |vitals| Ok(vitals.archive.clone())),
        lags: lags(observed, now),
        upgrades: seen_upgrades(&observed.history),
        observed_since: observed.history.known_since,
        oldest_evidence: last_vitals.and_then(|vitals| vitals.authority_since),
        audit: audit(&vitals),
        repos: repos(deployment, observed, now),
        places: places::places(deployment, observed, now),
        home: deployment.region.clone(),
        key: key(deployment, observed, now),
        replicas: replicas(observed, now),
        tls: observed.tls.as_ref().map(|tls| end_of_chain(&tls.known(now).into())),
        images: observed
            .images
            .as_ref()
            .map(|images| pullable(&images.known(now).into())),
        drill: observed.drill,
        recoveries: observed.measured(),
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

/// Of both tables; one that can't be read may hold the oldest event.
fn audit(vitals: &Fact<Vitals>) -> Fact<AuditSpan> {
    let (value, at) = match vitals {
        Fact::Unknown { reason } => return Fact::unknown(reason),
        Fact::Known { value, at } => (value, *at),
    };
    let unread = |sign: &Sign<AuditTable>| match sign {
        Sign::Known(_)
        | Sign::Unknown {
            why: Why::NotConfigured | Why::Earlier,
            ..
        } => None,
        Sign::Unknown { reason, .. } => Some(reason.clone()),
    };
    if let Some(reason) = unread(&value.signs.hot).or_else(|| unread(&value.signs.archive)) {
        return Fact::unknown(reason);
    }
    let (oldest, newest) = (value.oldest_audit_event, value.newest_audit_event);
    Fact::Known {
        value: AuditSpan { oldest, newest },
        at,
    }
}

fn unread(observed: &Observed, now: Timestamp) -> Option<String> {
    if observed.sources.is_empty() {
        return Some("no source of backups is configured".into());
    }
    observed.sources.iter().find_map(|(_, source)| match source.known(now) {
        Known::Unknown { reason, .. } => Some(format!("{}: {reason}", source.source)),
        // One of its repositories wasn't read, say.
        Known::Fresh { value, .. } if value.status == Status::Unknown => {
            Some(format!("{}: {}", source.source, value.detail))
        }
        Known::Fresh { .. } => None,
    })
}

fn newest_commit(vitals: &Fact<Vitals>) -> Fact<Timestamp> {
    let none = "the live database shows no commit with a time";
    of(vitals, |vitals| vitals.newest_commit().ok_or(none))
}

/// One for each repository of the readings that may be believed, and one unknown for each source that should have some.
pub fn lags(observed: &Observed, now: Timestamp) -> Vec<Lag> {
    let archives = observed
        .sources
        .iter()
        .filter(|(kind, _)| ["pgbackrest", "walg"].contains(&kind.as_str()));
    let lag = |source: &str, repo, oldest_unarchived| Lag {
        source: source.to_owned(),
        repo,
        oldest_unarchived,
    };
    let of_source = |seen: &Observation<SourceReading>| match seen.known(now) {
        Known::Unknown { reason, .. } => vec![lag(&seen.source, 0, Fact::unknown(reason))],
        Known::Fresh { value, at } => {
            let of_repo = |repo: &RepoReading| match &repo.oldest_unarchived {
                Ok(value) => lag(&seen.source, repo.key, Fact::Known { value: *value, at }),
                Err(reason) => lag(&seen.source, repo.key, Fact::unknown(reason)),
            };
            value.repos.iter().map(of_repo).collect()
        }
    };
    archives.flat_map(|(_, seen)| of_source(seen)).collect()
}

fn managed(observed: &Observed, now: Timestamp) -> Vec<ManagedSpan> {
    let span = |(_, seen): &(String, Observation<SourceReading>)| {
        seen.known(now).fresh()?.managed.as_ref()?.span(&seen.source)
    };
    observed.sources.iter().filter_map(span).collect()
}

/// Every repository that was ever read; one of a source that can't be read now says nothing of its cipher.
fn repos(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Vec<RepoKey> {
    let of_source = |(_, seen): &(String, Observation<SourceReading>)| {
        let fresh = seen.known(now).fresh().is_some();
        let repos = seen
            .last_good
            .as_ref()
            .map(|(reading, _)| reading.repos.clone())
            .unwrap_or_default();
        let key = |repo: &RepoReading| RepoKey {
            source: seen.source.clone(),
            repo: repo.key,
            cipher: repo.cipher.clone().filter(|_| fresh),
            escrow: escrow(deployment, observed, &seen.source, repo.key, now),
        };
        repos.iter().map(key).collect::<Vec<_>>()
    };
    observed.sources.iter().flat_map(of_source).collect()
}

fn escrow(deployment: &Deployment, observed: &Observed, source: &str, key: u32, now: Timestamp) -> Escrow {
    let configured = deployment
        .repos
        .iter()
        .find(|repo| repo.source == source && repo.key == key);
    let Some(repo) = configured.filter(|repo| repo.escrow.is_some()) else {
        return Escrow::NotConfigured;
    };
    let name = repo.name();
    let Some(tried) = observed.escrows.iter().find(|escrow| escrow.source == name) else {
        return Escrow::Unread {
            reason: "not tried yet".into(),
        };
    };
    match tried.known(now) {
        Known::Unknown { reason, .. } => Escrow::Unread { reason },
        Known::Fresh { value, at } => match value.status {
            Status::Ok => Escrow::Opens { at },
            Status::Broken => Escrow::Refused {
                reason: value.detail.clone(),
            },
            Status::Unknown => Escrow::Unread {
                reason: value.detail.clone(),
            },
        },
    }
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
    Fact::Known {
        value: history.upgrades(),
        at,
    }
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

fn end_of_chain(tls: &Fact<TlsReading>) -> Fact<TlsEnd> {
    of(tls, |reading| reading.end().ok_or("no certificate was seen"))
}

fn pullable(images: &Fact<ImagesReading>) -> Fact<Vec<ImageState>> {
    of(images, |reading| {
        let state = |version: &VersionReading| ImageState {
            what: version.what.clone(),
            status: version.status,
            detail: version.detail.clone(),
        };
        Ok(reading.image.checked.iter().map(state).collect())
    })
}
