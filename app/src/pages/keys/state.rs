//! How a version of the key stands, in a word: what the manager says of it, and what the proof has shown.

use domain::custody::Keep;
use domain::inventory::KeyVersion;
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{Moment, Word, visible};

/// Mark and words. What can't be believed any more is unknown, whatever it was.
pub fn judge(version: &KeyVersion, past: bool) -> (Word, String) {
    let (status, says) = version.standing();
    let word = match status {
        _ if past => return (Word::Unknown, format!("last known: {says}")),
        Some(status) => status.into(),
        None if version.is_expiring() => Word::Warning,
        None if version.opens.is_some_and(|opens| opens > 0) => Word::Expected,
        None => Word::Unset,
    };
    (word, says)
}

/// How long the manager keeps it. What is gone for good isn't kept.
pub fn kept(version: &KeyVersion, now: Timestamp) -> AnyView {
    if version.state == "destroyed" {
        return "nothing is left of it".into_any();
    }
    match &version.keep {
        Keep::Until { at, why } => {
            let why = (!why.is_empty()).then(|| view! { ": "{visible(why)} });
            view! { "until "<b><Moment at=*at now /></b>{why} }.into_any()
        }
        keep => view! { {visible(&keep.words(now))} }.into_any(),
    }
}
