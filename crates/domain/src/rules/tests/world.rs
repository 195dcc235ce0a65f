//! A healthy deployment with one stanza, into which faults are put.

use super::*;
use crate::gap::Aftermath;
use crate::set_back::SetBack;
use crate::traces::Traces;

pub const SEGMENT: u64 = 16 << 20;

pub fn now() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A healthy deployment with one stanza.
pub struct World {
    pub vitals: Vitals,
    pub archives: Vec<ArchiveReading>,
    pub backups: Vec<Backup>,
    pub sources: Vec<Source>,
    pub windows: Vec<Window>,
    pub lags: Vec<Lag>,
    pub heads: Vec<Seen>,
    pub images: Vec<Seen>,
    pub promises: Promises,
    pub crl: Option<Crl>,
    pub rehearsals: Rehearsals,
    /// `None`: not asked.
    pub traces: Option<Traces>,
    pub restored: Vec<Aftermath>,
    /// `None`: nobody remembers.
    pub set_back: Option<Vec<SetBack>>,
    pub leftovers: Option<Fact<Vec<crate::drill::Leftover>>>,
    pub clear: BTreeMap<&'static str, Timestamp>,
    pub systems: Vec<SystemIdentifier>,
}

pub fn timeline(timeline: u32, segments: u64, parent: Option<(u32, Lsn)>) -> TimelineReading {
    TimelineReading {
        timeline,
        end: Lsn(segments * SEGMENT),
        parent,
    }
}

pub fn vitals() -> Vitals {
    let signs = Signs {
        tenants: Sign::Known(Count::exactly(3)),
        users: Sign::Known(Count::exactly(5)),
        agents: Sign::Known(Count::exactly(60)),
        authorities: Sign::Known(Vec::new()),
        chains: Sign::Known(Chains {
            sampled: 60,
            orphaned: 0,
            unread: 0,
        }),
        effective: Sign::Known(Effective {
            missing: Big(0),
            missing_and_heard: Big(0),
            newest_heard: Some(now()),
        }),
        migration_head: Sign::Known(Some("2".into())),
        recovery_target: Sign::Known(String::new()),
        position: Sign::Known(Position {
            timeline: 2,
            lsn: Lsn(50 * SEGMENT + 7),
            segment_size: SEGMENT,
            in_recovery: false,
        }),
        ended_at: Some(now()),
        ..Signs::default()
    };
    Vitals {
        read_at: now(),
        system_identifier: SystemIdentifier(Big(7)),
        server_version: "16.1".into(),
        database: "ampora".into(),
        database_size: Big(1),
        lsn: Lsn(50 * SEGMENT),
        timeline: 2,
        rows: BTreeMap::new(),
        migration_head: Some("2".into()),
        newest_audit_event: Some(now()),
        oldest_audit_event: Some(now() - TimeDelta::days(100)),
        heartbeat: Some(now()),
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: Some(now() - TimeDelta::minutes(1)),
            last_failed_at: None,
        },
        signs,
    }
}

impl World {
    pub fn healthy() -> Self {
        Self {
            vitals: vitals(),
            archives: vec![ArchiveReading {
                repo: 1,
                system: Some(SystemIdentifier(Big(7))),
                segment_size: SEGMENT,
                timelines: vec![timeline(1, 31, None), timeline(2, 50, Some((1, Lsn(30 * SEGMENT + 9))))],
                doubled: Vec::new(),
            }],
            backups: vec![backup("good", Status::Ok)],
            sources: vec![Source {
                name: "main".into(),
                kind: "pgbackrest".into(),
                status: Status::Ok,
                observed_at: Some(now()),
                detail: "ok".into(),
            }],
            windows: Vec::new(),
            lags: Vec::new(),
            heads: vec![run("1", 0, 10), run("2", 11, 20)],
            images: vec![run("sha256:a", 0, 10), run("sha256:b", 11, 20)],
            promises: Promises::default(),
            crl: None,
            rehearsals: Rehearsals {
                passed: Some(drill(10, Verdict::Passed)),
                ..Rehearsals::default()
            },
            traces: None,
            restored: Vec::new(),
            set_back: Some(Vec::new()),
            leftovers: None,
            clear: BTreeMap::new(),
            systems: Vec::new(),
        }
    }

    pub fn says(&self, code: &str) -> Judgement {
        let known = |value| Fact::Known { value, at: now() };
        let facts = Facts {
            now: now(),
            place: Place::default(),
            vitals: Fact::Known {
                value: &self.vitals,
                at: now(),
            },
            traces: match &self.traces {
                Some(value) => Fact::Known { value, at: now() },
                None => Fact::unknown("not asked here"),
            },
            keys: None,
            gone: None,
            elsewhere: &[],
            exposures: Fact::unknown("not asked here"),
            archives: vec![SourceArchive {
                source: "main".into(),
                archives: Fact::Known {
                    value: self.archives.as_slice(),
                    at: now(),
                },
                systems: Fact::Known {
                    value: self.systems.as_slice(),
                    at: now(),
                },
            }],
            sources: &self.sources,
            backups: &self.backups,
            windows: &self.windows,
            lags: self.lags.clone(),
            history: History {
                heads: &self.heads,
                images: &self.images,
            },
            image: self.images.last().map(|run| known(run.value.clone())),
            crl: self.crl.clone().map(|value| Fact::Known { value, at: now() }),
            rehearsals: Some(&self.rehearsals),
            restored: Some(&self.restored),
            set_back: self.set_back.as_deref(),
            leftovers: self.leftovers.clone(),
            promises: &self.promises,
            clear: self.clear.clone(),
        };
        Rule::of(code).expect("a rule").judge(&facts)
    }

    pub fn finds(&self, code: &str) -> Option<Severity> {
        self.says(code).expect("told").map(|found| found.severity)
    }
}

pub fn run(value: &str, since: i64, until: i64) -> Seen {
    let day = |day| now() - TimeDelta::days(20 - day);
    Seen {
        value: value.into(),
        since: day(since),
        until: day(until),
    }
}

pub fn backup(label: &str, status: Status) -> Backup {
    Backup {
        source: "main".into(),
        tool: "pgbackrest".into(),
        repo: Some(1),
        label: label.into(),
        kind: Kind::Full,
        parent: None,
        started_at: None,
        stopped_at: Some(now() - TimeDelta::hours(3)),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: None,
        status,
        detail: "page checksum errors were recorded".into(),
    }
}
