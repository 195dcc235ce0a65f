//! From observations to the inventory: what may be believed at this moment, and what has to be called unknown.

use domain::inventory::{Inventory, NotBackedUp, Source as SourceLine};
use domain::observation::{Known, Observation};
use domain::status::Status;
use domain::time::Timestamp;

use domain::inventory::PolicyLine;
use domain::policy::judge;

use super::artifacts::artifacts;
use super::facts::facts;
use super::standing::policy_fact;
use super::{Observed, SourceReading};
use crate::settings::Deployment;

/// The inventory at `now`. A source whose reading expired or failed is unknown; its backups are listed as last known, and unknown too.
#[must_use]
pub fn assemble(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Inventory {
    let mut inventory = Inventory {
        name: deployment.name.clone(),
        sources: Vec::new(),
        artifacts: Vec::new(),
        backups: Vec::new(),
        windows: Vec::new(),
        gaps: Vec::new(),
        policy: Vec::new(),
        not_backed_up: NotBackedUp::documented(),
    };
    for (kind, source) in &observed.sources {
        add_source(&mut inventory, kind, source, now);
    }
    inventory.policy = policy(deployment, observed, &inventory, now);
    inventory.artifacts = artifacts(deployment, observed, &inventory, now);
    inventory
}

fn policy(deployment: &Deployment, observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<PolicyLine> {
    let facts = facts(deployment, observed, inventory, now);
    let dated = |line: PolicyLine| PolicyLine {
        since: observed.history.since(&policy_fact(&line.rule), line.verdict.word()),
        ..line
    };
    judge(&deployment.promises, &facts, now)
        .into_iter()
        .map(dated)
        .collect()
}

fn add_source(inventory: &mut Inventory, kind: &str, source: &Observation<SourceReading>, now: Timestamp) {
    let line = |status, observed_at, detail| SourceLine {
        name: source.source.clone(),
        kind: kind.into(),
        status,
        observed_at,
        detail,
    };
    match source.known(now) {
        Known::Fresh { value, at } => {
            inventory
                .sources
                .push(line(value.status, Some(at), value.detail.clone()));
            inventory.backups.extend(value.backups.iter().cloned());
            inventory.windows.extend(value.windows.iter().cloned());
            inventory.gaps.extend(value.gaps.iter().cloned());
        }
        Known::Unknown { reason, last } => {
            let at = last.map(|(_, at)| at);
            if let Some((value, _)) = last {
                inventory
                    .backups
                    .extend(value.backups.iter().cloned().map(|mut backup| {
                        backup.detail = format!("last known: {}; now: {reason}", backup.detail);
                        backup.status = Status::Unknown;
                        backup
                    }));
            }
            inventory.sources.push(line(Status::Unknown, at, reason));
        }
    }
}

#[cfg(test)]
mod tests;
