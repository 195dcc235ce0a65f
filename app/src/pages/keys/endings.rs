//! Versions that the manager takes away before every backup has done without them: told while there is time, with the date.

use domain::coverage::{Ending, endings};
use domain::time::{Timestamp, span};
use leptos::prelude::*;

use super::Proof;
use crate::components::{Moment, Seen, Sheet, StatusWord, Word, visible};
use crate::pages::overview::count;

/// Left out where nothing goes that a backup needs, and where what is shown can't be believed.
#[component]
pub fn Endings(proof: Proof) -> impl IntoView {
    let endings = if proof.past.is_some() {
        Vec::new()
    } else {
        endings(&proof.keys)
    };
    (!endings.is_empty()).then(|| {
        let rows: Vec<_> = endings.iter().map(|ending| row(ending, proof.now)).collect();
        let note = count(endings.len(), "version", "versions");
        let seen = view! { <Seen at=Some(proof.at) now=proof.now source="secret manager" /> }.into_any();
        view! {
            <Sheet id="endings" title="About to go, and needed" note seen>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Version"</th>
                            <th scope="col">"Goes"</th>
                            <th scope="col">"Backups that need it"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="note">
                    "Raise the limit in the manager, or keep the key in a second place: a request can deliver it there. What needs a version that is gone can’t be opened by anybody."
                </p>
            </Sheet>
        }
    })
}

fn row(ending: &Ending<'_>, now: Timestamp) -> AnyView {
    let outlive = ending.outlive > 0;
    let (word, needed) = match ending.outlive {
        0 => (Word::Warning, count(ending.backups, "backup", "backups")),
        outlive => (
            Word::Broken,
            format!(
                "{}, kept for longer than the version",
                count(outlive, "backup", "backups")
            ),
        ),
    };
    let when = ending.at.map(|at| {
        let left = span((at - now).num_seconds());
        view! { <b><Moment at now /></b>", in "{left} }
    });
    let keep = visible(&ending.keep.words(now));
    let keep = match when {
        Some(when) => view! { {when}<span class="sub">{keep}</span> }.into_any(),
        None => keep.into_any(),
    };
    let name = visible(ending.version);
    view! {
        <tr data-status=if outlive { "broken" } else { "unknown" }>
            <th scope="row">"Version "<bdi>{name}</bdi></th>
            <td>{keep}</td>
            <td><StatusWord word text=needed /></td>
        </tr>
    }
    .into_any()
}
