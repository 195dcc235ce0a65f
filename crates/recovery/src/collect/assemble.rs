//! From observations to the inventory: what may be believed at this moment, and what has to be called unknown.

use domain::inventory::{Artifact, ArtifactKind, Inventory, Keys, NotBackedUp, Source as SourceLine};
use domain::observation::{Known, Observation};
use domain::status::Status;
use domain::time::Timestamp;

use domain::inventory::PolicyLine;
use domain::policy::judge;

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
    inventory.artifacts = artifacts(deployment, observed, &inventory, now);
    inventory.policy = policy(deployment, observed, &inventory, now);
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

fn artifacts(deployment: &Deployment, observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<Artifact> {
    let mut artifacts = vec![
        database(deployment, observed, inventory, now),
        master_key(&deployment.name, &observed.keys, now),
    ];
    let others = [
        ArtifactKind::Tls,
        ArtifactKind::Image,
        ArtifactKind::BackupKey,
        ArtifactKind::BackupCredentials,
        ArtifactKind::KmsKey,
        ArtifactKind::PackageBlobs,
    ];
    for kind in others {
        let configured = deployment.unread.iter().find(|(unread, _)| *unread == kind);
        let detail = match configured {
            Some((_, what)) => format!("{what}: not read by this version yet"),
            None => "not configured, so nothing is known of it".into(),
        };
        artifacts.push(Artifact {
            kind,
            name: kind.title().into(),
            status: Status::Unknown,
            detail,
            observed_at: None,
        });
    }
    artifacts
}

/// The database is as good as the backups that could bring it back.
fn database(deployment: &Deployment, observed: &Observed, inventory: &Inventory, now: Timestamp) -> Artifact {
    let usable = inventory
        .backups
        .iter()
        .filter(|backup| backup.status == Status::Ok)
        .count();
    let of = inventory.backups.len();
    let sources = Status::group(inventory.sources.iter().map(|source| source.status));
    let status = match (usable, sources) {
        (0, Status::Unknown) => Status::Unknown,
        (0, _) => Status::Broken,
        (_, sources) => sources,
    };
    let reach = observed
        .best_window(now)
        .map(|window| format!("restorable to {}", window.to.format("%Y-%m-%d %H:%M:%S UTC")));
    let detail = [Some(format!("{usable} of {of} backups usable")), reach]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ");
    let observed_at = inventory.sources.iter().filter_map(|source| source.observed_at).min();
    Artifact {
        kind: ArtifactKind::Database,
        name: deployment.name.clone(),
        status,
        detail,
        observed_at,
    }
}

pub(super) fn master_key(name: &str, keys: &Observation<Keys>, now: Timestamp) -> Artifact {
    let (status, detail, observed_at) = match keys.known(now) {
        Known::Fresh { value, at } => (value.status, value.detail.clone(), Some(at)),
        Known::Unknown { reason, last } => (Status::Unknown, reason, last.map(|(_, at)| at)),
    };
    Artifact {
        kind: ArtifactKind::MasterKey,
        name: name.into(),
        status,
        detail,
        observed_at,
    }
}

#[cfg(test)]
mod tests;
