//! `muster inventory` as text.

use domain::backup::Backup;
use domain::inventory::{Artifact, Inventory, PolicyLine, Source};
use domain::time::{Timestamp, ago, bytes, clock};
use domain::window::{Gap, Window};

use super::table::aligned;

/// All deployments, one after the other.
#[must_use]
pub fn text(inventories: &[Inventory], now: Timestamp) -> String {
    let blocks: Vec<_> = inventories.iter().map(|inventory| one(inventory, now)).collect();
    blocks.join("\n")
}

fn one(inventory: &Inventory, now: Timestamp) -> String {
    let mut text = format!("{}\n", inventory.name);
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            text.push_str(&format!("\n{title}\n{body}"));
        }
    };
    section(
        "Artifacts",
        aligned(&rows(&inventory.artifacts, |it| artifact(it, now))),
    );
    section("Sources", aligned(&rows(&inventory.sources, |it| source(it, now))));
    let backups = format!("Backups ({})", inventory.backups.len());
    section(&backups, aligned(&rows(&inventory.backups, |it| backup(it, now))));
    section(
        "Restorable to any second (UTC)",
        aligned(&rows(&inventory.windows, |it| window(it, now))),
    );
    section(
        "WAL that is missing",
        aligned(&rows(&inventory.gaps, |it| gap(it, now))),
    );
    section("Promises", aligned(&rows(&inventory.policy, policy)));
    let left_out = rows(&inventory.not_backed_up, |it| [it.name.clone(), it.why.clone()]);
    section("Not backed up, on purpose", aligned(&left_out));
    text
}

fn rows<T, const N: usize>(all: &[T], row: impl Fn(&T) -> [String; N]) -> Vec<[String; N]> {
    all.iter().map(row).collect()
}

fn seen(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map_or_else(|| "never read".into(), |at| ago(at, now))
}

fn artifact(artifact: &Artifact, now: Timestamp) -> [String; 4] {
    let status = artifact.status.word().into();
    [
        status,
        artifact.kind.title().into(),
        seen(artifact.observed_at, now),
        artifact.detail.clone(),
    ]
}

fn source(source: &Source, now: Timestamp) -> [String; 5] {
    let status = source.status.word().into();
    [
        status,
        source.name.clone(),
        source.kind.clone(),
        seen(source.observed_at, now),
        source.detail.clone(),
    ]
}

fn backup(backup: &Backup, now: Timestamp) -> [String; 7] {
    [
        backup.status.word().into(),
        backup.source.clone(),
        backup.kind.word().into(),
        backup.label.clone(),
        backup
            .stopped_at
            .map_or_else(|| "time unknown".into(), |at| clock(at, now)),
        backup.stored_bytes.map_or_else(|| "size unknown".into(), bytes),
        backup.detail.clone(),
    ]
}

fn window(window: &Window, now: Timestamp) -> [String; 3] {
    let about = if window.exact { "" } else { "about " };
    let (from, to) = (clock(window.from, now), clock(window.to, now));
    [
        format!("{from} to {about}{to}"),
        window.source.clone(),
        match window.repo {
            0 => String::new(),
            repo => format!("repo{repo}"),
        },
    ]
}

fn gap(gap: &Gap, now: Timestamp) -> [String; 3] {
    let until = gap
        .to
        .map_or_else(|| "for ever".into(), |to| format!("to {}", clock(to, now)));
    let missing = gap.missing();
    [
        "broken".into(),
        gap.source.clone(),
        format!("from {} {until}: {missing}", clock(gap.from, now)),
    ]
}

fn policy(line: &PolicyLine) -> [String; 5] {
    let declared = line.declared.clone().unwrap_or_else(|| line.verdict.word().into());
    let actual = line.actual.clone().unwrap_or_else(|| "not known".into());
    [
        line.verdict.word().into(),
        line.rule.clone(),
        declared,
        actual,
        line.detail.clone(),
    ]
}
