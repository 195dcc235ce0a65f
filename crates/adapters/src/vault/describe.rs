//! What metadata and settings mean for each version. Rules of pruning: <https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2>

use domain::custody::{Keep, Life, Protection, Rotation, Secret, Version};
use domain::time::{Timestamp, rfc3339};

use super::answers::{Deletion, Entry, Metadata, Rules};

/// What Vault keeps if neither path nor mount says another number.
const USUAL_LIMIT: u64 = 10;
/// Of a list this many entries stand in a remark.
const SHOWN: usize = 10;

/// How many versions are kept, and who says so.
struct Limit {
    most: u64,
    said_by: &'static str,
}

impl Limit {
    /// The path's own number counts, whether it is more or less than the mount's.
    fn of(path: &Rules, mount: Option<&Rules>) -> Option<Self> {
        let limit = |most, said_by| Some(Self { most, said_by });
        match (path.max_versions?, mount.map(|mount| mount.max_versions)) {
            (most @ 1.., _) => limit(most, "of this path"),
            (0, Some(Some(most @ 1..))) => limit(most, "of the mount"),
            (0, Some(Some(0))) => limit(USUAL_LIMIT, "unless path or mount say otherwise"),
            (0, Some(None) | None) => None,
        }
    }

    /// How many more writes until this version is removed. A limit that was lowered takes effect with the next write.
    fn left(&self, version: u64, current: u64) -> u32 {
        let left = version.saturating_add(self.most).saturating_sub(current);
        u32::try_from(left).unwrap_or(u32::MAX).max(1)
    }
}

/// The secret at `now` by the server's clock. `mount`: its settings, or why they aren't known.
pub(super) fn secret(metadata: &Metadata, mount: Result<&Rules, &str>, now: Timestamp) -> Secret {
    let limit = Limit::of(&metadata.rules, mount.ok());
    let version = |(number, entry): (&u64, &Entry)| Version {
        name: number.to_string(),
        created_at: entry.created_at,
        current: Some(*number) == metadata.current,
        life: life(entry, now),
        keep: keep(*number, entry, metadata.current, limit.as_ref(), now),
        labels: Vec::new(),
    };
    let versions: Vec<_> = metadata.versions.iter().map(version).collect();
    let remarks = remarks(metadata, mount, limit.as_ref(), &versions);
    let cas_required = metadata.rules.cas_required || mount.is_ok_and(|mount| mount.cas_required);
    Secret {
        versions,
        rotation: Rotation::Unsupported,
        protection: protection(cas_required, mount.is_ok()),
        remarks,
        ..Secret::default()
    }
}

fn life(entry: &Entry, now: Timestamp) -> Life {
    match entry.deletion {
        _ if entry.destroyed => Life::Destroyed,
        Deletion::At(at) if at <= now => Life::Deleted,
        Deletion::At(_) | Deletion::Never | Deletion::Unclear => Life::Enabled,
    }
}

/// A date and a number of writes can't be compared, except that the next write may come at any moment: it counts more than any date.
fn keep(number: u64, entry: &Entry, current: Option<u64>, limit: Option<&Limit>, now: Timestamp) -> Keep {
    if entry.deletion == Deletion::Unclear {
        return Keep::AtRisk {
            why: "its deletion_time isn’t a time that Muster understands".into(),
        };
    }
    let date = match entry.deletion {
        Deletion::At(at) if at > now && !entry.destroyed => Some(at),
        _ => None,
    };
    let pushed_out = limit
        .zip(current)
        .map(|(limit, current)| (limit, limit.left(number, current)));
    match (date, pushed_out) {
        (Some(at), Some((Limit { most, said_by }, left))) if left > 1 => Keep::Until {
            at,
            why: format!(
                "delete_version_after; it can be undeleted then until {left} more versions are written (max_versions {most} {said_by})"
            ),
        },
        (Some(at), None) => Keep::Until {
            at,
            why: "delete_version_after; it can be undeleted then until max_versions pushes it out".into(),
        },
        (date, Some((Limit { most, said_by }, left))) => {
            let date = date.map_or(String::new(), |at| format!(", or deleted at {}", rfc3339(at)));
            let why = format!("max_versions {most} {said_by}{date}");
            Keep::Writes { left, why }
        }
        (None, None) => Keep::Unknown,
    }
}

fn remarks(
    metadata: &Metadata,
    mount: Result<&Rules, &str>,
    limit: Option<&Limit>,
    versions: &[Version],
) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Err(why) = mount {
        let unknown = if limit.is_none() {
            ", so it isn’t known which versions the next write removes"
        } else {
            ""
        };
        remarks.push(format!("The mount’s settings can’t be read{unknown}: {why}"));
    } else if limit.is_none() {
        remarks.push("max_versions isn’t a number, so it isn’t known which versions the next write removes".into());
    }
    let gone = missing(metadata);
    if !gone.is_empty() {
        remarks.push(format!(
            "No longer listed, so gone for good (newer versions push old ones out): {}",
            some_of(&gone)
        ));
    }
    if !metadata.unclear.is_empty() {
        remarks.push(format!(
            "Listed in a way that isn’t understood: {}",
            some_of(&metadata.unclear)
        ));
    }
    match metadata.current {
        None => remarks.push("It isn’t said which version is current".into()),
        Some(0) => remarks.push("No version was written yet".into()),
        Some(current) => remarks.extend(without_value(current, versions)),
    }
    let rules = [("this path", Some(&metadata.rules)), ("the mount", mount.ok())];
    for (whose, rules) in rules {
        if let Some(after) = rules.and_then(|rules| rules.delete_version_after.as_deref()) {
            remarks.push(format!(
                "New versions are deleted {after} after they are written (delete_version_after of {whose})"
            ));
        }
    }
    if !metadata.custom.is_empty() {
        remarks.push(format!("Custom metadata: {}", some_of(&metadata.custom)));
    }
    remarks
}

/// Numbers that aren't listed any more, as ranges.
fn missing(metadata: &Metadata) -> Vec<String> {
    let listed = metadata.versions.keys().copied();
    let after_current = metadata.current.and_then(|current| current.checked_add(1));
    let mut ranges = Vec::new();
    let mut next = 1;
    for number in listed.chain(after_current) {
        match number.saturating_sub(1) {
            last if last == next => ranges.push(format!("{next}")),
            last if last > next => ranges.push(format!("{next} to {last}")),
            _ => {}
        }
        next = next.max(number.saturating_add(1));
    }
    ranges
}

/// A list that stays readable however long it is.
fn some_of(list: &[String]) -> String {
    let shown = list.len().min(SHOWN);
    let some = list[..shown].join(", ");
    match list.len() - shown {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}

fn without_value(current: u64, versions: &[Version]) -> Option<String> {
    let life = versions.iter().find(|version| version.current)?.life;
    let state = match life {
        Life::Enabled | Life::Disabled => return None,
        Life::Deleted => "deleted, and can be undeleted",
        Life::Destroyed => "destroyed",
    };
    Some(format!(
        "The current version, {current}, is {state}: who asks for the secret gets nothing"
    ))
}

fn protection(cas_required: bool, mount_known: bool) -> Protection {
    let cas = match (cas_required, mount_known) {
        (true, _) => "cas_required is on, so no version is written over one that the writer hasn’t seen",
        (false, true) => "cas_required is off",
        (false, false) => "cas_required is off for this path, and not known for the mount",
    };
    Protection::Unprotected {
        why: format!(
            "KV v2 has no deletion protection: who may delete metadata/ removes all versions at once, who may update destroy/ single ones. \
             Give both to nobody in daily use. {cas}"
        ),
    }
}

#[cfg(test)]
mod tests;
