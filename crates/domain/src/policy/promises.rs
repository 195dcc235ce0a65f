//! What was promised for one deployment: `[deployment.policy]`.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Rule;

/// The declared limits. One that is `None` was never declared; its rule reads unset.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Promises {
    /// Oldest that the newest full backup may be.
    pub full_backup_age: Option<TimeDelta>,
    /// How long each full backup is kept.
    pub full_retention: Option<TimeDelta>,
    /// Age that a commit may reach outside the repository.
    pub wal_lag: Option<TimeDelta>,
    /// Most that may be lost.
    pub rpo: Option<TimeDelta>,
    /// Longest that a recovery may take.
    pub rto: Option<TimeDelta>,
    /// Longest time between two drills that passed.
    pub drill_every: Option<TimeDelta>,
    /// How long before its end a certificate must have been renewed.
    pub tls_expiry: Option<TimeDelta>,
    /// `HotDays` and `ArchiveDays` of Ampora together.
    pub audit_retention: Option<TimeDelta>,
    /// Rules that are switched off here.
    pub off: BTreeSet<Rule>,
}

impl Promises {
    /// The threshold of a rule. `None`: it was never declared, or the rule has none.
    #[must_use]
    pub const fn limit(&self, rule: Rule) -> Option<TimeDelta> {
        match rule {
            Rule::FullBackupAge => self.full_backup_age,
            Rule::FullRetention => self.full_retention,
            Rule::WalArchiving => self.wal_lag,
            Rule::AuditRetention => self.audit_retention,
            Rule::TlsExpiry => self.tls_expiry,
            Rule::DrillFreshness => self.drill_every,
            Rule::Rpo => self.rpo,
            Rule::Rto => self.rto,
            Rule::WalGaps
            | Rule::PreUpgradeSnapshot
            | Rule::BackupKeyEscrow
            | Rule::BackupImmutable
            | Rule::SecondSite
            | Rule::KeyEscrow
            | Rule::KeyReplication
            | Rule::ImagePullable => None,
        }
    }
}
