//! Whether what the secret manager hands out opens the copy. The key that the running Ampora happens to hold doesn't count: on the day, it is
//! gone with everything else.

use adapters::ampora::AmporaDb;
use domain::drift::{Candidate, Group};
use domain::drill::{Check, names};

use super::Look;
use crate::keys::{self, KeyRing, Memory, Tried};

pub async fn check(look: &mut Look<'_>) -> Check {
    let wrapped: Vec<_> = look.schema.wrapped.iter().map(|column| column.table.clone()).collect();
    if let Some(damaged) = wrapped.iter().find_map(|table| look.damaged(names::KEY, table)) {
        return damaged;
    }
    let run = look.run;
    let memory = Memory::Store(run.services.store.clone());
    let read = keys::read_ring(&run.deployment, &memory, &run.actor, run.services.clock.now()).await;
    let ring = match read {
        Ok(ring) => ring,
        Err(reason) => {
            return Check::not_run(names::KEY, reason)
                .remedied_by("let Muster read the master key where it is kept: [deployment.master_key]");
        }
    };
    let versions: Vec<_> = (0..ring.held.len())
        .filter(|index| ring.held[*index].version.is_some())
        .collect();
    if versions.is_empty() {
        return Check::not_run(names::KEY, "the secret manager handed out no version of the key")
            .remedied_by("let Muster read the versions’ values: [deployment.master_key] proof");
    }
    let (check, opener) = match open_all(look, &ring).await {
        Err(reason) => (Check::not_run(names::KEY, reason), None),
        Ok(tried) => judge(look, &ring, &versions, &tried),
    };
    if let Some(index) = opener {
        run.with(|drill| {
            drill.key_fingerprint = Some(ring.held[index].key.fingerprint().to_string());
            drill.key_version = ring.held[index].version.clone();
        });
    }
    look.opener = opener.map(|index| ring.held[index].key.clone());
    check
}

/// Tries all keys on the wrapped columns of the copy.
async fn open_all(look: &Look<'_>, ring: &KeyRing) -> Result<Tried, String> {
    let db = AmporaDb::new(look.copy.options(&look.copied.database), look.schema.clone());
    let tried = keys::try_live(&look.run.deployment.layout, ring, &db).await;
    db.close().await;
    tried.map_err(|error| error.to_string())
}

fn judge(look: &Look<'_>, ring: &KeyRing, versions: &[usize], tried: &Tried) -> (Check, Option<usize>) {
    let (parsed, all) = (tried.parsed(), tried.parsed() + tried.unparsed);
    if parsed == 0 {
        let words = if all == 0 {
            "there is no envelope in the copy"
        } else {
            "no value of the wrapped columns is an envelope of the configured layout"
        };
        return (Check::not_run(names::KEY, words).because("values", all), None);
    }
    let opened = |index: usize| tried.opened_by(index);
    let opener = versions.iter().copied().rev().find(|index| opened(*index) == parsed);
    let current = versions
        .iter()
        .copied()
        .find(|index| matches!(ring.held[*index].candidate, Candidate::Version { current: true, .. }));
    let facts = |check: Check| {
        let check = check
            .because("envelopes", parsed)
            .because("not understood", tried.unparsed);
        let counted = |check: Check, index: &usize| {
            check.because(
                &ring.held[*index].name(),
                format!("opens {} of {parsed}", opened(*index)),
            )
        };
        versions.iter().fold(check, counted)
    };
    let to_the_end = look
        .run
        .with(|drill| drill.backup.as_ref().is_some_and(|backup| backup.to_the_end));
    let check = match (opener, current) {
        (Some(index), Some(current)) if index == current || opened(current) == parsed => Check::ok(
            names::KEY,
            format!(
                "{}, the current one, opens {parsed} of {parsed} envelopes",
                ring.held[current].name()
            ),
        ),
        // Production of a moment ago needs the key of now.
        (Some(index), _) if to_the_end => Check::broken(
            names::KEY,
            format!(
                "the manager’s current version opens {} of {parsed} envelopes; {} opens all",
                current.map_or(0, opened),
                ring.held[index].name()
            ),
        ),
        (Some(index), _) => Check::ok(
            names::KEY,
            format!(
                "{}, which isn’t the current one, opens {parsed} of {parsed} envelopes: keep it",
                ring.held[index].name()
            ),
        ),
        (None, _) if all_groups(versions, tried) => Check::ok(
            names::KEY,
            format!(
                "no single version opens all {parsed} envelopes, several together do: Ampora needs KeyProtection:PreviousMasterKey"
            ),
        ),
        (None, _) => {
            let best = versions.iter().copied().map(opened).max().unwrap_or_default();
            let words = if current.is_some_and(|current| opened(current) == 0) && best == 0 {
                format!(
                    "no version that the secret manager hands out opens any of {parsed} envelopes: it is at least one rotation behind, or holds another key"
                )
            } else {
                format!("the versions that the secret manager hands out open at most {best} of {parsed} envelopes")
            };
            Check::broken(names::KEY, words)
        }
    };
    let opener = current.filter(|current| opened(*current) == parsed).or(opener);
    (facts(check), opener)
}

/// Whether each group of envelopes is opened by versions of the manager alone.
fn all_groups(versions: &[usize], tried: &Tried) -> bool {
    let opened = |group: &Group| {
        let by_versions = group
            .opened
            .iter()
            .filter(|opened| versions.contains(&opened.candidate));
        by_versions.map(|opened| opened.count).sum::<u64>() == group.sampled
    };
    !tried.groups.is_empty() && tried.groups.iter().all(opened)
}
