//! Deployments made up for the tests of the pages: as good as can be, unknown throughout, empty, huge, hostile.

use chrono::{DateTime, Duration};
use domain::backup::{Backup, Kind};
use domain::drift::Verdict;
use domain::ids::{Big, SystemIdentifier};
use domain::inventory::*;
use domain::key::{Fingerprint, KeyId};
use domain::observation::Observation;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::{ArchiveState, Vitals};
use domain::wal::Lsn;
use domain::window::{Gap, Window};
use recovery::overview::{ComesBack, View};

use super::Links;

/// Tue 6 Oct 2026, 01:14:26 UTC.
pub fn ago(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_791_249_266, 0).expect("in range") - Duration::seconds(seconds)
}

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;
/// What somebody could call a backup to deceive whoever reads it.
pub const HOSTILE: &str = "\u{202e}pmud.<script>alert(1)</script>\"'&\u{200b}";

pub fn links() -> Links {
    Links {
        deployment: "ampora-prod".into(),
        is_default: true,
    }
}

pub fn backup(source: &str, label: &str, kind: Kind, stopped: i64, status: Status) -> Backup {
    let is_dump = kind == Kind::Dump;
    Backup {
        source: source.into(),
        tool: if is_dump { "pg_dump" } else { "pgbackrest" }.into(),
        label: label.into(),
        kind,
        parent: None,
        started_at: Some(ago(stopped + 468)),
        stopped_at: Some(ago(stopped)),
        start_lsn: (!is_dump).then_some(Lsn(0x5_3B00_0028)),
        stop_lsn: (!is_dump).then_some(Lsn(0x5_3B00_1138)),
        size_bytes: (!is_dump).then_some(38_400_000_000),
        stored_bytes: Some(9_100_000_000),
        status,
        detail: match status {
            Status::Ok if is_dump => "read to its end: 14 tables, 182340 rows".into(),
            Status::Ok => "no error found by pgBackRest".into(),
            Status::Broken => "ends 1 byte early".into(),
            Status::Unknown => "not read yet".into(),
        },
    }
}

pub fn window(from: i64, to: i64) -> Window {
    Window {
        source: "pgbr-main".into(),
        repo: 1,
        from: ago(from),
        to: ago(to),
        end_lsn: Lsn(0x5_3B00_0000),
        timelines: vec![4, 5],
        exact: true,
    }
}

fn vitals() -> Vitals {
    Vitals {
        read_at: ago(12),
        system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_117)),
        server_version: "15.18 (Debian 15.18-0+deb12u1)".into(),
        database: "ampora".into(),
        database_size: Big(41_000_000),
        lsn: Lsn(0x5_3B01_0000),
        timeline: 5,
        rows: [("public.tenants".to_owned(), Big(3))].into(),
        migration_head: Some("20260901_AddPolicies".into()),
        newest_audit_event: Some(ago(30)),
        oldest_audit_event: Some(ago(90 * DAY)),
        heartbeat: Some(ago(12)),
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: Some(ago(143)),
            last_failed_at: None,
        },
    }
}

pub fn fingerprint(digit: char) -> Fingerprint {
    Fingerprint::Keyed(format!("{digit}41e5f0600112233445566778899aabb"))
}

fn version(name: &str, digit: char, opens: u32, current: bool) -> KeyVersion {
    KeyVersion {
        manager: "file /etc/muster/keys".into(),
        version: name.into(),
        fingerprint: Some(fingerprint(digit)),
        key_id: Some(KeyId(format!("{digit}b1f0e7c92d4a680"))),
        created_at: Some(ago(110 * DAY)),
        current,
        state: "enabled".into(),
        length_ok: Some(true),
        opens: Some(opens),
        of: Some(214),
        detail: String::new(),
    }
}

/// A proof: the manager's current version opens nothing, the key in use opens everything.
pub fn behind() -> Keys {
    Keys {
        name: "ampora-prod".into(),
        verdict: Verdict::ManagerBehind,
        status: Status::Broken,
        detail: "only the key Ampora runs with opens 214 of 214 envelopes; the manager doesn’t have it".into(),
        versions: vec![version("1", '2', 0, false), version("2", '7', 0, true)],
        in_use: Some(InUse {
            source: "/etc/ampora/ampora.env".into(),
            fingerprint: Some(fingerprint('c')),
            key_id: Some(KeyId("5b1f0e7c92d4a680".into())),
            version: None,
            previous_set: true,
            opens: Some(214),
            of: Some(214),
            detail: String::new(),
        }),
        envelopes: Envelopes {
            sampled: 214,
            opened: 214,
            unparsed: 0,
            key_ids: vec![KeyIdCount {
                key_id: Some(KeyId("5b1f0e7c92d4a680".into())),
                count: 214,
            }],
            columns: [
                ("ca_signing_keys.private_key", 4),
                ("git_config_sources.credential", 196),
                ("federation_peers.outbound_secret", 14),
            ]
            .map(|(column, rows)| ColumnCount {
                column: column.into(),
                rows,
                sampled: rows,
                unparsed: 0,
            })
            .into(),
        },
        replicas: Vec::new(),
        coverage: Vec::new(),
    }
}

/// A proof that all is well: the current version is the key in use.
pub fn in_sync() -> Keys {
    let mut keys = behind();
    keys.verdict = Verdict::InSync;
    keys.status = Status::Ok;
    keys.detail = "the manager’s current version opens 214 of 214 envelopes".into();
    keys.versions[1].opens = Some(214);
    keys.versions[1].fingerprint = Some(fingerprint('c'));
    keys.versions[1].key_id = Some(KeyId("5b1f0e7c92d4a680".into()));
    if let Some(in_use) = &mut keys.in_use {
        in_use.version = Some("2".into());
        in_use.previous_set = false;
    }
    keys
}

fn cell(backup: &str, version: Option<&str>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.into(),
        version: version.map(Into::into),
        status,
        proven_at: (status == CoverageStatus::Proven).then(|| ago(6 * DAY)),
    }
}

fn coverage(backups: &[Backup]) -> Vec<Coverage> {
    let old = |backup: &Backup| backup.stopped_at.is_some_and(|at| at < ago(6 * DAY));
    let of = |backup: &Backup| match (backup.kind, old(backup)) {
        (Kind::Dump, true) => vec![
            cell(&backup.label, Some("1"), CoverageStatus::Refuted),
            cell(&backup.label, Some("2"), CoverageStatus::Proven),
        ],
        (Kind::Dump, false) => vec![
            cell(&backup.label, Some("1"), CoverageStatus::Refuted),
            cell(&backup.label, Some("2"), CoverageStatus::Refuted),
            cell(&backup.label, None, CoverageStatus::Missing),
        ],
        _ => vec![cell(&backup.label, None, CoverageStatus::Unknown)],
    };
    backups.iter().flat_map(of).collect()
}

fn artifacts(known: Status) -> Vec<Artifact> {
    let artifact = |kind: ArtifactKind, status, detail: &str| Artifact {
        kind,
        name: "ampora-prod".into(),
        status,
        detail: detail.into(),
        observed_at: (status != Status::Unknown).then(|| ago(41)),
    };
    let others = [
        ArtifactKind::Tls,
        ArtifactKind::Image,
        ArtifactKind::BackupKey,
        ArtifactKind::BackupCredentials,
        ArtifactKind::KmsKey,
        ArtifactKind::PackageBlobs,
    ];
    let mut artifacts = vec![
        artifact(
            ArtifactKind::Database,
            known,
            "7 of 9 backups usable; restorable to 2026-10-06 01:12:15 UTC",
        ),
        artifact(
            ArtifactKind::MasterKey,
            if known == Status::Ok { Status::Broken } else { known },
            &behind().detail,
        ),
    ];
    artifacts.extend(others.map(|kind| artifact(kind, Status::Unknown, "not configured, so nothing is known of it")));
    artifacts
}

pub fn source(name: &str, kind: &str, status: Status, at: Option<Timestamp>, detail: &str) -> Source {
    Source {
        name: name.into(),
        kind: kind.into(),
        status,
        observed_at: at,
        detail: detail.into(),
    }
}

fn policy(rule: &str, status: Status, declared: Option<&str>, actual: Option<&str>, detail: &str) -> PolicyLine {
    PolicyLine {
        rule: rule.into(),
        status,
        declared: declared.map(Into::into),
        actual: actual.map(Into::into),
        detail: detail.into(),
    }
}

fn backups() -> Vec<Backup> {
    let mut backups: Vec<_> = (0..9)
        .map(|day| {
            backup(
                "pgbr-main",
                &format!("2026100{}-220004F", 9 - day),
                Kind::Full,
                HOUR * 3 + day * DAY,
                Status::Ok,
            )
        })
        .collect();
    backups.push(Backup {
        parent: Some("20261009-220004F".into()),
        ..backup(
            "pgbr-main",
            "20261009-220004F_20261010-060003I",
            Kind::Incr,
            HOUR,
            Status::Ok,
        )
    });
    backups.push(backup(
        "dumps",
        "ampora-20261006T0130.dump",
        Kind::Dump,
        2 * HOUR,
        Status::Ok,
    ));
    backups.push(backup(
        "dumps",
        "ampora-20261005T0130.dump",
        Kind::Dump,
        26 * HOUR,
        Status::Broken,
    ));
    backups.push(backup(
        "dumps",
        "ampora-20260928T0130.dump",
        Kind::Dump,
        8 * DAY,
        Status::Ok,
    ));
    backups
}

/// Everything read within its limit; the key is one rotation behind and there is a gap.
pub fn fresh() -> View {
    let backups = backups();
    let keys = Observation::never("master key", 6 * 3_600).updated(Ok(behind()), ago(125));
    let best = window(4 * DAY, 131);
    let proven = Keys {
        coverage: coverage(&backups),
        ..behind()
    };
    View {
        name: "ampora-prod".into(),
        region: Some("eu-central-1".into()),
        now: ago(0),
        inventory: Inventory {
            name: "ampora-prod".into(),
            sources: vec![
                source(
                    "pgbr-main",
                    "pgbackrest",
                    Status::Ok,
                    Some(ago(41)),
                    "10 backups in 1 repository",
                ),
                source("dumps", "dumps", Status::Ok, Some(ago(38)), "3 dumps"),
            ],
            artifacts: artifacts(Status::Ok),
            backups,
            windows: vec![window(9 * DAY, 5 * DAY), best.clone()],
            gaps: vec![Gap {
                source: "pgbr-main".into(),
                repo: 1,
                timeline: 4,
                first_missing: "0000000400000004000000F1".into(),
                last_missing: "0000000400000004000000F3".into(),
                from: ago(5 * DAY),
                to: Some(ago(4 * DAY)),
            }],
            policy: vec![
                policy(
                    "full-backup-age",
                    Status::Ok,
                    Some("26 h at most"),
                    Some("2 h"),
                    "age of the newest full backup or dump",
                ),
                policy(
                    "rpo",
                    Status::Unknown,
                    None,
                    Some("2 min 11 s"),
                    "unset; newest known commit to the end of the best window",
                ),
                policy(
                    "wal-gaps",
                    Status::Broken,
                    Some("none"),
                    Some("1"),
                    "holes in the archived WAL behind a usable backup",
                ),
                policy(
                    "key-escrow",
                    Status::Broken,
                    Some("the current version opens what is live"),
                    Some("opens 0 of 214"),
                    &behind().detail,
                ),
            ],
        },
        vitals: Observation::never("database", 30).updated(Ok(vitals()), ago(12)),
        keys,
        proven: Some(proven),
        comes_back: ComesBack::UpTo {
            window: best,
            lost_seconds: Some(131),
        },
        past_windows: Vec::new(),
        not_set_up: vec![
            ArtifactKind::Tls,
            ArtifactKind::Image,
            ArtifactKind::BackupKey,
            ArtifactKind::BackupCredentials,
            ArtifactKind::KmsKey,
            ArtifactKind::PackageBlobs,
        ],
        can_restore: true,
        durations: Vec::new(),
        waiting: 1,
    }
}

/// The same, all in step.
pub fn good() -> View {
    let mut view = fresh();
    view.keys = Observation::never("master key", 6 * 3_600).updated(Ok(in_sync()), ago(125));
    view.proven = Some(in_sync());
    view.inventory.artifacts[1].status = Status::Ok;
    view.inventory.artifacts[1].detail = in_sync().detail;
    view.durations = vec![251, 244, 260];
    view
}

/// The same after every source fell silent.
pub fn unknown() -> View {
    let mut view = fresh();
    let refused = "pgbackrest info: connection refused";
    view.past_windows = std::mem::take(&mut view.inventory.windows);
    view.inventory.gaps.clear();
    for (line, minutes) in view.inventory.sources.iter_mut().zip([43, 44]) {
        line.status = Status::Unknown;
        line.observed_at = Some(ago(minutes * 60));
        line.detail = refused.into();
    }
    for backup in &mut view.inventory.backups {
        backup.detail = format!("last known: {}; now: {refused}", backup.detail);
        backup.status = Status::Unknown;
    }
    view.inventory.artifacts = artifacts(Status::Unknown);
    view.inventory.policy = vec![policy(
        "wal-gaps",
        Status::Unknown,
        Some("none"),
        None,
        "holes in the archived WAL behind a usable backup",
    )];
    view.vitals = view
        .vitals
        .updated(Err("connection to 10.0.0.7:5432 refused".into()), ago(30));
    view.keys = Observation::never("master key", 6 * 3_600).updated(Ok(behind()), ago(2 * DAY));
    view.proven = None;
    view.comes_back = ComesBack::Unknown {
        reason: format!("pgbr-main: {refused}"),
    };
    view
}

/// A deployment of which only the name is configured.
pub fn empty() -> View {
    let mut view = unknown();
    view.inventory.sources.clear();
    view.inventory.backups.clear();
    view.past_windows.clear();
    view.vitals = Observation::never("database", 30).updated(Err("no live database is configured".into()), ago(1));
    view.keys = Observation::never("master key", 30);
    view.comes_back = ComesBack::Unknown {
        reason: "no source of backups is configured".into(),
    };
    view.not_set_up = view.inventory.artifacts.iter().map(|artifact| artifact.kind).collect();
    view.can_restore = false;
    view.waiting = 0;
    view
}

/// Ten thousand backups, a new one each hour.
pub fn huge() -> View {
    let mut view = fresh();
    let one = |hour: i64| match hour % 24 {
        0 => backup(
            "pgbr-main",
            &format!("full-{hour:05}"),
            Kind::Full,
            hour * HOUR,
            Status::Ok,
        ),
        12 => backup(
            "dumps",
            &format!("dump-{hour:05}.dump"),
            Kind::Dump,
            hour * HOUR,
            Status::Ok,
        ),
        _ => backup(
            "pgbr-main",
            &format!("incr-{hour:05}"),
            Kind::Incr,
            hour * HOUR,
            Status::Ok,
        ),
    };
    view.inventory.backups = (0..10_000).map(one).collect();
    if let Some(keys) = &mut view.proven {
        keys.coverage = coverage(&view.inventory.backups);
    }
    view
}

/// Every text from outside is hostile.
pub fn hostile() -> View {
    let mut view = unknown();
    for line in &mut view.inventory.sources {
        line.name = HOSTILE.into();
        line.detail = HOSTILE.into();
    }
    for backup in &mut view.inventory.backups {
        backup.source = HOSTILE.into();
        backup.label = format!("{}{HOSTILE}", backup.label);
        backup.detail = HOSTILE.into();
        backup.parent = Some(HOSTILE.into());
    }
    let mut keys = behind();
    keys.detail = HOSTILE.into();
    for version in &mut keys.versions {
        version.version.push_str(HOSTILE);
        version.manager = HOSTILE.into();
        version.detail = HOSTILE.into();
    }
    keys.coverage = coverage(&view.inventory.backups);
    view.keys = Observation::never("master key", 6 * 3_600).updated(Ok(keys.clone()), ago(125));
    view.proven = Some(keys);
    let past = view.past_windows.iter_mut();
    past.for_each(|window| window.source = HOSTILE.into());
    view.inventory.windows = view.past_windows.clone();
    view.comes_back = ComesBack::Unknown { reason: HOSTILE.into() };
    view
}
