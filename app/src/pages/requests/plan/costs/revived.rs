//! What comes back to life, by kind, one by one where it is known, with what is to be done about it.

use domain::plan::{Resurrection, Revived};
use domain::time::rfc3339;
use leptos::prelude::*;

use crate::components::{Fact, StatusWord, Word, visible};
use crate::pages::overview::count;

/// As facts of a list, one a kind. Kinds of which nothing comes back are left out.
#[component]
pub fn ComesBack(revived: Vec<Resurrection>) -> impl IntoView {
    let kinds: Vec<_> = Revived::ALL
        .into_iter()
        .filter_map(|kind| of_kind(kind, &revived))
        .collect();
    let nothing = kinds.is_empty() && revived.is_empty();
    (!nothing).then(|| view! { <Fact name="Comes back to life"><ul>{kinds}</ul></Fact> })
}

fn of_kind(kind: Revived, revived: &[Resurrection]) -> Option<AnyView> {
    let own: Vec<_> = revived.iter().filter(|one| one.kind == kind).collect();
    let listed: Vec<_> = own.iter().filter(|one| one.id.is_some()).collect();
    let unlisted = own.iter().find(|one| one.id.is_none()).map(|one| {
        view! {
            <span class="sub"><StatusWord word=Word::Unknown text="which ones isn’t known" />": "{visible(&one.detail)}</span>
        }
    });
    let lines: Vec<_> = listed.iter().map(|one| line(one)).collect();
    let some = !lines.is_empty();
    (!own.is_empty()).then(|| {
        let number = match listed.len() {
            0 => format!("{}s", kind.word()),
            some => count(some, kind.word(), &format!("{}s", kind.word())),
        };
        view! {
            <li>
                {number}
                {some.then(|| view! { <details open><summary>{kind.remedy()}</summary><ul>{lines}</ul></details> })}
                {unlisted}
            </li>
        }
        .into_any()
    })
}

fn line(one: &Resurrection) -> impl IntoView + use<> {
    let id = one.id.clone().unwrap_or_default();
    let name = one.name.clone().filter(|name| *name != id);
    let until = one.until.map(|at| format!(", good until {}", rfc3339(at)));
    let perhaps = (!one.certain).then_some("perhaps: ");
    view! {
        <li>
            {perhaps}
            {name.map(|name| view! { <b>{visible(&name)}</b>" " })}
            <code class="label">{visible(&id)}</code>
            <span class="sub">{visible(&one.detail)}{until}</span>
        </li>
    }
}
