//! Where the facts come from, and whether each of them answers.

use domain::observation::Known;
use domain::status::Status;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::View;

use super::links::Links;
use crate::components::{Blank, Moment, Sheet, Show, StatusWord, Word, visible};

/// One source as it is shown.
struct Line {
    name: String,
    /// Its own page.
    href: Option<String>,
    about: String,
    word: Word,
    /// What it said, where that isn't the usual.
    said: String,
    at: Option<Timestamp>,
}

/// The table of the sources.
#[component]
pub fn Sources(view: View, links: Links) -> impl IntoView {
    let now = view.now;
    let mut lines = backups(&view, &links);
    let none = lines.is_empty();
    lines.push(vitals(&view));
    lines.push(keys(&view));
    let rows: Vec<_> = lines.into_iter().map(|line| row(line, now)).collect();
    view! {
        <Sheet id="sources" title="Sources">
            {none.then(|| view! {
                <Blank title="No source of backups">
                    "Muster reads pgBackRest stanzas and folders of dumps. Until one is named under [[deployment.source]] in muster.toml, what would come back is not known."
                </Blank>
            })}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Source"</th>
                        <th scope="col">"Answers"</th>
                        <th scope="col" class="num">"Last read"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Sheet>
    }
}

fn row(line: Line, now: Timestamp) -> impl IntoView {
    // Some tools answer with nothing but the word.
    let said = (line.said != line.word.text()).then(|| visible(&line.said));
    let age = match line.at {
        Some(at) => view! { <Moment at now show=Show::Ago /> }.into_any(),
        None => "never".into_any(),
    };
    let name = view! { <bdi class="label">{visible(&line.name)}</bdi> };
    let name = match line.href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <tr data-status=line.word.status()>
            <th scope="row">{name}<span class="sub">{line.about}</span></th>
            <td><StatusWord word=line.word /><span class="sub">{said}</span></td>
            <td class="num">{age}</td>
        </tr>
    }
}

fn backups(view: &View, links: &Links) -> Vec<Line> {
    let sources = view.inventory.sources.iter();
    let line = |source: &domain::inventory::Source| Line {
        name: source.name.clone(),
        href: Some(links.source(&source.name)),
        about: source.kind.clone(),
        word: source.status.into(),
        said: source.detail.clone(),
        at: source.observed_at,
    };
    sources.map(line).collect()
}

fn vitals(view: &View) -> Line {
    let (word, said, at) = match view.vitals.known(view.now) {
        Known::Fresh { value, at } => (Word::Ok, format!("PostgreSQL {}", value.server_version), Some(at)),
        Known::Unknown { reason, last } => (Word::Unknown, reason, last.map(|(_, at)| at)),
    };
    Line {
        name: view.vitals.source.clone(),
        href: None,
        about: "vital signs of the live database".into(),
        word,
        said,
        at,
    }
}

/// The proof itself is said elsewhere; here it is whether there was one.
fn keys(view: &View) -> Line {
    let (word, said, at) = match view.keys.known(view.now) {
        Known::Fresh { value, at } if value.status == Status::Unknown => {
            (Word::Unknown, value.detail.clone(), Some(at))
        }
        Known::Fresh { value, at } => {
            let versions = super::text::count(value.versions.len(), "version", "versions");
            (Word::Ok, format!("{versions} read"), Some(at))
        }
        Known::Unknown { reason, last } => (Word::Unknown, reason, last.map(|(_, at)| at)),
    };
    Line {
        name: view.keys.source.clone(),
        href: None,
        about: "secret manager and the key in use".into(),
        word,
        said,
        at,
    }
}
