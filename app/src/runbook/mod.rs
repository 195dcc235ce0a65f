//! The runbook: chapter by chapter on a page of the console, and as one file that needs nothing else, for the day when the console is gone.

mod block;

use domain::runbook::{Fact, Runbook, Section};
use domain::time::rfc3339;
use leptos::prelude::*;

use crate::components::visible;

pub use block::BlockView;

/// The file's own style: it refers to nothing outside.
const STYLE: &str = include_str!("file.css");

/// One HTML file without any reference to another: no script, no font, no image, no sheet.
#[must_use]
pub fn file(runbook: &Runbook) -> String {
    let runbook = runbook.clone();
    let title = format!("Runbook of {}", runbook.deployment);
    Owner::new().with(|| {
        let body = view! { <Document runbook /> }.into_any().to_html();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
             initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>{}</title><style>{STYLE}</style></head>\
             <body>{body}</body></html>\n",
            escaped(&title)
        )
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[component]
fn Document(runbook: Runbook) -> impl IntoView {
    let contents: Vec<_> = runbook
        .sections
        .iter()
        .map(|section| view! { <li><a href=format!("#{}", section.id)>{section.title.clone()}</a></li> })
        .collect();
    let unknown = view! { <Unknown runbook=runbook.clone() /> };
    let chapters: Vec<_> = runbook.sections.iter().cloned().map(chapter).collect();
    view! {
        <header>
            <p class="kind">"Muster runbook, full disaster"</p>
            <h1>{visible(&runbook.deployment)}</h1>
            <p>
                "Facts of "<b>{rfc3339(runbook.made_at)}</b>", written by Muster "{runbook.version.clone()}". It is enough for a restore without \
                Muster. It holds no key and no password."
            </p>
        </header>
        <nav aria-label="Chapters"><ol>{contents}</ol></nav>
        {unknown}
        <main>{chapters}</main>
    }
}

fn chapter(section: Section) -> impl IntoView {
    let heading = format!("{}-heading", section.id);
    let labelled = heading.clone();
    let blocks: Vec<_> = section
        .blocks
        .into_iter()
        .map(|block| view! { <BlockView block /> })
        .collect();
    view! {
        <section id=section.id aria-labelledby=labelled>
            <h2 id=heading>{section.title}</h2>
            {blocks}
        </section>
    }
}

/// What isn't known, gathered: whoever reads this on the worst day should not find it chapter by chapter.
#[component]
pub fn Unknown(runbook: Runbook) -> impl IntoView {
    let line = |(section, fact): (&str, &Fact)| {
        let why = fact.value.as_ref().err().cloned().unwrap_or_default();
        view! { <li><b>{visible(&fact.name)}</b>" ("{section.to_owned()}"): "{visible(&why)}</li> }
    };
    let lines: Vec<_> = runbook.unknown().into_iter().map(line).collect();
    let number = lines.len();
    (number > 0).then(|| {
        view! {
            <details class="unknown" open>
                <summary>{format!("Not known when this was written: {number}")}</summary>
                <ul>{lines}</ul>
            </details>
        }
    })
}

#[cfg(test)]
mod tests;
