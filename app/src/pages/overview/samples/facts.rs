//! Everything else that is read of a deployment, made up.

use domain::ids::{Big, SystemIdentifier};
use domain::inventory::{Artifact, ArtifactKind, PolicyLine, Source};
use domain::policy::Standing;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::{ArchiveState, Vitals};
use domain::wal::Lsn;

use super::keys::behind;
use super::{DAY, ago};

/// What no configuration of these deployments mentions.
pub const NOT_SET_UP: [ArtifactKind; 6] = [
    ArtifactKind::Tls,
    ArtifactKind::Image,
    ArtifactKind::BackupKey,
    ArtifactKind::BackupCredentials,
    ArtifactKind::KmsKey,
    ArtifactKind::PackageBlobs,
];

pub fn vitals() -> Vitals {
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
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: Some(ago(143)),
            last_failed_at: None,
        },
    }
}

pub fn artifacts(known: Status) -> Vec<Artifact> {
    let artifact = |kind: ArtifactKind, status, detail: &str| Artifact {
        kind,
        name: "ampora-prod".into(),
        status,
        detail: detail.into(),
        observed_at: (status != Status::Unknown).then(|| ago(41)),
    };
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
    artifacts
        .extend(NOT_SET_UP.map(|kind| artifact(kind, Status::Unknown, "not configured, so nothing is known of it")));
    artifacts
}

/// Both sources, read within their limits.
pub fn sources() -> Vec<Source> {
    vec![
        source("pgbr-main", "pgbackrest", Some(ago(41)), "10 backups in 1 repository"),
        source("dumps", "dumps", Some(ago(38)), "3 dumps"),
    ]
}

fn source(name: &str, kind: &str, at: Option<Timestamp>, detail: &str) -> Source {
    Source {
        name: name.into(),
        kind: kind.into(),
        status: Status::Ok,
        observed_at: at,
        detail: detail.into(),
    }
}

type Limits<'a> = (Option<&'a str>, Option<&'a str>);

fn line(rule: &str, status: Status, (declared, actual): Limits<'_>, detail: &str) -> PolicyLine {
    PolicyLine {
        rule: rule.into(),
        status,
        verdict: declared.map_or(Standing::Unset, |_| status.into()),
        declared: declared.map(Into::into),
        actual: actual.map(Into::into),
        detail: detail.into(),
        since: None,
    }
}

/// One line of each verdict.
pub fn policy() -> Vec<PolicyLine> {
    let escrow = (Some("the current version opens what is live"), Some("opens 0 of 214"));
    vec![
        line(
            "full-backup-age",
            Status::Ok,
            (Some("26 h at most"), Some("2 h")),
            "age of the newest full backup or dump",
        ),
        line(
            "rpo",
            Status::Unknown,
            (None, Some("2 min 11 s")),
            "unset; newest known commit to the end of the best window",
        ),
        line(
            "wal-gaps",
            Status::Broken,
            (Some("none"), Some("1")),
            "holes in the archived WAL behind a usable backup",
        ),
        line("key-escrow", Status::Broken, escrow, &behind().detail),
    ]
}

/// Nothing can be said of any rule.
pub fn policy_unknown() -> Vec<PolicyLine> {
    vec![line(
        "wal-gaps",
        Status::Unknown,
        (Some("none"), None),
        "holes in the archived WAL behind a usable backup",
    )]
}
