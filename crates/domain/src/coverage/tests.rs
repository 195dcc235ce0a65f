use chrono::{DateTime, TimeDelta};

use super::*;
use crate::custody::Keep;
use crate::drift::Verdict;
use crate::inventory::{Envelopes, Replica};
use crate::rotation::Held;
use crate::status::Status;

mod answers;
mod endings;
mod expectations;
mod properties;
mod trials;

const NOW: Timestamp = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");

fn days_ago(days: i64) -> Timestamp {
    NOW - TimeDelta::days(days)
}

fn key(name: &str) -> Fingerprint {
    Fingerprint::Keyed(name.repeat(4))
}

/// A version that was made so many days ago and holds the key of its name.
fn version(name: &str, days: i64) -> KeyVersion {
    KeyVersion {
        manager: "vault secret/ampora".into(),
        version: name.into(),
        fingerprint: Some(key(name)),
        key_id: None,
        created_at: Some(days_ago(days)),
        current: false,
        state: State::Older.word().into(),
        keep: Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens: None,
        of: None,
        detail: String::new(),
    }
}

fn destroyed(name: &str, days: i64) -> KeyVersion {
    KeyVersion {
        fingerprint: None,
        state: State::Destroyed.word().into(),
        ..version(name, days)
    }
}

fn denied(name: &str, days: i64) -> KeyVersion {
    KeyVersion {
        fingerprint: None,
        state: "denied".into(),
        ..version(name, days)
    }
}

fn backup(label: &str, kind: Kind, days: i64) -> Backup {
    Backup {
        source: "main".into(),
        tool: "pgbackrest".into(),
        repo: None,
        label: label.into(),
        kind,
        parent: None,
        started_at: Some(days_ago(days) - TimeDelta::minutes(30)),
        stopped_at: Some(days_ago(days)),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: None,
        status: Status::Ok,
        detail: String::new(),
    }
}

/// From so many days ago to so many days ago.
fn span(held: Held, from: i64, until: i64) -> Span {
    Span {
        held,
        from: days_ago(from),
        until: days_ago(until),
        looked: days_ago(until),
    }
}

/// A manager with versions 1, 2 and 3, made 300, 200 and 100 days ago, in step with an Ampora that went from 2 to 3 ten days late.
#[derive(Clone, Debug)]
struct World {
    backups: Vec<Backup>,
    openings: Vec<(Fingerprint, u32)>,
    parsed: u32,
    keys: Keys,
    dated: bool,
    envelopes: Vec<Span>,
    in_use: Vec<Span>,
    kept_for: Option<TimeDelta>,
}

fn world(backups: Vec<Backup>) -> World {
    let mut versions = vec![version("1", 300), version("2", 200), version("3", 100)];
    versions[2].current = true;
    World {
        backups,
        openings: Vec::new(),
        parsed: 0,
        keys: Keys {
            name: "prod".into(),
            verdict: Verdict::InSync,
            status: Status::Ok,
            detail: String::new(),
            secret: None,
            versions,
            in_use: None,
            envelopes: Envelopes::default(),
            replicas: Vec::new(),
            coverage: Vec::new(),
            uncovered: Vec::new(),
        },
        dated: true,
        envelopes: vec![span(Held::Key(key("2")), 150, 90), span(Held::Key(key("3")), 90, 0)],
        in_use: Vec::new(),
        kept_for: None,
    }
}

impl World {
    fn cells(&self) -> Vec<Coverage> {
        let trial = |backup: &Backup| (backup.source.clone(), backup.label.clone());
        let tried: Vec<_> = self.backups.iter().map(trial).collect();
        let trials: Vec<_> = tried
            .iter()
            .map(|(source, label)| Trial {
                source,
                label,
                openings: &self.openings,
                parsed: self.parsed,
                at: days_ago(1),
            })
            .collect();
        coverage(&Stock {
            backups: &self.backups,
            trials: &trials,
            keys: &self.keys,
            dated: self.dated,
            envelopes: &self.envelopes,
            in_use: &self.in_use,
            kept_for: self.kept_for,
            now: NOW,
        })
    }

    /// Version and status of each cell.
    fn statuses(&self) -> Vec<(Option<String>, CoverageStatus)> {
        let cells = self.cells().into_iter();
        cells.map(|cell| (cell.version, cell.status)).collect()
    }
}

fn of(version: &str, status: CoverageStatus) -> (Option<String>, CoverageStatus) {
    (Some(version.into()), status)
}

const fn none(status: CoverageStatus) -> (Option<String>, CoverageStatus) {
    (None, status)
}
