//! A deployment that keeps every promise, to be spoilt in one place at a time.

use chrono::{DateTime, TimeDelta};

use crate::backup::{Backup, Kind};
use crate::inventory::{PolicyLine, Replica};
use crate::policy::*;
use crate::status::Status;
use crate::time::Timestamp;
use crate::vitals::ArchiveState;
use crate::window::{Gap, Window};

pub const NOW: Timestamp = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");

pub fn hours_ago(hours: i64) -> Timestamp {
    NOW - TimeDelta::hours(hours)
}

pub fn days_ago(days: i64) -> Timestamp {
    NOW - TimeDelta::days(days)
}

pub fn minutes_ago(minutes: i64) -> Timestamp {
    NOW - TimeDelta::minutes(minutes)
}

pub const fn known<T>(value: T) -> Fact<T> {
    Fact::Known { value, at: NOW }
}

pub fn unknown<T>() -> Fact<T> {
    Fact::unknown("nobody answers")
}

/// A usable backup that took half an hour.
pub fn backup(label: &str, kind: Kind, stopped_at: Timestamp) -> Backup {
    Backup {
        source: "pgbr-main".into(),
        tool: "pgbackrest".into(),
        repo: None,
        label: label.into(),
        kind,
        parent: None,
        started_at: Some(stopped_at - TimeDelta::minutes(30)),
        stopped_at: Some(stopped_at),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: None,
        status: Status::Ok,
        detail: "whole".into(),
    }
}

pub fn window(from: Timestamp, to: Timestamp) -> Window {
    Window {
        source: "pgbr-main".into(),
        repo: 1,
        from,
        to,
        end_lsn: None,
        timelines: vec![1],
        exact: true,
    }
}

pub fn place(what: What, site: Option<&str>) -> Place {
    Place {
        what,
        name: format!("{} in {}", what.word(), site.unwrap_or("some place")),
        site: site.map(Into::into),
        immutable: known(Immutability::Protected {
            by: "object lock".into(),
        }),
    }
}

pub struct World {
    pub promises: Promises,
    pub backups: Vec<Backup>,
    pub windows: Vec<Window>,
    pub gaps: Vec<Gap>,
    /// Its slices are empty; those above are put in when it is judged.
    pub facts: Facts<'static>,
}

/// Every promise is declared and kept: daily fulls for forty days, WAL to the last minute, everything in a second region.
pub fn good() -> World {
    let fulls = (0..40).map(|day| backup(&format!("full-{day}"), Kind::Full, hours_ago(2 + 24 * day)));
    World {
        promises: promises(),
        backups: fulls.collect(),
        windows: vec![window(days_ago(39), minutes_ago(1))],
        gaps: Vec::new(),
        facts: Facts {
            repos: vec![RepoKey {
                source: "pgbr-main".into(),
                repo: 1,
                cipher: Some("aes-256-cbc".into()),
                escrow: Escrow::Opens { at: NOW },
            }],
            places: What::ALL.map(|what| place(what, Some("eu-west-2"))).into(),
            home: Some("eu-west-1".into()),
            key: Some(KeyEscrow {
                status: Status::Ok,
                detail: "in sync".into(),
                actual: Some("opens 214 of 214".into()),
            }),
            replicas: vec![replica(Status::Ok)],
            tls: Some(known(certificate())),
            images: Some(known(vec![image(Status::Ok)])),
            drill: Some(PassedDrill { at: days_ago(20) }),
            recoveries: vec![recovery()],
            ..observed()
        },
    }
}

/// What was read of the database and its archive.
fn observed() -> Facts<'static> {
    Facts {
        backups: &[],
        backups_unread: None,
        windows: &[],
        gaps: &[],
        vanished: Vec::new(),
        managed: Vec::new(),
        newest_commit: known(minutes_ago(0)),
        archiver: known(ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: Some(minutes_ago(1)),
            last_failed_at: Some(days_ago(3)),
        }),
        lags: vec![Lag {
            source: "pgbr-main".into(),
            repo: 1,
            oldest_unarchived: known(Some(minutes_ago(1))),
        }],
        upgrades: known(Vec::new()),
        observed_since: Some(days_ago(200)),
        oldest_evidence: Some(days_ago(400)),
        audit: known(AuditSpan {
            oldest: Some(days_ago(400)),
            newest: Some(minutes_ago(3)),
        }),
        repos: Vec::new(),
        places: Vec::new(),
        home: None,
        key: None,
        replicas: Vec::new(),
        tls: None,
        images: None,
        drill: None,
        recoveries: Vec::new(),
    }
}

fn certificate() -> TlsEnd {
    TlsEnd {
        not_after: NOW + TimeDelta::days(60),
        name: "ampora.acme.io".into(),
        status: Status::Ok,
        detail: "issued by R11".into(),
    }
}

fn recovery() -> Recovery {
    Recovery {
        at: days_ago(20),
        seconds: 1500,
        what: "restore of full-20".into(),
    }
}

fn promises() -> Promises {
    Promises {
        full_backup_age: Some(TimeDelta::hours(26)),
        full_retention: Some(TimeDelta::days(30)),
        wal_lag: Some(TimeDelta::minutes(15)),
        rpo: Some(TimeDelta::minutes(15)),
        rto: Some(TimeDelta::hours(4)),
        drill_every: Some(TimeDelta::days(90)),
        tls_expiry: Some(TimeDelta::days(21)),
        audit_retention: Some(TimeDelta::days(365)),
        off: std::collections::BTreeSet::new(),
    }
}

pub fn replica(status: Status) -> Replica {
    Replica {
        name: "eu-west-2".into(),
        fingerprint: None,
        version: None,
        status,
        detail: "compared".into(),
    }
}

pub fn image(status: Status) -> ImageState {
    ImageState {
        what: "acme/ampora".into(),
        status,
        detail: "asked".into(),
    }
}

impl World {
    pub fn judged(&self) -> Vec<PolicyLine> {
        let facts = Facts {
            backups: &self.backups,
            windows: &self.windows,
            gaps: &self.gaps,
            ..self.facts.clone()
        };
        judge(&self.promises, &facts, NOW)
    }

    pub fn line(&self, rule: Rule) -> PolicyLine {
        let mut lines = self.judged().into_iter();
        lines
            .find(|line| line.rule == rule.name())
            .expect("every rule is judged")
    }
}

/// One row of a table: what is spoilt, how, and what the rule must say then.
pub type Row = (&'static str, fn(&mut World), Standing);

pub fn check(rule: Rule, rows: &[Row]) {
    for (name, spoil, expected) in rows {
        let mut world = good();
        spoil(&mut world);
        let line = world.line(rule);
        assert_eq!(line.verdict, *expected, "{rule}: {name}: {line:?}");
    }
}
