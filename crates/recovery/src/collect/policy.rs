//! The declared limits against what was observed. What can't be compared is unknown, never kept.

use domain::backup::Kind;
use domain::inventory::{Inventory, Keys, PolicyLine};
use domain::observation::Observation;
use domain::policy::Standing;
use domain::status::Status;
use domain::time::{Timestamp, span};
use domain::vitals::Vitals;

use super::Observed;
use super::assemble::master_key;
use crate::settings::Limits;

/// The rules whose facts this version reads. The others aren't listed, rather than listed as kept.
pub fn policy(limits: &Limits, observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<PolicyLine> {
    let newest_full = inventory
        .backups
        .iter()
        .filter(|backup| matches!(backup.kind, Kind::Full | Kind::Dump) && backup.status == Status::Ok)
        .filter_map(|backup| backup.stopped_at)
        .max();
    let full_age = newest_full.map(|at| (now - at).num_seconds());
    let behind = observed.best_window(now).map(|window| {
        let newest = observed
            .vitals
            .known(now)
            .fresh()
            .and_then(Vitals::newest_commit)
            .unwrap_or(now);
        (newest - window.to).num_seconds().max(0)
    });
    vec![
        at_most(
            "full-backup-age",
            limits.full_backup_age.map(|limit| limit.num_seconds()),
            full_age,
            "age of the newest full backup or dump",
        ),
        at_most(
            "rpo",
            limits.rpo.map(|limit| limit.num_seconds()),
            behind,
            "newest known commit to the end of the best window",
        ),
        gaps(inventory),
        escrow(&observed.keys, now),
    ]
}

fn at_most(rule: &str, limit: Option<i64>, actual: Option<i64>, detail: &str) -> PolicyLine {
    let status = match (limit, actual) {
        (Some(limit), Some(actual)) if actual <= limit => Status::Ok,
        (Some(_), Some(_)) => Status::Broken,
        _ => Status::Unknown,
    };
    PolicyLine {
        rule: rule.into(),
        status,
        verdict: limit.map_or(Standing::Unset, |_| status.into()),
        declared: limit.map(|limit| format!("{} at most", span(limit))),
        actual: actual.map(span),
        detail: if limit.is_none() {
            format!("unset; {detail}")
        } else {
            detail.into()
        },
        since: None,
    }
}

fn gaps(inventory: &Inventory) -> PolicyLine {
    let status = match (inventory.windows.is_empty(), inventory.gaps.is_empty()) {
        (true, _) => Status::Unknown,
        (_, true) => Status::Ok,
        (_, false) => Status::Broken,
    };
    PolicyLine {
        rule: "wal-gaps".into(),
        status,
        verdict: status.into(),
        declared: Some("none".into()),
        actual: (status != Status::Unknown).then(|| format!("{}", inventory.gaps.len())),
        detail: "holes in the archived WAL behind a usable backup".into(),
        since: None,
    }
}

fn escrow(keys: &Observation<Keys>, now: Timestamp) -> PolicyLine {
    let artifact = master_key("", keys, now);
    let actual = keys.known(now).fresh().map(|keys| {
        let current = keys.versions.iter().find(|version| version.current);
        let opens = current.and_then(|version| version.opens).unwrap_or_default();
        format!("opens {opens} of {}", keys.envelopes.sampled)
    });
    PolicyLine {
        rule: "key-escrow".into(),
        status: artifact.status,
        verdict: artifact.status.into(),
        declared: Some("the current version opens what is live".into()),
        actual,
        detail: artifact.detail,
        since: None,
    }
}
