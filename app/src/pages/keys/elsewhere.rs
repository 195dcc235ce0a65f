//! The keys of the other deployments, one line each: a drift next door is one link away.

use domain::inventory::Keys;
use domain::observation::Known;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::Gist;

use crate::components::{FingerprintCode, Seen, Sheet, StatusWord, Word, visible};
use crate::pages::overview::{Links, Opens, count};

/// Nothing where there is one deployment only.
#[component]
pub fn Elsewhere(gists: Vec<Gist>, now: Timestamp) -> impl IntoView {
    (!gists.is_empty()).then(|| {
        let note = count(gists.len(), "deployment", "deployments");
        let rows: Vec<_> = gists.iter().map(|gist| row(gist, now)).collect();
        view! {
            <Sheet id="elsewhere" title="Keys elsewhere" note>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Deployment"</th>
                            <th scope="col">"Key opens what is live"</th>
                            <th scope="col" class="c2">"Current key"</th>
                            <th scope="col" class="c3">"Verdict"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Sheet>
        }
    })
}

fn row(gist: &Gist, now: Timestamp) -> impl IntoView + use<> {
    let opens = Opens::now(&gist.keys, now);
    let (word, says) = (opens.word(), opens.short());
    let (keys, at, past) = match gist.keys.known(now) {
        Known::Fresh { value, at } => (Some(value), Some(at), None),
        Known::Unknown { reason, last } => (last.map(|(keys, _)| keys), last.map(|(_, at)| at), Some(reason)),
    };
    let verdict = match (&past, keys) {
        (None, Some(keys)) => {
            view! { <code>{keys.verdict.word()}</code><span class="sub">{visible(&keys.detail)}</span> }.into_any()
        }
        (Some(reason), _) => {
            view! { <StatusWord word=Word::Unknown /><span class="sub">{visible(reason)}</span> }.into_any()
        }
        (None, None) => ().into_any(),
    };
    let links = Links {
        deployment: gist.name.clone(),
        is_default: false,
    };
    view! {
        <tr data-status=word.status()>
            <th scope="row"><a href=links.to("/keys").to_string()>{gist.name.clone()}</a><span class="sub">{gist.region.clone()}</span></th>
            <td><StatusWord word text=says /><Seen at now past=past.is_some() /></td>
            <td class="c2">{keys.and_then(current)}</td>
            <td class="c3">{verdict}</td>
        </tr>
    }
}

fn current(keys: &Keys) -> Option<AnyView> {
    let version = keys.versions.iter().find(|version| version.current)?;
    let code = version
        .fingerprint
        .clone()
        .map(|fingerprint| view! { <FingerprintCode fingerprint /> });
    let name = version.version.clone();
    Some(view! { {code}<span class="sub">"version "<bdi>{visible(&name)}</bdi></span> }.into_any())
}
