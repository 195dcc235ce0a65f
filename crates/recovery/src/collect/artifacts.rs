//! What must come back besides the database's rows, and whether it would.

use domain::inventory::{Artifact, ArtifactKind, Inventory, Keys, PolicyLine};
use domain::observation::{Known, Observation};
use domain::policy::Rule;
use domain::status::Status;
use domain::time::Timestamp;

use super::Observed;
use crate::settings::{Deployment, Source};

/// One line each, in the order in which they are needed.
pub fn artifacts(deployment: &Deployment, observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<Artifact> {
    vec![
        database(deployment, observed, inventory, now),
        master_key(&deployment.name, &observed.keys, now),
        tls(observed, now),
        images(observed, now),
        backup_key(inventory, observed),
        credentials(observed, now),
        kms(observed, now),
        unset(
            ArtifactKind::PackageBlobs,
            "where Ampora keeps package blobs isn’t documented, and nothing here says it",
        ),
    ]
}

/// Whether anything of the configuration speaks of it.
#[must_use]
pub fn is_set_up(deployment: &Deployment, kind: ArtifactKind) -> bool {
    match kind {
        ArtifactKind::Database => !deployment.sources.is_empty(),
        ArtifactKind::MasterKey => deployment.master_key.is_some(),
        ArtifactKind::Tls => deployment.tls.is_some(),
        ArtifactKind::Image => deployment.images.is_some(),
        // The tool says by itself whether its backups are encrypted.
        ArtifactKind::BackupKey => deployment
            .sources
            .iter()
            .any(|source| matches!(source, Source::PgBackRest(_))),
        ArtifactKind::BackupCredentials => deployment.repos.iter().any(|repo| repo.escrow.is_some()),
        ArtifactKind::KmsKey => !deployment.kms_keys.is_empty(),
        ArtifactKind::PackageBlobs => false,
    }
}

fn unset(kind: ArtifactKind, detail: &str) -> Artifact {
    Artifact {
        kind,
        name: kind.title().into(),
        status: Status::Unknown,
        detail: detail.into(),
        observed_at: None,
    }
}

fn seen<T>(
    kind: ArtifactKind,
    observation: &Observation<T>,
    now: Timestamp,
    judge: impl FnOnce(&T) -> (Status, String),
) -> Artifact {
    let (status, detail, observed_at) = match observation.known(now) {
        Known::Fresh { value, at } => {
            let (status, detail) = judge(value);
            (status, detail, Some(at))
        }
        Known::Unknown { reason, last } => (Status::Unknown, reason, last.map(|(_, at)| at)),
    };
    Artifact {
        kind,
        name: kind.title().into(),
        status,
        detail,
        observed_at,
    }
}

fn tls(observed: &Observed, now: Timestamp) -> Artifact {
    let kind = ArtifactKind::Tls;
    let Some(tls) = &observed.tls else {
        return unset(kind, "[deployment.tls] isn’t set, so nothing is known of it");
    };
    seen(kind, tls, now, |reading| {
        let ended = reading
            .expires_in(now)
            .is_some_and(|left| left <= chrono::TimeDelta::zero());
        let status = if ended { Status::Broken } else { reading.status };
        (status, reading.detail.clone())
    })
}

fn images(observed: &Observed, now: Timestamp) -> Artifact {
    let kind = ArtifactKind::Image;
    let Some(images) = &observed.images else {
        return unset(kind, "[deployment.images] isn’t set, so nothing is known of them");
    };
    seen(kind, images, now, |reading| {
        (reading.image.status, reading.image.detail.clone())
    })
}

/// The key of the backups themselves: what the policy says of it.
fn backup_key(inventory: &Inventory, observed: &Observed) -> Artifact {
    let line = inventory
        .policy
        .iter()
        .find(|line| line.rule == Rule::BackupKeyEscrow.name());
    let (status, detail) = match line.map(|line| (line.counts(), line)) {
        Some((Some(status), line)) => (status, line.detail.clone()),
        Some((None, PolicyLine { detail, .. })) => (Status::Unknown, detail.clone()),
        None => (Status::Unknown, "nothing is known of it".into()),
    };
    let read = observed.escrows.iter().filter_map(|escrow| escrow.last_good.as_ref());
    Artifact {
        observed_at: read.map(|(_, at)| *at).min(),
        status,
        detail,
        ..unset(ArtifactKind::BackupKey, "")
    }
}

/// What opens the repositories when the machine that made the backups is gone.
fn credentials(observed: &Observed, now: Timestamp) -> Artifact {
    let kind = ArtifactKind::BackupCredentials;
    let tried = observed.escrows.iter();
    let lines: Vec<_> = tried
        .map(|escrow| {
            seen(kind, escrow, now, |tried| {
                (tried.status, format!("{}: {}", escrow.source, tried.detail))
            })
        })
        .collect();
    worst(lines).unwrap_or_else(|| {
        unset(
            kind,
            "no [[deployment.source.repo]] has an escrow, so nothing is known of what opens the repositories without this host",
        )
    })
}

fn kms(observed: &Observed, now: Timestamp) -> Artifact {
    let kind = ArtifactKind::KmsKey;
    let keys = observed.kms.iter();
    let mut lines: Vec<_> = keys
        .map(|key| seen(kind, key, now, |judged| (judged.status, judged.detail.clone())))
        .collect();
    let managed = observed.fresh(now).filter_map(|reading| reading.managed.as_ref());
    lines.extend(managed.flat_map(|facts| facts.keys.iter().cloned()));
    let missing =
        "no [[deployment.kms_key]] is set, so nothing is known of keys that backups or Ampora’s authority depend on";
    worst(lines).unwrap_or_else(|| unset(kind, missing))
}

/// The worst line, with how many there are.
fn worst(mut lines: Vec<Artifact>) -> Option<Artifact> {
    let of = lines.len();
    lines.sort_by_key(|line| line.status);
    let mut worst = lines.pop()?;
    if of > 1 {
        worst.detail = format!("{} (the worst of {of})", worst.detail);
    }
    Some(worst)
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

pub fn master_key(name: &str, keys: &Observation<Keys>, now: Timestamp) -> Artifact {
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
