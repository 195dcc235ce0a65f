//! Everything else that is read of a deployment, made up.

use domain::ids::{Big, SystemIdentifier};
use domain::inventory::{Artifact, ArtifactKind, PolicyLine, Source};
use domain::policy::{Rule, Standing};
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
        signs: domain::vitals::Signs::default(),
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

/// A rule's declared and actual figure, and why it stands so.
type Said<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

/// What the sixteen rules say of a deployment with a gap and a key behind.
pub fn policy() -> Vec<PolicyLine> {
    Rule::ALL.map(line).into()
}

fn line(rule: Rule) -> PolicyLine {
    let (verdict, (declared, actual, detail)) = said(rule);
    PolicyLine {
        rule: rule.name().into(),
        status: verdict.counts().unwrap_or(Status::Unknown),
        verdict,
        declared: declared.map(Into::into),
        actual: actual.map(Into::into),
        detail: detail.into(),
        since: verdict.counts().map(|_| ago(3 * DAY)),
    }
}

fn said(rule: Rule) -> (Standing, Said<'static>) {
    let unread = "not read yet";
    match rule {
        Rule::FullBackupAge => {
            let detail = "20261009-220004F stopped 3 h ago";
            (Standing::Ok, (Some("26 h at most"), Some("3 h"), detail))
        }
        Rule::WalGaps => {
            let detail = "pgbr-main repo1: 0000000400000004000000F1 to 0000000400000004000000F3 missing";
            (Standing::Broken, (Some("none"), Some("1"), detail))
        }
        Rule::KeyEscrow => {
            let declared = "the current version opens what is live";
            let detail = "only the key Ampora runs with opens 214 of 214 envelopes; the manager doesn’t have it";
            (Standing::Broken, (Some(declared), Some("opens 0 of 214"), detail))
        }
        Rule::Rpo => {
            let detail = "no limit is declared: set rpo in [deployment.policy]";
            (Standing::Unset, (None, Some("2 min 11 s"), detail))
        }
        Rule::TlsExpiry => {
            let detail = "no certificate is configured: set [deployment.tls]";
            (Standing::Unset, (None, None, detail))
        }
        Rule::DrillFreshness => {
            let detail = "switched off for this deployment";
            (Standing::Off, (Some("off"), None, detail))
        }
        _ => (Standing::Unknown, (Some("as documented"), None, unread)),
    }
}

/// Nothing can be said of any rule.
pub fn policy_unknown() -> Vec<PolicyLine> {
    let unknown = |line: PolicyLine| PolicyLine {
        status: Status::Unknown,
        verdict: Standing::Unknown,
        actual: None,
        detail: "pgbr-main: connection refused".into(),
        since: None,
        ..line
    };
    policy().into_iter().map(unknown).collect()
}
