//! `muster inventory` as text.

use std::fmt::Write as _;

use domain::inventory::Inventory;
use domain::time::{Timestamp, ago, bytes, clock};

/// All deployments, one after the other.
#[must_use]
pub fn text(inventories: &[Inventory], now: Timestamp) -> String {
    inventories.iter().map(|inventory| one(inventory, now)).collect()
}

fn one(inventory: &Inventory, now: Timestamp) -> String {
    let mut text = format!("{}\n\n", inventory.name);
    for artifact in &inventory.artifacts {
        let (status, title) = (artifact.status.word(), artifact.kind.title());
        let seen = artifact
            .observed_at
            .map(|at| format!(" ({})", ago(at, now)))
            .unwrap_or_default();
        let _ = writeln!(text, "{status:<8} {title}: {}{seen}", artifact.detail);
    }
    text.push('\n');
    places(&mut text, inventory, now);
    text.push('\n');
    for backup in &inventory.backups {
        let at = backup
            .stopped_at
            .map_or_else(|| "time unknown".to_owned(), |at| clock(at, now));
        let size = backup.stored_bytes.map(bytes).unwrap_or_default();
        let (status, kind) = (backup.status.word(), backup.kind.word());
        let _ = writeln!(
            text,
            "{status:<8} {kind:<5} {} {at} {size}: {}",
            backup.label, backup.detail
        );
    }
    text.push('\n');
    for line in &inventory.policy {
        let declared = line.declared.as_deref().unwrap_or("unset");
        let actual = line.actual.as_deref().unwrap_or("not known");
        let _ = writeln!(text, "{:<8} {}: {declared}; {actual}", line.status.word(), line.rule);
    }
    text.push('\n');
    text
}

/// Sources, and the spans of time they reach.
fn places(text: &mut String, inventory: &Inventory, now: Timestamp) {
    for source in &inventory.sources {
        let age = source
            .observed_at
            .map_or_else(|| "never read".to_owned(), |at| ago(at, now));
        let _ = writeln!(
            text,
            "{:<8} source {} ({}), {age}: {}",
            source.status.word(),
            source.name,
            source.kind,
            source.detail
        );
    }
    for window in &inventory.windows {
        let about = if window.exact { "" } else { "about " };
        let (from, to) = (clock(window.from, now), clock(window.to, now));
        let _ = writeln!(
            text,
            "         window {from} to {about}{to} UTC, repo{} of {}",
            window.repo, window.source
        );
    }
    for gap in &inventory.gaps {
        let _ = writeln!(
            text,
            "broken   gap in {}: {} to {} missing",
            gap.source, gap.first_missing, gap.last_missing
        );
    }
}
