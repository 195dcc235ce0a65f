//! The latest reading of each source, as the collector stores it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::backup::{Backup, DumpContents, Kind};
use domain::drift::Verdict;
use domain::emergency::Retention;
use domain::ids::{Big, Sha256};
use domain::inventory::{ColumnCount, Envelopes, KeyIdCount, KeyVersion, Keys};
use domain::key::{Fingerprint, KeyId};
use domain::status::Status;
use domain::time::Timestamp;
use domain::wal::Lsn;
use domain::window::{Gap, Window};
use recovery::collect::{RepoReading, SourceReading};
use serde_json::json;
use store::{DumpReading, Store, Subject};

use super::drawn;
use super::history::vitals_at;
use super::settings::SOURCES;

/// How far back backups are kept.
const KEPT: TimeDelta = TimeDelta::days(35);
/// Each of so many backups is a full one, the others build on the one before.
const CHAIN: usize = 8;
/// Versions of the master key.
const VERSIONS: usize = 3;
/// Tables in a dump.
const TABLES: usize = 40;

/// Everything that was read of one deployment at `now`.
pub async fn put(store: &Store, deployment: &str, backups: usize, now: Timestamp) {
    put_sources(store, deployment, backups, now).await;
    let subject = |kind, source| Subject {
        deployment,
        kind,
        source,
    };
    let vitals = vitals_at(now);
    let vitals = store.observation_put(subject("vitals", "database"), 30, Ok(&vitals), now);
    vitals.await.expect("takes the reading");
    let keys = keys(deployment, now);
    let keys = store.observation_put(subject("keys", "master key"), 21_600, Ok(&keys), now);
    keys.await.expect("takes the reading");
}

/// One round of the sources.
pub async fn put_sources(store: &Store, deployment: &str, backups: usize, now: Timestamp) {
    for (source, tenths) in SOURCES {
        let (light, bulk) = split(reading(source, backups * tenths / 10, now));
        let subject = Subject {
            deployment,
            kind: "source",
            source,
        };
        let put = store.observation_put_split(subject, 60, Ok((&light, &bulk)), now);
        put.await.expect("takes the reading");
    }
}

/// The list of backups is stored apart.
fn split(mut reading: SourceReading) -> (SourceReading, serde_json::Value) {
    let (backups, dumps) = (std::mem::take(&mut reading.backups), std::mem::take(&mut reading.dumps));
    (reading, json!({ "backups": backups, "dumps": dumps }))
}

/// A source with so many backups.
fn reading(source: &str, backups: usize, now: Timestamp) -> SourceReading {
    let is_dumps = source == "nightly";
    let kind = if is_dumps { "dumps" } else { "pgbackrest" };
    let empty = json!({
        "kind": kind, "status": "ok", "detail": format!("{backups} backups"), "windows": [], "gaps": [],
    });
    let empty: SourceReading = serde_json::from_value(empty).expect("a reading");
    if is_dumps {
        let files: Vec<_> = times(backups, now).map(|at| dump(source, at)).collect();
        let dumps = files.iter().map(|file| (file.label.clone(), dump_reading(file, now)));
        return SourceReading {
            dumps: dumps.collect(),
            backups: files,
            ..empty
        };
    }
    let (windows, gaps) = windows(source, now);
    SourceReading {
        backups: chains(source, backups, now),
        windows,
        gaps,
        repos: vec![RepoReading {
            retention: Ok(Retention::Fulls(4)),
            key: 1,
            cipher: Some("aes-256-cbc".into()),
            oldest_unarchived: Ok(None),
        }],
        ..empty
    }
}

/// When each was begun, oldest first.
fn times(count: usize, now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let count = i32::try_from(count.max(1)).expect("thousands");
    (0..count)
        .rev()
        .map(move |age| now - TimeDelta::minutes(30) - KEPT / count * age)
}

fn chains(source: &str, count: usize, now: Timestamp) -> Vec<Backup> {
    let mut made: Vec<Backup> = Vec::new();
    for (number, at) in times(count, now).enumerate() {
        let stamp = at.format("%Y%m%d-%H%M%S");
        let parent = made.last().filter(|_| number % CHAIN != 0);
        let full = parent.map(|parent| parent.label.split('_').next().unwrap_or_default().to_owned());
        let broken = number % 97 == 96;
        made.push(Backup {
            source: source.into(),
            tool: "pgbackrest".into(),
            repo: Some(1),
            label: full.map_or_else(|| format!("{stamp}F"), |full| format!("{full}_{stamp}I")),
            kind: if parent.is_some() { Kind::Incr } else { Kind::Full },
            parent: parent.map(|parent| parent.label.clone()),
            started_at: Some(at),
            stopped_at: Some(at + TimeDelta::seconds(468)),
            start_lsn: Some(Lsn(0x100_0000 * number as u64)),
            stop_lsn: Some(Lsn(0x100_0000 * number as u64 + 0x138)),
            size_bytes: Some(48_318_382_080),
            stored_bytes: Some(if parent.is_some() { 731_201_536 } else { 9_731_201_536 }),
            status: if broken { Status::Broken } else { Status::Ok },
            detail: if broken {
                "page checksum errors in 1 file".into()
            } else {
                "error false".into()
            },
        });
    }
    made
}

/// Three windows with two gaps between them.
fn windows(source: &str, now: Timestamp) -> (Vec<Window>, Vec<Gap>) {
    let ends = [(35, 21), (20, 8), (7, 0)].map(|(from, to)| (now - TimeDelta::days(from), now - TimeDelta::days(to)));
    let window = |(from, to)| Window {
        source: source.into(),
        repo: 1,
        from,
        to,
        end_lsn: Some(Lsn(0x4_2A00_0000)),
        timelines: vec![1],
        exact: true,
    };
    let gap = |pair: &[(Timestamp, Timestamp)]| Gap {
        source: source.into(),
        repo: 1,
        timeline: 1,
        first_missing: "00000001000000030000001F".into(),
        last_missing: "000000010000000300000021".into(),
        from: pair[0].1,
        to: Some(pair[1].0),
    };
    (ends.map(window).into(), ends.windows(2).map(gap).collect())
}

fn dump(source: &str, at: Timestamp) -> Backup {
    Backup {
        source: source.into(),
        tool: "pg_dump".into(),
        repo: None,
        label: at.format("ampora-%Y-%m-%dT%H%M%SZ.dump").to_string(),
        kind: Kind::Dump,
        parent: None,
        started_at: Some(at),
        stopped_at: Some(at + TimeDelta::minutes(14)),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: Some(6_731_201_536),
        status: Status::Ok,
        detail: format!("read to its end: {TABLES} tables, 48173240 rows"),
    }
}

fn dump_reading(file: &Backup, now: Timestamp) -> DumpReading {
    let rows = (0..TABLES).map(|table| (format!("public.table_{table:02}"), Big(1_204_331)));
    let contents = DumpContents {
        migration_head: None,
        sha256: Sha256::of(&[file.label.as_bytes()]),
        rows: BTreeMap::from_iter(rows),
        encoding: "UTF8".into(),
        collate: "C.UTF-8".into(),
        ctype: "C.UTF-8".into(),
        provider: Some(domain::locale::LocaleProvider::Libc),
        begun: file.started_at.map(|at| at.naive_utc()),
        server_version: "16.4".into(),
        tool_version: "16.4".into(),
        database: "ampora".into(),
        settings: Vec::new(),
    };
    DumpReading {
        contents: Ok(contents),
        openings: vec![(fingerprint(VERSIONS - 1), 200)],
        sampled: 200,
        unparsed: 0,
        read_at: now - TimeDelta::hours(1),
    }
}

fn fingerprint(version: usize) -> Fingerprint {
    Fingerprint::Keyed(hex(&drawn("fingerprint", version)[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keys(deployment: &str, now: Timestamp) -> Keys {
    let key_id = |version: usize| KeyId(hex(&drawn("key id", version)[..8]));
    let version = |number: usize| {
        let current = number == VERSIONS - 1;
        KeyVersion {
            manager: format!("file /srv/keys/{deployment}"),
            version: (number + 1).to_string(),
            fingerprint: Some(fingerprint(number)),
            key_id: Some(key_id(number)),
            created_at: Some(now - TimeDelta::days(90 * (VERSIONS - number) as i64)),
            current,
            state: "enabled".into(),
            keep: domain::custody::Keep::Kept,
            labels: Vec::new(),
            untidy: false,
            length_ok: Some(true),
            opens: Some(if current { 400 } else { 0 }),
            of: Some(400),
            detail: String::new(),
        }
    };
    Keys {
        name: deployment.into(),
        verdict: Verdict::InSync,
        status: Status::Ok,
        detail: "version 3 opens 400 of 400 envelopes".into(),
        secret: None,
        versions: (0..VERSIONS).map(version).collect(),
        in_use: None,
        envelopes: Envelopes {
            sampled: 400,
            opened: 400,
            unparsed: 0,
            key_ids: vec![KeyIdCount {
                key_id: Some(key_id(VERSIONS - 1)),
                count: 400,
            }],
            columns: vec![ColumnCount {
                column: "ca_signing_keys.WrappedPrivateKey".into(),
                rows: 4_000,
                sampled: 400,
                unparsed: 0,
            }],
            ..Envelopes::default()
        },
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
    }
}
