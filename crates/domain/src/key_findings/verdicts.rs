//! What the verdict itself asks for.

use super::KeyFinding;
use crate::drift::Verdict;
use crate::finding::Severity::{Error, Warning};
use crate::inventory::Keys;
use crate::status::Status;

pub(super) fn verdict(keys: &Keys) -> Option<KeyFinding> {
    let (code, severity, title) = match keys.verdict {
        Verdict::InSync => return None,
        Verdict::ManagerBehind => ("key-behind", Error, "The secret manager is behind the key in use"),
        Verdict::ManagerAhead => ("key-ahead", Error, "The secret manager is ahead of the key in use"),
        Verdict::Mixed if keys.status == Status::Ok => ("key-mixed", Warning, "A rotation is under way"),
        Verdict::Mixed => ("key-mixed", Error, "Several keys are live at once"),
        Verdict::Foreign => ("key-foreign", Error, "No key that can be reached opens the envelopes"),
        Verdict::Unknown => ("key-unproven", Warning, "It isn’t known which key opens the envelopes"),
    };
    Some(KeyFinding::new(code, severity, title, &keys.detail, &cure(keys)))
}

fn cure(keys: &Keys) -> String {
    let words = match keys.verdict {
        Verdict::InSync => "",
        Verdict::ManagerBehind => return catch_up(keys),
        Verdict::ManagerAhead => {
            "finish the rotation in Ampora: the old key as PreviousMasterKey, the manager’s current one as MasterKey. Or point the manager \
             back at the version that opens the envelopes. Then prove."
        }
        Verdict::Mixed if keys.status == Status::Ok => {
            "nothing for as long as it moves. Keep the old version and PreviousMasterKey until one key opens everything: a restore needs both."
        }
        Verdict::Mixed => {
            "find out why the rotation stopped, bring every key into the manager that it lacks, and finish it in Ampora: the old key as \
             PreviousMasterKey, the new one as MasterKey. Until one key opens everything a restore needs both."
        }
        Verdict::Foreign => {
            "look for the key in other regions, replicas, pruned versions and on the hosts that Ampora ran on. Compare fingerprints, not \
             keys. Write it into the manager only after it opened an envelope."
        }
        Verdict::Unknown => {
            "nothing. Change no key before a proof: what a wrong layout or a missing right looks like, a wrong key looks like too."
        }
    };
    words.into()
}

/// Three ways of being behind, three cures.
fn catch_up(keys: &Keys) -> String {
    let opening = |opens: Option<u32>| opens.is_some_and(|opens| opens > 0);
    let newer = keys
        .versions
        .iter()
        .find(|version| !version.current && opening(version.opens));
    let in_use = keys.in_use.as_ref().filter(|in_use| opening(in_use.opens));
    match (newer, in_use) {
        (Some(version), _) => format!(
            "make version {} the current one; it opens the envelopes. Keep the older versions for older backups. Then prove.",
            version.version
        ),
        (None, Some(in_use)) => format!(
            "write the key in use (it lies in {}) into the manager as its new current version, if that pushes out no version that a backup \
             needs. Then prove, and rotate.",
            in_use.source
        ),
        (None, None) => "look for the key that Ampora runs with, before its pods or its host are gone: nothing that can be reached opens \
                         what it has written."
            .into(),
    }
}
