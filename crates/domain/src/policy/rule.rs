//! The sixteen rules by name: what each asks for, and which promise it is measured by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A rule of the policy. Its name is part of every `muster.inventory/1` and never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    FullBackupAge,
    FullRetention,
    WalArchiving,
    WalGaps,
    PreUpgradeSnapshot,
    AuditRetention,
    BackupKeyEscrow,
    BackupImmutable,
    SecondSite,
    KeyEscrow,
    KeyReplication,
    TlsExpiry,
    ImagePullable,
    DrillFreshness,
    Rpo,
    Rto,
}

/// A word that should have been the name of a rule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} is no rule of the policy")]
pub struct NoRule(pub String);

impl Rule {
    /// In the order in which they are listed everywhere.
    pub const ALL: [Self; 16] = [
        Self::FullBackupAge,
        Self::FullRetention,
        Self::WalArchiving,
        Self::WalGaps,
        Self::PreUpgradeSnapshot,
        Self::AuditRetention,
        Self::BackupKeyEscrow,
        Self::BackupImmutable,
        Self::SecondSite,
        Self::KeyEscrow,
        Self::KeyReplication,
        Self::TlsExpiry,
        Self::ImagePullable,
        Self::DrillFreshness,
        Self::Rpo,
        Self::Rto,
    ];

    /// Its name in documents and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullBackupAge => "full-backup-age",
            Self::FullRetention => "full-retention",
            Self::WalArchiving => "wal-archiving",
            Self::WalGaps => "wal-gaps",
            Self::PreUpgradeSnapshot => "pre-upgrade-snapshot",
            Self::AuditRetention => "audit-retention",
            Self::BackupKeyEscrow => "backup-key-escrow",
            Self::BackupImmutable => "backup-immutable",
            Self::SecondSite => "second-site",
            Self::KeyEscrow => "key-escrow",
            Self::KeyReplication => "key-replication",
            Self::TlsExpiry => "tls-expiry",
            Self::ImagePullable => "image-pullable",
            Self::DrillFreshness => "drill-freshness",
            Self::Rpo => "rpo",
            Self::Rto => "rto",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::FullBackupAge => "Full backup, age",
            Self::FullRetention => "Full backups, kept",
            Self::WalArchiving => "WAL archiving",
            Self::WalGaps => "No gaps in WAL",
            Self::PreUpgradeSnapshot => "Snapshot before upgrade",
            Self::AuditRetention => "Audit log, kept",
            Self::BackupKeyEscrow => "Key of the backups in escrow",
            Self::BackupImmutable => "Backups can’t be deleted",
            Self::SecondSite => "Second site",
            Self::KeyEscrow => "Key in escrow",
            Self::KeyReplication => "Key replicated",
            Self::TlsExpiry => "TLS expiry",
            Self::ImagePullable => "Images pullable",
            Self::DrillFreshness => "Drill, freshness",
            Self::Rpo => "RPO",
            Self::Rto => "RTO",
        }
    }

    /// What it asks for, as one sentence. The recommended strategy of Ampora's documentation stands behind most of them.
    #[must_use]
    pub const fn asks(self) -> &'static str {
        match self {
            Self::FullBackupAge => "A full backup is taken daily.",
            Self::FullRetention => "Each full backup is kept for at least 30 days.",
            Self::WalArchiving => "WAL is archived continuously to a store outside the cluster.",
            Self::WalGaps => "The archived WAL behind every usable backup has no hole.",
            Self::PreUpgradeSnapshot => "A snapshot is taken before every upgrade of Ampora: it is the abort button.",
            Self::AuditRetention => "The audit log reaches as far back as Ampora was told to keep it.",
            Self::BackupKeyEscrow => "Whoever has only the escrow can open the encrypted backups.",
            Self::BackupImmutable => "A copy of the backups can’t be deleted by whoever takes over the cluster.",
            Self::SecondSite => "Backups, key and images also lie in another region or account than the deployment.",
            Self::KeyEscrow => "The master key in the secret manager opens what is live.",
            Self::KeyReplication => "The master key is replicated across regions.",
            Self::TlsExpiry => "The server’s certificate chain is renewed well before its end.",
            Self::ImagePullable => "The image of each version that wrote kept data can be pulled.",
            Self::DrillFreshness => "Recovery is rehearsed every quarter.",
            Self::Rpo => "No more than this is lost if everything is lost now.",
            Self::Rto => "A recovery takes no longer than this.",
        }
    }

    /// The key of `[deployment.policy]` that holds its threshold. `None`: it has none, and holds by being on.
    #[must_use]
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::FullBackupAge => Some("full_backup_age"),
            Self::FullRetention => Some("full_retention"),
            Self::WalArchiving => Some("wal_lag"),
            Self::AuditRetention => Some("audit_retention"),
            Self::TlsExpiry => Some("tls_expiry"),
            Self::DrillFreshness => Some("drill_every"),
            Self::Rpo => Some("rpo"),
            Self::Rto => Some("rto"),
            Self::WalGaps
            | Self::PreUpgradeSnapshot
            | Self::BackupKeyEscrow
            | Self::BackupImmutable
            | Self::SecondSite
            | Self::KeyEscrow
            | Self::KeyReplication
            | Self::ImagePullable => None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rule {
    type Err = NoRule;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| NoRule(name.into()))
    }
}
