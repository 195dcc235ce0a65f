//! What may be said while nothing ever opened. A wrong layout and a wrong key look the same, and the cure for a wrong key takes a healthy
//! system down: only ids that can be nothing but those of other keys speak of another key.

use std::collections::BTreeSet;

use super::{Evidence, Finding, Group, Verdict};
use crate::key::KeyId;

/// The verdict on a layout that never opened anything here.
pub(super) fn unproven(evidence: &Evidence) -> Finding {
    let parsed = evidence.parsed();
    if let Some(reason) = doubt(evidence) {
        return Finding::unknown(format!(
            "layout unproven: no key opens any of {parsed} envelopes, {reason}, so key and layout can’t be told apart"
        ));
    }
    let stranger = evidence.groups.iter().find_map(|group| group.key_id.as_ref());
    Finding::broken(
        Verdict::Foreign,
        format!(
            "no key opens any of {parsed} envelopes; key id {} belongs to no version",
            stranger.map_or("", |id| &id.0)
        ),
    )
}

/// Why the envelopes needn't be of another key.
fn doubt(evidence: &Evidence) -> Option<String> {
    let ids: Option<BTreeSet<&KeyId>> = evidence.groups.iter().map(|group| group.key_id.as_ref()).collect();
    let Some(ids) = ids else {
        return Some("they tell no key id".into());
    };
    let misfits: u64 = evidence.groups.iter().map(|group| group.misfits).sum();
    if misfits > 0 {
        return Some(format!("{misfits} look as if they were laid out otherwise"));
    }
    if let Some(known) = ids.iter().find(|id| evidence.known_ids.contains(id)) {
        return Some(format!("though key id {known} is that of one that was tried"));
    }
    if !evidence.groups.iter().all(|group| group.comparable) || !ids.iter().all(|id| may_be_digest(id)) {
        return Some("their key ids don’t tell of which key they are".into());
    }
    let unread = evidence.candidates.len() - evidence.tried();
    if unread > 0 {
        return Some(format!("{unread} more keys can’t be read"));
    }
    // The id of a key comes again and again; bytes taken from elsewhere don't.
    let envelopes: u64 = evidence.groups.iter().map(|group: &Group| group.sampled).sum();
    let scattered = envelopes > 1 && ids.len() as u64 * 2 > envelopes;
    scattered.then(|| "and hardly a key id occurs twice".into())
}

/// Whether these may be 8 bytes of a digest: they look drawn, neither counted nor chosen by people.
fn may_be_digest(id: &KeyId) -> bool {
    let Ok(bytes) = hex::decode(&id.0) else { return false };
    let distinct: BTreeSet<_> = bytes.iter().collect();
    let is_word = bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
    bytes.len() == 8 && distinct.len() >= 5 && !is_word
}
