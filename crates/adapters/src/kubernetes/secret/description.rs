//! What a Secret's metadata says of it. The data isn't part of it, and neither is the field `immutable`.

use domain::custody::{Keep, Life, Protection, Rotation, Secret, Version};
use domain::time::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::kubernetes::moment;
use crate::tls::plain;

/// `None` if it names no state.
pub(super) fn description(metadata: &ObjectMeta) -> Option<Secret> {
    let name = metadata
        .resource_version
        .clone()
        .filter(|version| !version.is_empty())?;
    let mut remarks = Vec::new();
    let changed_at = changed_at(metadata);
    if changed_at.is_none() {
        remarks
            .push("the cluster doesn’t tell when its data was changed last; what is shown is when it was made".into());
    }
    let owners = metadata.owner_references.iter().flatten();
    for owner in owners.filter(|owner| owner.controller == Some(true)) {
        remarks.push(plain(&format!(
            "{} {} keeps it, and may write over what others write",
            owner.kind, owner.name
        )));
    }
    let gone_at = metadata.deletion_timestamp.as_ref().and_then(moment);
    let version = Version {
        name,
        created_at: changed_at.or_else(|| metadata.creation_timestamp.as_ref().and_then(moment)),
        current: true,
        life: Life::Enabled,
        keep: keep(gone_at),
        labels: Vec::new(),
    };
    Some(Secret {
        versions: vec![version],
        rotation: Rotation::Unsupported,
        protection: protection(metadata),
        gone_at,
        copies: Vec::new(),
        remarks,
    })
}

/// Since when, at the latest, the data is as it is. A writer's time is that of its latest change to any of its fields, so it may be later than
/// its change to the data, and never earlier.
pub(in crate::kubernetes) fn changed_at(metadata: &ObjectMeta) -> Option<Timestamp> {
    let entries = metadata.managed_fields.iter().flatten();
    let of_data = entries.filter(|entry| owns(entry.fields_v1.as_ref().map(|fields| &fields.0), "f:data"));
    // One whose time isn't told may be the latest.
    let times: Option<Vec<_>> = of_data.map(|entry| entry.time.as_ref().and_then(moment)).collect();
    times?.into_iter().max()
}

fn owns(fields: Option<&serde_json::Value>, field: &str) -> bool {
    fields.is_some_and(|fields| fields.get(field).is_some())
}

fn keep(gone_at: Option<Timestamp>) -> Keep {
    match gone_at {
        Some(at) => Keep::Until {
            at,
            why: "the Secret is being deleted".into(),
        },
        None => Keep::Writes {
            left: 1,
            why: "a Kubernetes Secret holds one value, and the next change takes its place".into(),
        },
    }
}

fn protection(metadata: &ObjectMeta) -> Protection {
    let mut entries = metadata.managed_fields.iter().flatten();
    if entries.any(|entry| owns(entry.fields_v1.as_ref().map(|fields| &fields.0), "f:immutable")) {
        return Protection::Unknown {
            why: "its field `immutable` is set, and is seen only with the data; where it is true, the data can’t be changed, but the Secret can be deleted"
                .into(),
        };
    }
    Protection::Unprotected {
        why: "whoever may change or delete Secrets of its namespace can take away the only version there is".into(),
    }
}

#[cfg(test)]
mod tests;
