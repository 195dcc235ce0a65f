//! `muster keys` as text. Fingerprints only, and never a byte of a key.

mod backups;
mod envelopes;

use domain::custody::{Protection, Rotation, Secret};
use domain::finding::{NotJudged, Severity, by_reason};
use domain::inventory::{InUse, KeyFinding, KeyVersion, KeysFound, KeysReport, Replica};
use domain::key::Fingerprint;
use domain::status::Status;
use domain::time::{Timestamp, ago, clock};

use super::table::aligned;

/// All deployments, one after the other. `tried` are the times of their last proofs.
#[must_use]
pub fn text(report: &KeysReport, tried: &[Option<Timestamp>], now: Timestamp) -> String {
    let each = report.deployments.iter().zip(tried);
    let blocks: Vec<_> = each.map(|(found, at)| one(found, *at, now)).collect();
    blocks.join("\n")
}

fn one(found: &KeysFound, at: Option<Timestamp>, now: Timestamp) -> String {
    let KeysFound {
        keys,
        findings,
        not_judged,
    } = found;
    let (status, verdict) = (keys.status.word(), keys.verdict.word());
    let at = at.map_or_else(|| "never tried".into(), |at| format!("tried {}", ago(at, now)));
    let mut text = format!("{}\n\n{status}: {verdict}: {} ({at})\n", keys.name, keys.detail);
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            text.push_str(&format!("\n{title}\n{body}"));
        }
    };
    let in_use = keys.in_use.iter().map(in_use);
    let versions = keys.versions.iter().rev().map(|it| version(it, now));
    section("Keys", aligned(&in_use.chain(versions).collect::<Vec<_>>()));
    section(
        "Copies elsewhere",
        aligned(&keys.replicas.iter().map(replica).collect::<Vec<_>>()),
    );
    let secret = keys.secret.as_ref().map(|it| secret(it, now)).unwrap_or_default();
    section("Secret manager", aligned(&secret));
    section("Envelopes", envelopes::text(&keys.envelopes));
    section("About to go, and needed", backups::about_to_go(keys, now));
    section("Backups", backups::text(keys));
    section("Findings", findings.iter().map(finding).collect());
    section("Not judged", not_told(not_judged));
    text
}

/// What was found, and below it what to do. An error is what makes the command say that something is broken.
fn finding(finding: &KeyFinding) -> String {
    let word = match finding.severity {
        Severity::Error => Status::Broken.word(),
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let KeyFinding {
        code,
        title,
        detail,
        recovery,
        ..
    } = finding;
    let steps: String = recovery.lines().map(|line| format!("    {line}\n")).collect();
    format!("  {word}  {code}: {title}: {detail}\n{steps}")
}

/// Rules that can't be told, together where the reason is the same.
fn not_told(silent: &[NotJudged]) -> String {
    let line = |(first, codes): (&NotJudged, Vec<&str>)| format!("  unknown  {}: {}\n", codes.join(", "), first.reason);
    by_reason(silent).into_iter().map(line).collect()
}

/// History has no status.
fn word(status: Option<Status>) -> String {
    status.map_or("-", Status::word).into()
}

fn version(version: &KeyVersion, now: Timestamp) -> [String; 6] {
    let (status, says) = version.standing();
    let created = version.created_at.map(|at| format!("created {} UTC", clock(at, now)));
    let labels = (!version.labels.is_empty()).then(|| format!("labelled {}", version.labels.join(", ")));
    let detail = (!version.detail.is_empty()).then(|| version.detail.clone());
    let kept = (version.state != "destroyed").then(|| version.keep.words(now));
    let said: Vec<_> = [kept, created, labels, detail].into_iter().flatten().collect();
    [
        word(status),
        format!("version {}", version.version),
        says,
        named(version.fingerprint.as_ref()),
        opens(version.opens, version.of),
        said.join("; "),
    ]
}

fn in_use(key: &InUse) -> [String; 6] {
    let (status, place) = match (&key.version, &key.fingerprint) {
        (Some(version), _) => (Status::Ok, format!("is version {version}")),
        (None, Some(_)) => (Status::Broken, "the manager doesn’t have it".into()),
        (None, None) => (Status::Unknown, "not read".into()),
    };
    let previous = key.previous_set.then(|| previous(key));
    let detail = (!key.detail.is_empty()).then(|| key.detail.clone());
    let said: Vec<_> = std::iter::once(key.source.clone())
        .chain(detail)
        .chain(previous)
        .collect();
    [
        status.word().into(),
        "in use".into(),
        place,
        named(key.fingerprint.as_ref()),
        opens(key.opens, key.of),
        said.join("; "),
    ]
}

fn previous(key: &InUse) -> String {
    let which = key.previous.as_ref().map(|previous| {
        let version = previous.version.as_ref().map(|version| format!(", version {version}"));
        format!(" ({}{})", previous.fingerprint, version.unwrap_or_default())
    });
    format!("PreviousMasterKey is still set{}", which.unwrap_or_default())
}

fn replica(replica: &Replica) -> [String; 5] {
    let version = replica.version.as_ref().map(|version| format!("version {version}"));
    [
        replica.status.word().into(),
        replica.name.clone(),
        version.unwrap_or_else(|| "no version".into()),
        named(replica.fingerprint.as_ref()),
        replica.detail.clone(),
    ]
}

/// What the manager says of the secret. That it rotates or isn’t protected is no fault by itself.
fn secret(secret: &Secret, now: Timestamp) -> Vec<[String; 3]> {
    let protection = match secret.protection {
        Protection::Protected { .. } => Some(Status::Ok),
        Protection::Unprotected { .. } => None,
        Protection::Unknown { .. } => Some(Status::Unknown),
    };
    let rotation = (secret.rotation == Rotation::Unknown).then_some(Status::Unknown);
    let gone = secret.gone_at.map(|at| {
        let says = format!("the whole secret goes {} UTC", clock(at, now));
        [word(Some(Status::Broken)), "deletion".into(), says]
    });
    let remarks = secret
        .remarks
        .iter()
        .map(|it| [word(None), "remark".into(), it.clone()]);
    gone.into_iter()
        .chain([
            [word(protection), "protection".into(), secret.protection.words()],
            [word(rotation), "rotation".into(), secret.rotation.words(now)],
        ])
        .chain(remarks)
        .collect()
}

fn named(fingerprint: Option<&Fingerprint>) -> String {
    fingerprint.map_or_else(|| "not read".into(), ToString::to_string)
}

fn opens(opens: Option<u32>, of: Option<u32>) -> String {
    let both = opens.zip(of);
    both.map_or_else(|| "not tried".into(), |(opens, of)| format!("opens {opens} of {of}"))
}

#[cfg(test)]
mod tests;
