//! `muster keys` as text. Fingerprints only.

use std::fmt::Write as _;

use domain::inventory::Keys;
use domain::key::Fingerprint;

/// All deployments, one after the other.
#[must_use]
pub fn text(all: &[Keys]) -> String {
    all.iter().map(one).collect()
}

fn one(keys: &Keys) -> String {
    let mut text = format!(
        "{:<8} {}: {}: {}\n\n",
        keys.status.word(),
        keys.name,
        keys.verdict.word(),
        keys.detail
    );
    for version in &keys.versions {
        let current = if version.current { "current" } else { "" };
        let (fingerprint, opens) = (named(version.fingerprint.as_ref()), opens(version.opens, version.of));
        let _ = writeln!(
            text,
            "  version {:<4} {current:<8} {fingerprint}  {opens}  {}",
            version.version, version.detail
        );
    }
    if let Some(in_use) = &keys.in_use {
        let place = in_use.version.as_ref();
        let place = place.map_or_else(
            || "the manager doesn’t have it".into(),
            |version| format!("version {version}"),
        );
        let (fingerprint, opens) = (named(in_use.fingerprint.as_ref()), opens(in_use.opens, in_use.of));
        let _ = writeln!(
            text,
            "  in use                {fingerprint}  {opens}  {place}  {}",
            in_use.detail
        );
    }
    let seen = &keys.envelopes;
    let _ = writeln!(
        text,
        "  envelopes: {} sampled, {} opened, {} unreadable\n",
        seen.sampled, seen.opened, seen.unparsed
    );
    text
}

fn named(fingerprint: Option<&Fingerprint>) -> String {
    fingerprint.map_or_else(|| "not read".into(), ToString::to_string)
}

fn opens(opens: Option<u32>, of: Option<u32>) -> String {
    opens
        .zip(of)
        .map_or_else(|| "not tried".into(), |(opens, of)| format!("opens {opens} of {of}"))
}
