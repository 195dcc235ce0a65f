//! Copies of the master key elsewhere, compared by fingerprint: that a manager calls a copy in step is its word, not a proof.

use domain::custody::Secret;
use domain::inventory::Replica;
use domain::key::Decoded;
use domain::status::Status;
use futures::future::join_all;

use super::HeldKey;
use crate::settings::{self, Proof};

/// One line for each copy: those of the configuration, then those that only the manager knows of.
pub async fn compare(settings: &settings::MasterKey, secret: &Secret, held: &[HeldKey]) -> Vec<Replica> {
    let mut asked = Vec::new();
    for replica in &settings.replicas {
        asked.push(one(settings, replica, held));
    }
    let mut lines = join_all(asked).await;
    let configured = |place: &str| settings.replicas.iter().any(|replica| replica.name == place);
    let told = secret.copies.iter().filter(|copy| !configured(&copy.place));
    lines.extend(told.map(|copy| Replica {
        name: copy.place.clone(),
        status: if copy.in_step == Some(false) {
            Status::Broken
        } else {
            Status::Unknown
        },
        fingerprint: None,
        version: None,
        detail: format!(
            "{}; Muster compared nothing: name it under replicas of [deployment.master_key]",
            copy.detail
        ),
    }));
    lines
}

async fn one(settings: &settings::MasterKey, replica: &settings::Replica, held: &[HeldKey]) -> Replica {
    let mut line = Replica {
        name: replica.name.clone(),
        status: Status::Unknown,
        fingerprint: None,
        version: None,
        detail: String::new(),
    };
    let current = match replica.place.manager.describe().await {
        Ok(secret) => secret.current().map(|version| version.name.clone()),
        Err(error) => {
            line.detail = error.to_string();
            return line;
        }
    };
    let Some(version) = current else {
        line.status = Status::Broken;
        line.detail = format!("{} has no current version", replica.place.manager.name());
        return line;
    };
    line.version = Some(version.clone());
    if settings.proof == Proof::Metadata {
        line.detail = "values are never read (proof = \"metadata\"), so nothing was compared".into();
        return line;
    }
    match replica.place.key(&version).await {
        Ok(Decoded { key, .. }) => {
            line.fingerprint = Some(key.fingerprint());
            (line.status, line.detail) = judge(held.iter().find(|own| own.key == key), held, &version);
        }
        Err(reason) => line.detail = reason.to_string(),
    }
    line
}

/// What it means that the copy's current version is this key of the manager, or none of them.
fn judge(same: Option<&HeldKey>, held: &[HeldKey], version: &str) -> (Status, String) {
    use domain::drift::Candidate::{InUse, Previous, Unread, Version};
    let current = held
        .iter()
        .find(|own| matches!(own.candidate, Version { current: true, .. }));
    match (same.map(|own| (&own.candidate, own.name())), current) {
        (_, None) => (
            Status::Unknown,
            "the manager’s own current version couldn’t be read".into(),
        ),
        (Some((Version { current: true, .. }, _)), _) => {
            (Status::Ok, format!("version {version} is the manager’s current key"))
        }
        (Some((Version { .. }, name)), Some(current)) => (
            Status::Broken,
            format!(
                "version {version} is the manager’s {name}; its current key is {}",
                current.name()
            ),
        ),
        (Some((InUse, _)), _) => (
            Status::Broken,
            format!("version {version} is the key Ampora runs with, which the manager doesn’t have"),
        ),
        (Some((Previous, _)), _) => (
            Status::Broken,
            format!("version {version} is the key Ampora ran with before, which the manager doesn’t have"),
        ),
        (Some((Unread { .. }, _)) | None, _) => (
            Status::Broken,
            format!("version {version} is none of the manager’s keys"),
        ),
    }
}
