//! What Google says of a secret, in the words of custody. Fields:
//! <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets#Secret>.

use std::collections::BTreeMap;

use chrono::DateTime;
use domain::custody::{Keep, Life, ManagedCopy, Protection, Rotation, Secret, Version};
use domain::time::{Timestamp, span};
use google_cloud_secretmanager_v1::model;
use google_cloud_secretmanager_v1::model::replication::Replication;
use google_cloud_secretmanager_v1::model::secret::Expiration;
use google_cloud_secretmanager_v1::model::secret_version::State;

use crate::manager::quoted;

/// A secret and its versions. Google may tell the versions and refuse the rest, for the reason that is given then.
pub(super) fn secret(about: Result<&model::Secret, &str>, versions: &[model::SecretVersion]) -> Secret {
    let mut remarks = Vec::new();
    let versions = ordered(versions, &mut remarks);
    let latest = versions.keys().next_back().copied();
    let version = |(&number, &found): (&u64, &&model::SecretVersion)| Version {
        name: number.to_string(),
        created_at: found.create_time.and_then(|time| at(time.seconds(), time.nanos())),
        // `latest` is the newest version, whatever its state: who asks for it gets an error rather than an older one.
        current: Some(number) == latest,
        life: life(&found.state),
        keep: keep(found, about.is_ok()),
        labels: about.map_or_else(|_| Vec::new(), |about| aliases(about, number)),
    };
    let mut secret = Secret {
        versions: versions.iter().map(version).collect(),
        ..Secret::default()
    };
    states(&versions, &mut remarks);
    match about {
        Ok(about) => {
            secret.rotation = rotation(about, &mut remarks);
            secret.protection = protection(about);
            secret.gone_at = gone_at(about, &mut remarks);
            secret.copies = copies(about, &mut remarks);
            tokens(about, &versions, &mut remarks);
        }
        Err(why) => {
            remarks.push(format!(
                "rotation, expiry and protection are unknown: Google refuses ({why})"
            ));
            secret.protection = Protection::Unknown { why: why.into() };
        }
    }
    secret.remarks = remarks;
    secret
}

type Versions<'a> = BTreeMap<u64, &'a model::SecretVersion>;

/// By number, which Google counts up with each version. A list that moves while it is read can hold one twice.
fn ordered<'a>(versions: &'a [model::SecretVersion], remarks: &mut Vec<String>) -> Versions<'a> {
    let number = |name: &str| name.rsplit_once("/versions/")?.1.parse::<u64>().ok();
    let numbered: Vec<_> = versions
        .iter()
        .map(|version| (number(&version.name), version))
        .collect();
    let nameless = numbered.iter().filter(|(number, _)| number.is_none()).count();
    if nameless > 0 {
        remarks.push(format!("{nameless} of its versions have no number and are left out"));
    }
    numbered
        .into_iter()
        .filter_map(|(number, version)| Some((number?, version)))
        .collect()
}

fn life(state: &State) -> Life {
    match state {
        State::Enabled => Life::Enabled,
        State::Destroyed => Life::Destroyed,
        // One that isn't known isn't relied on; a remark says so.
        _ => Life::Disabled,
    }
}

fn keep(version: &model::SecretVersion, expiry_is_known: bool) -> Keep {
    let why = "somebody had it destroyed, which Google delays; enabling it again stops that";
    match version.scheduled_destroy_time {
        _ if version.state == State::Destroyed => Keep::Kept,
        Some(time) => match at(time.seconds(), time.nanos()) {
            Some(at) => Keep::Until { at, why: why.into() },
            None => Keep::AtRisk { why: why.into() },
        },
        None if expiry_is_known => Keep::Kept,
        None => Keep::Unknown,
    }
}

fn states(versions: &Versions<'_>, remarks: &mut Vec<String>) {
    for (number, version) in versions {
        if !matches!(version.state, State::Enabled | State::Disabled | State::Destroyed) {
            let state = version.state.name().unwrap_or("a number");
            remarks.push(format!(
                "version {number} is in a state that Muster doesn’t know ({}) and counts as disabled",
                quoted(state)
            ));
        }
    }
    if let Some((number, newest)) = versions.iter().next_back()
        && newest.state != State::Enabled
    {
        remarks.push(format!(
            "whoever asks for the latest version gets an error: it is {number}, which isn’t enabled, and Google falls back to no older one"
        ));
    }
}

fn aliases(about: &model::Secret, number: u64) -> Vec<String> {
    let meant = |version: i64| u64::try_from(version) == Ok(number);
    let aliases = about.version_aliases.iter().filter(|(_, version)| meant(**version));
    let mut aliases: Vec<_> = aliases.map(|(alias, _)| quoted(alias)).collect();
    aliases.sort();
    aliases
}

fn rotation(about: &model::Secret, remarks: &mut Vec<String>) -> Rotation {
    let Some(rotation) = &about.rotation else {
        return Rotation::Off;
    };
    if rotation.managed_rotation_status.is_none() {
        remarks.push(
            "rotation: Google only sends a message when it is due; what listens to it writes the new version".into(),
        );
    }
    Rotation::On {
        every: rotation.rotation_period.map(|period| span(period.seconds())),
        last: None,
        next: rotation
            .next_rotation_time
            .and_then(|time| at(time.seconds(), time.nanos())),
    }
}

fn protection(about: &model::Secret) -> Protection {
    match about.version_destroy_ttl.map(|delay| delay.seconds()) {
        Some(delay @ 1..) => Protection::Protected {
            how: format!(
                "a version that somebody destroys is only disabled for {} and can be brought back; Google promises no such delay for deleting the whole secret",
                span(delay)
            ),
        },
        _ => Protection::Unprotected {
            why: "destroying a version takes effect at once: no delay (version_destroy_ttl) is set".into(),
        },
    }
}

fn gone_at(about: &model::Secret, remarks: &mut Vec<String>) -> Option<Timestamp> {
    let expiration = about.expiration.as_ref()?;
    let known = match expiration {
        Expiration::ExpireTime(time) => at(time.seconds(), time.nanos()),
        _ => None,
    };
    if known.is_none() {
        remarks.push("Google removes the secret with all its versions some day and doesn’t say when".into());
    }
    known
}

fn copies(about: &model::Secret, remarks: &mut Vec<String>) -> Vec<ManagedCopy> {
    let mut keys: Vec<&str> = about
        .customer_managed_encryption
        .iter()
        .map(|key| key.kms_key_name.as_str())
        .collect();
    let copy = |place: &str, detail: &str| ManagedCopy {
        place: quoted(place),
        in_step: None,
        detail: detail.into(),
    };
    let replication = about
        .replication
        .as_ref()
        .and_then(|policy| policy.replication.as_ref());
    let copies = match replication {
        Some(Replication::UserManaged(chosen)) => {
            let encryption = chosen
                .replicas
                .iter()
                .flat_map(|replica| &replica.customer_managed_encryption);
            keys.extend(encryption.map(|key| key.kms_key_name.as_str()));
            let detail = "Google itself keeps every version here, as part of the one secret";
            chosen
                .replicas
                .iter()
                .map(|replica| copy(&replica.location, detail))
                .collect()
        }
        Some(Replication::Automatic(automatic)) => {
            keys.extend(
                automatic
                    .customer_managed_encryption
                    .iter()
                    .map(|key| key.kms_key_name.as_str()),
            );
            vec![copy(
                "places of Google’s choice",
                "replication is automatic and names no place",
            )]
        }
        _ => Vec::new(),
    };
    keys.sort_unstable();
    keys.dedup();
    remarks.extend(keys.into_iter().map(|key| {
        format!(
            "encrypted with {}: without that key of Cloud KMS no version can be read",
            quoted(key)
        )
    }));
    copies
}

/// Aliases that lead nowhere, and how people have labelled the secret.
fn tokens(about: &model::Secret, versions: &Versions<'_>, remarks: &mut Vec<String>) {
    let known = |version: i64| u64::try_from(version).is_ok_and(|version| versions.contains_key(&version));
    let astray: BTreeMap<_, _> = about
        .version_aliases
        .iter()
        .filter(|(_, version)| !known(**version))
        .collect();
    for (alias, version) in astray {
        remarks.push(format!(
            "alias {} names version {version}, which isn’t there",
            quoted(alias)
        ));
    }
    let labels: BTreeMap<_, _> = about.labels.iter().collect();
    if !labels.is_empty() {
        let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        remarks.push(format!("labelled {}", quoted(&labels.join(", "))));
    }
}

fn at(seconds: i64, nanos: i32) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds, nanos.try_into().ok()?)
}

#[cfg(test)]
mod tests;
