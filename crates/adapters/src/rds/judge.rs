//! What the answers mean: whether the database is protected, since when and until when it can be brought back, and which snapshots would do.

use std::collections::BTreeSet;

use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::time::Timestamp;
use domain::window::Window;

use super::answers::{AutomatedBackup, Database, Snapshot};

/// Whether AWS could bring the database back, in words.
pub(super) fn database(
    database: Option<&Database>,
    automated: &[AutomatedBackup],
    unread: &[String],
) -> (Status, String) {
    let mut said = Vec::new();
    let mut statuses = Vec::new();
    match database {
        Some(database) => {
            said.push(about(database));
            let (status, text) = retention(database.retention_days);
            statuses.push(status);
            said.push(text);
            // AWS's word for a key that is disabled, deleted, or out of reach.
            if database
                .status
                .as_deref()
                .is_some_and(|word| word.contains("inaccessible-encryption"))
            {
                statuses.push(Status::Broken);
                said.push("its KMS key can’t be used".into());
            }
        }
        None => {
            statuses.push(Status::Broken);
            said.push("the database is gone; these backups outlived it".into());
        }
    }
    let (status, text) = reach(database, automated);
    statuses.extend(status);
    said.push(text);
    if !unread.is_empty() {
        statuses.push(Status::Unknown);
        said.extend(unread.iter().cloned());
    }
    (Status::group(statuses), said.join("; "))
}

fn about(database: &Database) -> String {
    let mut said = vec![database.status.clone().unwrap_or_else(|| "state not told".into())];
    said.push(engine(database.engine.as_deref(), database.engine_version.as_deref()));
    said.push(encryption(database.encrypted, database.kms_key.as_deref()));
    said.extend(database.multi_az.map(|several| {
        let zones = if several {
            "several availability zones"
        } else {
            "one availability zone"
        };
        format!("in {zones}")
    }));
    said.join(", ")
}

fn retention(days: Option<u32>) -> (Status, String) {
    match days {
        Some(0) => (
            Status::Broken,
            "automated backups are off (retention 0): only snapshots can be restored, no time between them".into(),
        ),
        Some(days) => (Status::Ok, format!("automated backups are kept for {days} days")),
        None => (Status::Unknown, "how long automated backups are kept isn’t told".into()),
    }
}

fn reach(database: Option<&Database>, automated: &[AutomatedBackup]) -> (Option<Status>, String) {
    let latest = latest(database, automated);
    let earliest = spans(database, automated).into_iter().map(|(from, _)| from).min();
    let off = database.is_some_and(|database| database.retention_days == Some(0));
    let minute = |at: Timestamp| at.format("%Y-%m-%d %H:%M UTC").to_string();
    match (earliest, latest) {
        (Some(from), Some(to)) => (None, format!("restorable from {} to {}", minute(from), minute(to))),
        (_, Some(to)) => (None, format!("restorable to {}; since when isn’t told", minute(to))),
        (_, None) if off => (None, "restorable to no time".into()),
        (_, None) => (
            Some(Status::Unknown),
            "to what time it can be restored isn’t told".into(),
        ),
    }
}

fn latest(database: Option<&Database>, automated: &[AutomatedBackup]) -> Option<Timestamp> {
    let own = database.and_then(|database| database.latest_restorable);
    own.into_iter()
        .chain(automated.iter().filter_map(|backup| backup.latest))
        .max()
}

/// Earliest and latest time of each chain of backups, where AWS names both. A chain whose beginning isn't told is no span: it could begin
/// anywhere, and the retention says only how long AWS means to keep it.
fn spans(database: Option<&Database>, automated: &[AutomatedBackup]) -> Vec<(Timestamp, Timestamp)> {
    let own = database.and_then(|database| Some((database.earliest_restorable?, database.latest_restorable?)));
    let chains = automated.iter().filter_map(|backup| {
        // The instance is asked a moment earlier or later than its backups; both are true.
        let living = database.and_then(|database| database.latest_restorable);
        Some((backup.earliest?, living.into_iter().chain(backup.latest).max()?))
    });
    own.into_iter().chain(chains).filter(|(from, to)| from <= to).collect()
}

/// The spans that AWS restores to, any second of them.
pub(super) fn windows(source: &str, database: Option<&Database>, automated: &[AutomatedBackup]) -> Vec<Window> {
    let window = |(from, to)| Window {
        source: source.into(),
        repo: 0,
        from,
        to,
        end_lsn: None,
        timelines: Vec::new(),
        exact: true,
    };
    spans(database, automated).into_iter().map(window).collect()
}

/// Every key that something of it is encrypted with.
pub(super) fn kms_keys(
    database: Option<&Database>,
    automated: &[AutomatedBackup],
    snapshots: &[Snapshot],
) -> BTreeSet<String> {
    let own = database.map(|database| (database.encrypted, &database.kms_key));
    let automated = automated.iter().map(|backup| (backup.encrypted, &backup.kms_key));
    let snapshots = snapshots.iter().map(|snapshot| (snapshot.encrypted, &snapshot.kms_key));
    let all = own.into_iter().chain(automated).chain(snapshots);
    all.filter(|(encrypted, _)| *encrypted != Some(false))
        .filter_map(|(_, key)| key.clone())
        .collect()
}

/// The snapshots, oldest first.
pub(super) fn backups(source: &str, database: Option<&Database>, snapshots: &[Snapshot]) -> Vec<Backup> {
    let mut backups: Vec<_> = snapshots
        .iter()
        .map(|snapshot| backup(source, database, snapshot))
        .collect();
    backups.sort_by(|one, other| (one.stopped_at, &one.label).cmp(&(other.stopped_at, &other.label)));
    backups
}

fn backup(source: &str, database: Option<&Database>, snapshot: &Snapshot) -> Backup {
    let (mut status, state) = judge(snapshot);
    let mut said = vec![state];
    let other = match (
        database.and_then(|database| database.resource_id.as_ref()),
        &snapshot.resource_id,
    ) {
        (Some(own), Some(other)) if own != other => Some(other),
        _ => None,
    };
    if let Some(other) = other {
        status = status.max(Status::Unknown);
        said.push(format!("of another database that had this name ({other})"));
    }
    said.extend(snapshot.kind.as_ref().map(|kind| format!("{kind} snapshot")));
    said.push(engine(snapshot.engine.as_deref(), snapshot.engine_version.as_deref()));
    said.push(encryption(snapshot.encrypted, snapshot.kms_key.as_deref()));
    let done = snapshot.status.as_deref() == Some("available");
    Backup {
        source: source.into(),
        tool: "rds".into(),
        repo: None,
        label: snapshot.identifier.clone(),
        kind: Kind::Snapshot,
        parent: None,
        // A snapshot is of one moment; only for some databases AWS knows which transactions are in it.
        started_at: snapshot.data_of.or(snapshot.taken_at),
        stopped_at: snapshot.taken_at.filter(|_| done),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: snapshot.size_bytes,
        stored_bytes: None,
        status,
        detail: said.join(", "),
    }
}

/// States: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html>; other words mean that something is under way.
fn judge(snapshot: &Snapshot) -> (Status, String) {
    match snapshot.status.as_deref() {
        Some("available") => (Status::Ok, "available".into()),
        Some(word) if word.contains("fail") || word.starts_with("incompatible") || word.contains("inaccessible") => {
            (Status::Broken, word.into())
        }
        Some(word) => {
            let progress = snapshot.percent.map(|percent| format!(" ({percent} %)"));
            (Status::Unknown, format!("{word}{}", progress.unwrap_or_default()))
        }
        None => (Status::Unknown, "state not told".into()),
    }
}

fn engine(engine: Option<&str>, version: Option<&str>) -> String {
    let engine = engine.unwrap_or("engine not told");
    match version {
        Some(version) => format!("{engine} {version}"),
        None => engine.into(),
    }
}

fn encryption(encrypted: Option<bool>, key: Option<&str>) -> String {
    match (encrypted, key) {
        (Some(true), Some(key)) => format!("encrypted with {key}"),
        (Some(true), None) => "encrypted with a key that isn’t told".into(),
        (Some(false), _) => "not encrypted".into(),
        (None, _) => "encryption not told".into(),
    }
}

#[cfg(test)]
mod tests;
