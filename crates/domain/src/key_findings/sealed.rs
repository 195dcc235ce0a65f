//! What is wrong with the envelopes themselves.

use super::{KeyFinding, Severity, count};
use crate::drift::{ValueName, Verdict};
use crate::inventory::Keys;

/// Spoilt values. Where nothing was proven, it may as well be the layout that is wrong.
pub(super) fn damage(keys: &Keys) -> Option<KeyFinding> {
    let seen = &keys.envelopes;
    if seen.damaged == 0 || keys.verdict == Verdict::Unknown {
        return None;
    }
    let said = seen
        .damage
        .iter()
        .map(|damaged| format!("{} {}", damaged.value, damaged.what));
    Some(KeyFinding::new(
        "envelope-damage",
        Severity::Error,
        format!(
            "{} damaged",
            count(seen.damaged as usize, "wrapped value is", "wrapped values are")
        ),
        listed(said.collect(), seen.damaged as usize),
        "find a backup in which the value still opens, before the last of them expires, and bring back these rows alone. No key cures them.",
    ))
}

pub(super) fn nonces(keys: &Keys) -> Option<KeyFinding> {
    let seen = &keys.envelopes;
    if seen.nonces_reused == 0 {
        return None;
    }
    let said = seen.nonce_reuse.iter().map(|reuse| {
        let places: Vec<_> = reuse.values.iter().map(ValueName::to_string).collect();
        format!("{} under key {}", places.join(" and "), reuse.key.short())
    });
    Some(KeyFinding::new(
        "nonce-reuse",
        Severity::Error,
        format!(
            "A key used {} for different envelopes",
            count(seen.nonces_reused as usize, "nonce twice", "nonces twice")
        ),
        listed(said.collect(), seen.nonces_reused as usize),
        "tell Ampora’s makers, replace the secrets in these rows at their sources, and rotate the master key. Whoever has read the database \
         can tell what such values have in common and forge more.",
    ))
}

/// The first few, and how many more there are.
fn listed(mut said: Vec<String>, all: usize) -> String {
    if all > said.len() {
        said.push(format!("{} more", all - said.len()));
    }
    said.join("; ")
}
