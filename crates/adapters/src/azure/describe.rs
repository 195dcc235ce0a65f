//! What Key Vault says of a secret, in the words of custody. Attributes:
//! <https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-attributes>.

use azure_core::time::OffsetDateTime;
use azure_security_keyvault_secrets::ResourceExt as _;
use azure_security_keyvault_secrets::models::{
    DeletedSecret, DeletionRecoveryLevel, SecretAttributes, SecretProperties,
};
use chrono::DateTime;
use domain::custody::{Keep, Life, Protection, Rotation, Secret, Version};
use domain::time::Timestamp;

use crate::manager::quoted;

/// Versions that a remark names; of others it says how many.
const NAMED: usize = 3;

/// A secret and its versions.
pub(super) fn secret(listed: &[SecretProperties]) -> Secret {
    let mut remarks = Vec::new();
    let found = ordered(listed, &mut remarks);
    let newest = newest(&found, &mut remarks);
    let version = |found: &Found<'_>| Version {
        name: found.name.clone(),
        created_at: found.created,
        current: newest.as_deref() == Some(&found.name),
        life: match found.attributes.and_then(|attributes| attributes.enabled) {
            Some(true) => Life::Enabled,
            Some(false) | None => Life::Disabled,
        },
        // Key Vault deletes secrets as a whole, never one version: <https://learn.microsoft.com/rest/api/keyvault/secrets/delete-secret>.
        keep: Keep::Kept,
        labels: found.labels(),
    };
    let versions: Vec<Version> = found.iter().map(version).collect();
    states(&found, newest.as_deref(), &mut remarks);
    dates(&found, &mut remarks);
    if found.iter().any(|version| version.managed) {
        remarks.push("the vault itself manages this secret, as it does for a certificate".into());
    }
    Secret {
        versions,
        // It can announce that a date comes near, and somebody else then rotates.
        rotation: Rotation::Unsupported,
        protection: protection(&found),
        remarks,
        ..Secret::default()
    }
}

/// What is left of a deleted secret, as what there isn't.
pub(super) fn deleted(secret: &DeletedSecret) -> String {
    let date = |time: Option<OffsetDateTime>| time.and_then(at).map(day);
    let since = date(secret.deleted_date).map_or_else(String::new, |day| format!(" on {day}"));
    let until = date(secret.scheduled_purge_date).map_or_else(String::new, |day| format!(" until {day}"));
    format!("such secret any more: it was deleted{since} and can be recovered{until}")
}

struct Found<'a> {
    name: String,
    created: Option<Timestamp>,
    attributes: Option<&'a SecretAttributes>,
    managed: bool,
    properties: &'a SecretProperties,
}

impl Found<'_> {
    /// Tags, as people have put them on this version.
    fn labels(&self) -> Vec<String> {
        let tags = self.properties.tags.iter().flatten();
        let mut labels: Vec<_> = tags.map(|(name, value)| quoted(&format!("{name}={value}"))).collect();
        labels.sort();
        labels
    }
}

/// Oldest first. Azure lists them by their names, which are random.
fn ordered<'a>(listed: &'a [SecretProperties], remarks: &mut Vec<String>) -> Vec<Found<'a>> {
    let found = |properties: &'a SecretProperties| {
        let attributes = properties.attributes.as_ref();
        Some(Found {
            name: properties.resource_id().ok()?.version?,
            created: attributes.and_then(|attributes| at(attributes.created?)),
            attributes,
            managed: properties.managed == Some(true),
            properties,
        })
    };
    let mut versions: Vec<_> = listed.iter().filter_map(found).collect();
    let nameless = listed.len() - versions.len();
    if nameless > 0 {
        remarks.push(format!("{nameless} of its versions have no name and are left out"));
    }
    versions.sort_by(|one, other| (one.created, &one.name).cmp(&(other.created, &other.name)));
    // A list that moves while it is read can hold one twice.
    versions.dedup_by(|one, other| one.name == other.name);
    versions
}

/// Who names no version gets the newest one, whatever its state. Key Vault counts in seconds, so two can be the newest.
fn newest(versions: &[Found<'_>], remarks: &mut Vec<String>) -> Option<String> {
    let newest = versions.last()?;
    let undated = versions.iter().filter(|version| version.created.is_none()).count();
    if undated > 0 {
        remarks.push(format!(
            "which version is current isn’t known: {undated} of them have no date"
        ));
        return None;
    }
    let twins = versions
        .iter()
        .filter(|version| version.created == newest.created)
        .count();
    if twins > 1 {
        remarks.push(format!(
            "which version is current isn’t known: the {twins} newest were made in the same second"
        ));
        return None;
    }
    Some(newest.name.clone())
}

fn states(versions: &[Found<'_>], newest: Option<&str>, remarks: &mut Vec<String>) {
    let enabled = |version: &Found<'_>| version.attributes.and_then(|attributes| attributes.enabled);
    let unsaid = versions.iter().filter(|version| enabled(version).is_none()).count();
    if unsaid > 0 {
        remarks.push(format!(
            "of {unsaid} versions Key Vault doesn’t say whether they are enabled; they count as disabled"
        ));
    }
    let current = versions.iter().find(|version| newest == Some(&version.name));
    if current.is_some_and(|version| enabled(version) == Some(false)) {
        remarks.push(
            "whoever names no version gets an error: the newest one is disabled, and Azure falls back to no older one"
                .into(),
        );
    }
}

/// Key Vault notes these dates and enforces none of them for secrets.
fn dates(versions: &[Found<'_>], remarks: &mut Vec<String>) {
    let dated: Vec<String> = versions.iter().rev().filter_map(validity).collect();
    if dated.is_empty() {
        return;
    }
    let more = dated.len().saturating_sub(NAMED);
    let mut named = dated[..dated.len() - more].join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    remarks.push(format!(
        "marked as valid for a time: {named}; Azure hands these out before and after all the same"
    ));
}

fn validity(version: &Found<'_>) -> Option<String> {
    let attributes = version.attributes?;
    let date = |time: Option<OffsetDateTime>| time.and_then(at).map(day);
    let (from, until) = (date(attributes.not_before), date(attributes.expires));
    let from = from.map(|day| format!(" from {day}"));
    let until = until.map(|day| format!(" until {day}"));
    (from.is_some() || until.is_some()).then(|| {
        let name = &version.name;
        format!("{name}{}{}", from.unwrap_or_default(), until.unwrap_or_default())
    })
}

/// The level is the vault's, and each version repeats it:
/// <https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret-versions/get-secret-versions#deletionrecoverylevel>.
fn protection(versions: &[Found<'_>]) -> Protection {
    let attributes = versions.iter().rev().filter_map(|version| version.attributes);
    let mut levels = attributes.filter_map(|attributes| Some((attributes.recovery_level.as_ref()?, attributes)));
    let Some((level, attributes)) = levels.next() else {
        return Protection::Unknown {
            why: "Key Vault names no recovery level".into(),
        };
    };
    use DeletionRecoveryLevel as Level;
    let days = attributes.recoverable_days.filter(|days| *days > 0);
    let days = days.map_or_else(|| "a while".into(), |days| format!("{days} days"));
    match level {
        Level::Recoverable
        | Level::CustomizedRecoverable
        | Level::RecoverableProtectedSubscription
        | Level::CustomizedRecoverableProtectedSubscription => Protection::Protected {
            how: format!("a deleted secret can be recovered for {days}, and purge protection lets nobody end that"),
        },
        Level::RecoverablePurgeable | Level::CustomizedRecoverablePurgeable => Protection::Unprotected {
            why: format!(
                "a deleted secret can be recovered for {days}, but whoever may purge ends that at once: the vault has no purge protection"
            ),
        },
        Level::Purgeable => Protection::Unprotected {
            why: "deleting the secret is final at once: the vault has no soft delete".into(),
        },
        Level::UnknownValue(level) => Protection::Unknown {
            why: format!(
                "Key Vault’s recovery level is one that Muster doesn’t know: {}",
                quoted(level)
            ),
        },
    }
}

fn at(time: OffsetDateTime) -> Option<Timestamp> {
    DateTime::from_timestamp(time.unix_timestamp(), 0)
}

fn day(time: Timestamp) -> String {
    time.format("%-d %b %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
