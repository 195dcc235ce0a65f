//! `muster keys` as text. Fingerprints only.

use domain::inventory::{Coverage, CoverageStatus, InUse, KeyVersion, Keys};
use domain::key::Fingerprint;

use super::table::aligned;

/// All deployments, one after the other.
#[must_use]
pub fn text(all: &[Keys]) -> String {
    let blocks: Vec<_> = all.iter().map(one).collect();
    blocks.join("\n")
}

fn one(keys: &Keys) -> String {
    let (status, verdict) = (keys.status.word(), keys.verdict.word());
    let mut text = format!("{}\n\n{status}: {verdict}: {}\n", keys.name, keys.detail);
    let mut rows: Vec<_> = keys.versions.iter().map(version).collect();
    rows.extend(keys.in_use.iter().map(in_use));
    if !rows.is_empty() {
        text.push_str(&format!("\nKeys\n{}", aligned(&rows)));
    }
    if !keys.coverage.is_empty() {
        let cells: Vec<_> = keys.coverage.iter().map(coverage).collect();
        text.push_str(&format!("\nBackups\n{}", aligned(&cells)));
    }
    let seen = &keys.envelopes;
    let counts = format!(
        "{} sampled, {} opened, {} unreadable",
        seen.sampled, seen.opened, seen.unparsed
    );
    text.push_str(&format!("\nEnvelopes: {counts}\n"));
    text
}

fn version(version: &KeyVersion) -> [String; 5] {
    let current = if version.current { "current" } else { "" };
    let detail = if version.detail.is_empty() {
        &version.state
    } else {
        &version.detail
    };
    let name = format!("version {}", version.version);
    let opens = opens(version.opens, version.of);
    [
        name,
        current.into(),
        named(version.fingerprint.as_ref()),
        opens,
        detail.clone(),
    ]
}

fn in_use(key: &InUse) -> [String; 5] {
    let place = key.version.as_ref();
    let place = place.map_or_else(
        || "the manager doesn’t have it".into(),
        |version| format!("version {version}"),
    );
    let detail = if key.detail.is_empty() {
        place
    } else {
        format!("{place}; {}", key.detail)
    };
    let opens = opens(key.opens, key.of);
    [
        "in use".into(),
        key.source.clone(),
        named(key.fingerprint.as_ref()),
        opens,
        detail,
    ]
}

fn coverage(cell: &Coverage) -> [String; 3] {
    let status = match cell.status {
        CoverageStatus::Proven => "proven",
        CoverageStatus::Expected => "expected",
        CoverageStatus::Refuted => "refuted",
        CoverageStatus::Missing => "missing",
        CoverageStatus::Unknown => "unknown",
    };
    let version = cell.version.as_ref();
    let version = version.map_or_else(|| "no version".into(), |version| format!("version {version}"));
    [status.into(), cell.backup.clone(), version]
}

fn named(fingerprint: Option<&Fingerprint>) -> String {
    fingerprint.map_or_else(|| "not read".into(), ToString::to_string)
}

fn opens(opens: Option<u32>, of: Option<u32>) -> String {
    let both = opens.zip(of);
    both.map_or_else(|| "not tried".into(), |(opens, of)| format!("opens {opens} of {of}"))
}
