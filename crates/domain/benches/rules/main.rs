//! How long all rules take over a whole site: 200 deployments with 400 backups and ten key versions each, judged one after the other on one
//! core. Nothing here fails for being slow: a time is read by people. The aim is 200 ms.
//!
//! `cargo bench --package domain --bench rules`.

mod keys;

use std::collections::BTreeMap;
use std::hint;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use domain::backup::{Backup, Kind};
use domain::drill::Rehearsals;
use domain::history::Seen;
use domain::ids::{Big, SystemIdentifier};
use domain::inventory::{Keys, Source};
use domain::policy::{Fact, Lag, Promises};
use domain::rules::{self, ArchiveReading, Crl, Elsewhere, Facts, History, Place, SourceArchive, TimelineReading};
use domain::status::Status;
use domain::time::Timestamp;
use domain::traces::{Look, Traces};
use domain::vitals::{ArchiveState, Authority, Chains, Count, Effective, Hour, Position, Sign, Signs, Vitals};
use domain::wal::Lsn;

const DEPLOYMENTS: usize = 200;
const BACKUPS: i64 = 400;
const ROUNDS: usize = 15;
const SEGMENT: u64 = 16 << 20;

fn now() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// One in ten has faults.
const fn is_faulty(number: usize) -> bool {
    number.is_multiple_of(10)
}

/// What is known of one deployment. A share of them has faults, so that findings are written too.
struct Deployment {
    vitals: Vitals,
    traces: Traces,
    archives: Vec<ArchiveReading>,
    backups: Vec<Backup>,
    sources: Vec<Source>,
    heads: Vec<Seen>,
    promises: Promises,
    keys: Keys,
    elsewhere: Vec<Elsewhere>,
    rehearsals: Rehearsals,
}

impl Deployment {
    fn number(number: usize, all: &[Keys]) -> Self {
        let faulty = is_faulty(number);
        Self {
            vitals: vitals(faulty),
            traces: traces(faulty),
            archives: vec![archive()],
            backups: (0..BACKUPS).map(|hours| backup(hours, faulty && hours == 7)).collect(),
            sources: vec![Source {
                name: "main".into(),
                kind: "pgbackrest".into(),
                status: Status::Ok,
                observed_at: Some(now()),
                detail: "ok".into(),
            }],
            heads: (0..40).map(run).collect(),
            promises: Promises::default(),
            keys: all[number].clone(),
            elsewhere: keys::elsewhere(all, number),
            rehearsals: Rehearsals::default(),
        }
    }

    /// Judges everything; answers how many findings there are.
    fn judge(&self) -> usize {
        let facts = Facts {
            now: now(),
            place: Place::default(),
            vitals: known(&self.vitals),
            traces: known(&self.traces),
            keys: Some(known(self.keys.clone())),
            gone: None,
            elsewhere: &self.elsewhere,
            exposures: known(Vec::new()),
            archives: vec![SourceArchive {
                source: "main".into(),
                archives: known(self.archives.as_slice()),
                systems: known(&[]),
            }],
            sources: &self.sources,
            backups: &self.backups,
            windows: &[],
            lags: vec![Lag {
                source: "main".into(),
                repo: 1,
                oldest_unarchived: known(None),
            }],
            history: History {
                heads: &self.heads,
                images: &self.heads,
            },
            image: Some(known("39".into())),
            crl: Some(known(Crl {
                issuer: "Ampora CA".into(),
                this_update: now(),
                next_update: Some(now() + TimeDelta::minutes(30)),
                revoked: 3,
            })),
            rehearsals: Some(&self.rehearsals),
            restored: Some(&[]),
            set_back: Some(&[]),
            leftovers: None,
            promises: &self.promises,
            clear: BTreeMap::new(),
        };
        let judged = rules::judge(&facts).into_iter();
        judged.filter(|(_, says)| matches!(says, Ok(Some(_)))).count()
    }
}

fn known<T>(value: T) -> Fact<T> {
    Fact::Known { value, at: now() }
}

fn run(number: i32) -> Seen {
    let day = |day| now() - TimeDelta::days(40) + TimeDelta::days(day);
    Seen {
        value: number.to_string(),
        since: day(number.into()),
        until: day(i64::from(number) + 1),
    }
}

fn backup(hours: i64, broken: bool) -> Backup {
    Backup {
        source: "main".into(),
        tool: "pgbackrest".into(),
        repo: Some(1),
        label: format!("2026-{hours:06}F"),
        kind: Kind::Full,
        parent: None,
        started_at: Some(now() - TimeDelta::hours(hours + 1)),
        stopped_at: Some(now() - TimeDelta::hours(hours)),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: Some(1 << 30),
        stored_bytes: Some(1 << 28),
        status: if broken { Status::Broken } else { Status::Ok },
        detail: "ok".into(),
    }
}

fn archive() -> ArchiveReading {
    let timeline = |timeline: u32| TimelineReading {
        timeline,
        end: Lsn(u64::from(timeline) * 50 * SEGMENT),
        parent: timeline.checked_sub(1).filter(|parent| *parent > 0).map(|parent| {
            let switch = Lsn(u64::from(parent) * 50 * SEGMENT - 9);
            (parent, switch)
        }),
    };
    ArchiveReading {
        repo: 1,
        system: Some(SystemIdentifier(Big(7))),
        segment_size: SEGMENT,
        timelines: (1..=20).map(timeline).collect(),
        doubled: Vec::new(),
    }
}

fn vitals(faulty: bool) -> Vitals {
    let authority = |number: i64| Authority {
        fingerprint: format!("{number:064x}"),
        state: "Trusted".into(),
        subject: "CN=Ampora CA".into(),
        not_before: now() - TimeDelta::days(number * 300),
        not_after: now() + TimeDelta::days(300),
    };
    let signs = Signs {
        tenants: Sign::Known(Count::exactly(20)),
        users: Sign::Known(Count::exactly(if faulty { 0 } else { 50 })),
        agents: Sign::Known(Count::exactly(10_000)),
        authorities: Sign::Known((1..=5).map(authority).collect()),
        chains: Sign::Known(Chains {
            sampled: 60,
            orphaned: if faulty { 58 } else { 0 },
            unread: 0,
        }),
        effective: Sign::Known(Effective {
            missing: Big(0),
            missing_and_heard: Big(0),
            newest_heard: Some(now()),
        }),
        migration_head: Sign::Known(Some("39".into())),
        recovery_target: Sign::Known(String::new()),
        position: Sign::Known(Position {
            timeline: 20,
            lsn: Lsn(1000 * SEGMENT + 7),
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
        database_size: Big(1 << 34),
        lsn: Lsn(1000 * SEGMENT),
        timeline: 20,
        rows: BTreeMap::new(),
        migration_head: Some("39".into()),
        newest_audit_event: Some(now()),
        oldest_audit_event: Some(now() - TimeDelta::days(100)),
        heartbeat: Some(now()),
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: Some(now()),
            last_failed_at: None,
        },
        signs,
    }
}

/// Two looks at fourteen days of audit; of a faulty one the second finds less.
fn traces(faulty: bool) -> Traces {
    let look = |at: Timestamp, events: u64| Look {
        at,
        tenants: Sign::Known(20),
        hours: Sign::Known(
            (0..300)
                .map(|hours| Hour {
                    hour: now() - TimeDelta::hours(hours),
                    events: Big(events),
                })
                .collect(),
        ),
        oldest_event: Sign::Known(Some(now() - TimeDelta::days(100))),
        revoked: Sign::Known(Vec::new()),
        tokens: Sign::Known(Vec::new()),
        access_tokens: Sign::Known(Vec::new()),
        peers: Sign::Known(Vec::new()),
        without_config: Sign::Known(0),
    };
    let earlier = Traces::default().after(&look(now() - TimeDelta::minutes(1), 100));
    earlier.after(&look(now(), if faulty { 90 } else { 100 }))
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn main() {
    let keys: Vec<_> = (0..DEPLOYMENTS)
        .map(|number| keys::keys(number, is_faulty(number)))
        .collect();
    let site: Vec<_> = (0..DEPLOYMENTS)
        .map(|number| Deployment::number(number, &keys))
        .collect();
    let all = || site.iter().map(Deployment::judge).sum::<usize>();
    let findings = all();
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            timed(|| {
                hint::black_box(all());
            })
        })
        .collect();
    times.sort_unstable();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("\n| deployments | rules | findings | ms, median | slowest | aim |\n|---:|---:|---:|---:|---:|---:|");
    println!(
        "| {DEPLOYMENTS} | {} | {findings} | {:.2} | {:.2} | 200 |",
        rules::Rule::ALL.len(),
        milliseconds(times[ROUNDS / 2]),
        milliseconds(times[ROUNDS - 1]),
    );
}
