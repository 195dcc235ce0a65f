//! The two kinds of keys without which a perfect backup is worth nothing: Ampora's master key, and the key of the backups.

use super::verdict::Verdict;
use super::{Escrow, Facts, RepoKey};
use crate::status::Status;
use crate::window::place;

/// `backup-key-escrow`: each encrypted repository can be opened by the escrow alone.
pub(super) fn backup_key_escrow(facts: &Facts<'_>) -> Verdict {
    if facts.repos.is_empty() {
        return match &facts.backups_unread {
            Some(reason) => Verdict::unknown(reason),
            None => Verdict::unset("no configured source has a repository that could be encrypted"),
        };
    }
    let parts: Vec<_> = facts.repos.iter().map(repository).collect();
    let open = |repo: &&RepoKey| matches!(repo.escrow, Escrow::Opens { .. });
    let encrypted = facts.repos.iter().filter(|repo| repo.is_encrypted());
    let opened = encrypted.clone().filter(open).count();
    Verdict::of_parts(&parts).at(match encrypted.count() {
        0 => "nothing known to be encrypted".into(),
        of => format!("opens {opened} of {of}"),
    })
}

impl RepoKey {
    fn is_encrypted(&self) -> bool {
        self.cipher.as_deref().is_some_and(|cipher| cipher != "none")
    }
}

fn repository(repo: &RepoKey) -> Verdict {
    let name = place(&repo.source, repo.repo);
    let Some(cipher) = &repo.cipher else {
        return Verdict::unknown(format!("{name} doesn’t tell whether it is encrypted"));
    };
    if !repo.is_encrypted() {
        return Verdict::ok(format!(
            "{name} isn’t encrypted: anyone who can read it can read the backups"
        ));
    }
    match &repo.escrow {
        Escrow::NotConfigured => Verdict::broken(format!(
            "{name} is encrypted ({cipher}) and its passphrase has no escrow: if the host goes, so do the backups"
        )),
        Escrow::Opens { .. } => Verdict::ok(format!("{name}: the escrowed passphrase opens it")),
        Escrow::Refused { reason } => {
            Verdict::broken(format!("{name}: the escrowed passphrase doesn’t open it: {reason}"))
        }
        Escrow::Unread { reason } => Verdict::unknown(format!("{name}: the escrow wasn’t read: {reason}")),
    }
}

/// `key-escrow`: what the proof of the master key has shown.
pub(super) fn key_escrow(facts: &Facts<'_>) -> Verdict {
    match &facts.key {
        None => Verdict::unset("no secret manager is configured: set [deployment.master_key]"),
        Some(key) => {
            let mut verdict = Verdict::new(key.status.into(), &key.detail);
            verdict.actual.clone_from(&key.actual);
            verdict
        }
    }
}

/// `key-replication`: each replica holds what the manager holds.
pub(super) fn key_replication(facts: &Facts<'_>) -> Verdict {
    if facts.replicas.is_empty() {
        return Verdict::unset("no replica is configured: set replicas of [deployment.master_key]");
    }
    let in_step = facts
        .replicas
        .iter()
        .filter(|replica| replica.status == Status::Ok)
        .count();
    let parts = facts.replicas.iter().map(|replica| {
        let detail = format!("{}: {}", replica.name, replica.detail);
        Verdict::new(replica.status.into(), detail)
    });
    let parts: Vec<_> = parts.collect();
    Verdict::of_parts(&parts).at(format!("{} of {}", in_step, parts.len()))
}
