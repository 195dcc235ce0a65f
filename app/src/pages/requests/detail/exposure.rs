//! What became of a key that left: in whose hands it is, and whether it was rotated since.

use domain::custody::exposure::{Exposure, Rotated};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{FingerprintCode, Moment, Sheet, Show, StatusWord, Word, visible};

const HOW_TO_ROTATE: &str = "Rotate it: scale Ampora to 0 and take a backup, write a new key into the secret manager, then start Ampora \
     with the new one and with this one as KeyProtection__PreviousMasterKey, until every row is rewritten. Then prove the keys again.";

/// The section behind the run.
#[component]
pub fn ExposureSheet(exposure: Exposure, now: Timestamp) -> impl IntoView {
    let (word, text, about) = standing(&exposure, now);
    view! {
        <Sheet id="exposure" title="The key since then">
            <p>{whose(&exposure, now)}</p>
            <p><StatusWord word text />" "{about}</p>
        </Sheet>
    }
}

/// In whose hands, since when.
fn whose(exposure: &Exposure, now: Timestamp) -> AnyView {
    let (fingerprint, words) = (exposure.fingerprint.clone(), exposure.words());
    view! {
        "Key "<FingerprintCode fingerprint />" "<bdi>{visible(&words)}</bdi>", "<Moment at=exposure.at now show=Show::Ago />". "
        <a href="/keys#exposed">"All keys that left"</a>
    }
    .into_any()
}

fn standing(exposure: &Exposure, now: Timestamp) -> (Word, &'static str, AnyView) {
    let moment = |at: Timestamp| view! { <Moment at now /> };
    match &exposure.rotated {
        Rotated::StillInUse => (
            Word::Warning,
            "not rotated yet",
            view! { "It is still in use. "{HOW_TO_ROTATE} }.into_any(),
        ),
        Rotated::Yes { since } if *since <= exposure.at => (
            Word::Ok,
            "out of use",
            view! { "It opened nothing live any more since "{moment(*since)}", before it left. Backups from its time open with it." }.into_any(),
        ),
        Rotated::Yes { since } => (
            Word::Ok,
            "rotated",
            view! { "Since "{moment(*since)}" only other keys open what is live. Backups from before open with it." }.into_any(),
        ),
        Rotated::Unknown { why } => (
            Word::Unknown,
            "not known",
            view! { "Whether it was rotated since can’t be told: "{visible(why)}". "{HOW_TO_ROTATE} }.into_any(),
        ),
    }
}
