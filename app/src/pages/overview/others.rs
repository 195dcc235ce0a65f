//! The other deployments of the site, one line each: an answer is never further than one page.

use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::Gist;

use super::answers::answers;
use super::links::Links;
use super::text::count;
use crate::components::{Answer, Sheet, StatusWord};

/// Nothing where there is one deployment only.
#[component]
pub fn Others(gists: Vec<Gist>, now: Timestamp) -> impl IntoView {
    (!gists.is_empty()).then(|| {
        let note = count(gists.len(), "deployment", "deployments");
        let rows: Vec<_> = gists.iter().map(|gist| row(gist, now)).collect();
        view! {
            <Sheet id="others" title="Elsewhere" note>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Deployment"</th>
                            <th scope="col">"What comes back"</th>
                            <th scope="col" class="c3">"How fast"</th>
                            <th scope="col">"Key opens it"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Sheet>
        }
    })
}

fn row(gist: &Gist, now: Timestamp) -> impl IntoView + use<> {
    // The people are the same for all deployments of a site.
    let [back, fast, key, _] = answers(gist, now, 2);
    let worst = [&back, &key]
        .into_iter()
        .map(|answer| answer.word.status())
        .max_by_key(|status| match *status {
            "broken" => 2,
            "unknown" => 1,
            _ => 0,
        });
    let links = Links {
        deployment: gist.name.clone(),
        is_default: false,
    };
    let cell = |answer: Answer| view! { <StatusWord word=answer.word text=answer.says /><span class="sub">{answer.grounds}</span> };
    view! {
        <tr data-status=worst>
            <th scope="row"><a href=links.to("/").to_string()>{gist.name.clone()}</a><span class="sub">{gist.region.clone()}</span></th>
            <td>{cell(back)}</td>
            <td class="c3">{cell(fast)}</td>
            <td>{cell(key)}</td>
        </tr>
    }
}
