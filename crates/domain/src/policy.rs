//! What an operator promised, measured against what was observed. Each rule reads facts and says how it stands; what it can't know it
//! calls unknown, what nobody promised it calls unset.

mod artifacts;
mod drills;
mod facts;
mod keys;
mod places;
mod promises;
mod retention;
mod rpo;
mod rule;
mod standing;
mod upgrades;
mod verdict;
mod wal;
mod wholes;

use chrono::TimeDelta;

use crate::inventory::PolicyLine;
use crate::status::Status;
use crate::time::Timestamp;
use verdict::{Verdict, words};

pub use facts::{
    AuditSpan, Escrow, Fact, Facts, ImageState, Immutability, KeyEscrow, Lag, ManagedSpan, PassedDrill, Place,
    Recovery, RepoKey, TlsEnd, Vanished, What,
};
pub use promises::Promises;
pub use rule::{NoRule, Rule};
pub use standing::Standing;

/// All sixteen rules in their order. `since` is left to whoever keeps the history.
#[must_use]
pub fn judge(promises: &Promises, facts: &Facts<'_>, now: Timestamp) -> Vec<PolicyLine> {
    Rule::ALL
        .into_iter()
        .map(|rule| judge_one(rule, promises, facts, now))
        .collect()
}

fn judge_one(rule: Rule, promises: &Promises, facts: &Facts<'_>, now: Timestamp) -> PolicyLine {
    if promises.off.contains(&rule) {
        let off = Verdict::new(Standing::Off, "switched off for this deployment");
        return line(rule, Some("off".into()), off);
    }
    let limit = promises.limit(rule);
    let found = verdict(rule, limit.unwrap_or_default(), promises, facts, now);
    match (found.standing, rule.setting()) {
        (Standing::Unset, _) => line(rule, None, found),
        (_, Some(key)) if limit.is_none() => line(rule, None, undeclared(key, found)),
        _ => line(rule, Some(declared(rule, limit.unwrap_or_default())), found),
    }
}

fn verdict(rule: Rule, limit: TimeDelta, promises: &Promises, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    match rule {
        Rule::FullBackupAge => wholes::full_backup_age(limit, facts, now),
        Rule::FullRetention => retention::full_retention(limit, promises, facts, now),
        Rule::WalArchiving => wal::wal_archiving(limit, facts, now),
        Rule::WalGaps => wal::wal_gaps(facts),
        Rule::PreUpgradeSnapshot => upgrades::pre_upgrade_snapshot(promises.full_retention, facts, now),
        Rule::AuditRetention => retention::audit_retention(limit, facts, now),
        Rule::BackupKeyEscrow => keys::backup_key_escrow(facts),
        Rule::BackupImmutable => places::backup_immutable(facts),
        Rule::SecondSite => places::second_site(facts),
        Rule::KeyEscrow => keys::key_escrow(facts),
        Rule::KeyReplication => keys::key_replication(facts),
        Rule::TlsExpiry => artifacts::tls_expiry(limit, facts, now),
        Rule::ImagePullable => artifacts::image_pullable(facts),
        Rule::DrillFreshness => drills::drill_freshness(limit, facts, now),
        Rule::Rpo => rpo::rpo(limit, facts, now),
        Rule::Rto => drills::rto(limit, facts, now),
    }
}

/// The figure stays worth reading where nobody said what it should be.
fn undeclared(key: &str, found: Verdict) -> Verdict {
    Verdict {
        actual: found.actual,
        ..Verdict::unset(format!("no limit is declared: set {key} in [deployment.policy]"))
    }
}

/// What is asked of this deployment, in the words of the table.
fn declared(rule: Rule, limit: TimeDelta) -> String {
    let fixed = match rule {
        Rule::FullRetention | Rule::AuditRetention => return format!("{} at least", words(limit)),
        Rule::TlsExpiry => return format!("{} left at least", words(limit)),
        Rule::DrillFreshness => return format!("every {}", words(limit)),
        Rule::FullBackupAge | Rule::WalArchiving | Rule::Rpo | Rule::Rto => return format!("{} at most", words(limit)),
        Rule::WalGaps => "none",
        Rule::PreUpgradeSnapshot => "within 24 h before each",
        Rule::BackupKeyEscrow => "opens every encrypted repository",
        Rule::BackupImmutable => "one copy at least",
        Rule::SecondSite => "backups, key and images",
        Rule::KeyEscrow => "the current version opens what is live",
        Rule::KeyReplication => "every replica",
        Rule::ImagePullable => "every image",
    };
    fixed.into()
}

fn line(rule: Rule, declared: Option<String>, verdict: Verdict) -> PolicyLine {
    PolicyLine {
        rule: rule.name().into(),
        status: verdict.standing.counts().unwrap_or(Status::Unknown),
        verdict: verdict.standing,
        declared,
        actual: verdict.actual,
        detail: verdict.detail,
        since: None,
    }
}

#[cfg(test)]
mod tests;
