//! The plot in a page: the drawing for each width, the legend, and the same as a table.

use domain::key::Fingerprint;
use domain::rotation::{Held, Lane};
use domain::time::Timestamp;
use leptos::prelude::*;

use super::describe::{self, Line};
use super::{Rotation, rotation};
use crate::components::{FingerprintCode, Moment, StatusWord, Word, visible};
use crate::plots::ink::Ink;
use crate::plots::pen::Width;

/// Rows of the table: a key changes a few times a year.
const ROWS: usize = 60;

/// The figure. The style sheet shows the drawing that fits.
#[component]
pub fn RotationPlot(plot: Rotation) -> impl IntoView {
    let drawings: Vec<_> = Width::ALL
        .into_iter()
        .map(|width| {
            let class = format!("drawing {}", width.class());
            view! { <div class=class inner_html=rotation(&plot, width)></div> }
        })
        .collect();
    let id = plot.id.clone();
    view! {
        <figure class="plot" id=id>
            <div class="drawings">{drawings}</div>
            <Legend plot=plot.clone() />
            <details>
                <summary>"The same as a table"</summary>
                <Table plot />
            </details>
        </figure>
    }
}

#[component]
fn Table(plot: Rotation) -> impl IntoView {
    let lines = describe::lines(&plot);
    let more = lines.len().saturating_sub(ROWS);
    let heads: Vec<_> = plot
        .lanes
        .iter()
        .map(|(lane, _)| view! { <th scope="col">{describe::lane(*lane)}</th> })
        .collect();
    let rows: Vec<_> = lines.into_iter().take(ROWS).map(|line| row(line, plot.now)).collect();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="The plot as a table">
            <table>
                <thead><tr><th scope="col">"From"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(more > 0).then(|| view! { <p class="note">{format!("{more} older changes are not shown.")}</p> })}
    }
}

fn row(line: Line, now: Timestamp) -> AnyView {
    let cells: Vec<_> = line
        .held
        .iter()
        .map(|held| view! { <td>{cell(held.as_ref())}</td> })
        .collect();
    let unknown = line.held.iter().flatten().any(|held| matches!(held, Held::Unknown(_)));
    let status = if line.apart {
        Some("broken")
    } else {
        unknown.then_some("unknown")
    };
    let apart = line.apart.then(|| view! { <span class="sub">"apart"</span> });
    view! { <tr data-status=status><th scope="row"><Moment at=line.from now />{apart}</th>{cells}</tr> }.into_any()
}

fn cell(held: Option<&Held>) -> AnyView {
    match held {
        None => view! { <StatusWord word=Word::NotRun text="not looked at yet" /> }.into_any(),
        Some(Held::Unknown(reason)) => {
            view! { <StatusWord word=Word::Unknown /><span class="sub">{visible(reason)}</span> }.into_any()
        }
        Some(Held::Nobodys) => view! { <StatusWord word=Word::Missing text="no key that can be reached" /> }.into_any(),
        Some(held) => {
            let codes: Vec<_> = held
                .keys()
                .map(|key| view! { <div><FingerprintCode fingerprint=key.clone() /></div> })
                .collect();
            let strangers = matches!(held, Held::Several { strangers: true, .. });
            let strangers = strangers.then(|| view! { <StatusWord word=Word::Missing text="and keys nobody has" /> });
            view! { {codes}{strangers} }.into_any()
        }
    }
}

/// Only what is in the drawing: each key with its band, then the rest.
#[component]
fn Legend(plot: Rotation) -> impl IntoView {
    let in_sight = |key: &&Fingerprint| {
        let spans = plot.lanes.iter().flat_map(|(_, spans)| spans);
        spans
            .filter(|span| span.until >= plot.from)
            .any(|span| span.held.keys().any(|other| other == *key))
    };
    let keys: Vec<_> = plot
        .keys()
        .into_iter()
        .filter(in_sight)
        .map(|key| entry_of(key, &plot))
        .collect();
    let first =
        |(_, spans): &(Lane, Vec<domain::rotation::Span>)| spans.first().is_none_or(|span| span.from > plot.from);
    let spans = plot.lanes.iter().flat_map(|(_, spans)| spans);
    let unknown = spans
        .clone()
        .any(|span| matches!(span.held, Held::Unknown(_)) && span.until >= plot.from);
    let hatched = unknown || plot.lanes.iter().any(first);
    let nobodys = spans.into_iter().any(|span| {
        span.until >= plot.from && matches!(span.held, Held::Nobodys | Held::Several { strangers: true, .. })
    });
    let apart = plot.apart_in_sight().next().is_some();
    view! {
        <figcaption>
            {keys}
            {nobodys.then(|| entry(Ink::Broken, Ink::Broken, "no key that can be reached"))}
            {hatched.then(|| entry(Ink::Hatch, Ink::Unknown, "not known: nobody looked, or nothing answered"))}
            {apart.then(|| entry(Ink::Wash, Ink::Wash, "time apart"))}
            <span>"Axis in UTC"</span>
        </figcaption>
    }
}

fn entry_of(key: &Fingerprint, plot: &Rotation) -> AnyView {
    let name = describe::key(key, plot);
    let band = plot.band(key);
    let lacks = match (plot.lacks(key), band) {
        (true, Ink::Broken) => Some(", not in the manager"),
        (true, _) => Some(", not in the manager any more"),
        (false, _) => None,
    };
    let edge = if band == Ink::Broken { Ink::Broken } else { Ink::Sea };
    view! { <span>{swatch(band, edge)}{visible(&name)}{lacks}</span> }.into_any()
}

fn entry(fill: Ink, edge: Ink, text: &'static str) -> AnyView {
    view! { <span>{swatch(fill, edge)}{text}</span> }.into_any()
}

fn swatch(fill: Ink, edge: Ink) -> AnyView {
    view! {
        <svg class="key" aria-hidden="true" focusable="false">
            <rect width="100%" height="100%" fill=fill.paint() stroke=edge.paint()></rect>
        </svg>
    }
    .into_any()
}
