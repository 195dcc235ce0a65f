//! Keys that left by a request: in whose hands they are, and whether they were rotated since.

use domain::custody::exposure::{Exposure, Rotated};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{FingerprintCode, Moment, Sheet, StatusWord, Word, visible};
use crate::pages::overview::count;

/// Exposures that are shown; the newest.
const SHOWN: usize = 20;

/// Left out where no key ever left.
#[component]
pub fn Exposed(exposures: Vec<Exposure>, now: Timestamp) -> impl IntoView {
    (!exposures.is_empty()).then(|| {
        let open = still_in_use(&exposures);
        let note = match open {
            0 => count(exposures.len(), "request", "requests"),
            open => format!("{open} not rotated yet"),
        };
        let rows: Vec<_> = exposures.iter().take(SHOWN).map(|one| row(one, now)).collect();
        let older = exposures.len().saturating_sub(SHOWN);
        let older = (older > 0).then(|| view! { <p class="note">{count(older, "older request", "older requests")}" on the Requests page."</p> });
        view! {
            <Sheet id="exposed" title="Keys that left" note>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Key"</th>
                            <th scope="col">"What happened"</th>
                            <th scope="col">"Rotated since?"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                {older}
                <p class="note">"A key in somebody’s hands is a key to be rotated. Whether it was is told by proofs, not by anybody’s word."</p>
            </Sheet>
        }
    })
}

/// How many of them still open what is live.
pub fn still_in_use(exposures: &[Exposure]) -> usize {
    exposures
        .iter()
        .filter(|one| one.rotated == Rotated::StillInUse)
        .count()
}

fn row(one: &Exposure, now: Timestamp) -> AnyView {
    let (word, says) = standing(&one.rotated);
    let since = match &one.rotated {
        Rotated::Yes { since } => Some(view! { <span class="sub">"since "<Moment at=*since now /></span> }.into_any()),
        Rotated::Unknown { why } => Some(view! { <span class="sub"><bdi>{visible(why)}</bdi></span> }.into_any()),
        Rotated::StillInUse => None,
    };
    let (request, href) = (format!("request {}", one.request), format!("/requests/{}", one.request));
    let fingerprint = one.fingerprint.clone();
    view! {
        <tr data-status=word.status()>
            <th scope="row"><FingerprintCode fingerprint /></th>
            <td><bdi>{visible(&one.words())}</bdi><span class="sub"><Moment at=one.at now />", "<a href=href>{request}</a></span></td>
            <td><StatusWord word text=says />{since}</td>
        </tr>
    }
    .into_any()
}

/// Mark and words for whether a key that left is still the one in use.
const fn standing(rotated: &Rotated) -> (Word, &'static str) {
    match rotated {
        Rotated::StillInUse => (Word::Warning, "not rotated yet"),
        Rotated::Yes { .. } => (Word::Ok, "rotated"),
        Rotated::Unknown { .. } => (Word::Unknown, "not known"),
    }
}
