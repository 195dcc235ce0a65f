//! The history of a source as a table, newest first.

use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::overview::{SourceView, Stretch};

use crate::components::{Blank, Moment, StatusWord, Word, visible};

/// Spans that are shown.
const ROWS: usize = 200;

pub fn table(seen: &SourceView) -> AnyView {
    if seen.stretches.is_empty() {
        return view! {
            <Blank title="Nothing is remembered yet">
                "How a source stands is written down twice a minute by the worker. Until that was done once, there is no history."
            </Blank>
        }
        .into_any();
    }
    let rows: Vec<_> = seen
        .stretches
        .iter()
        .take(ROWS)
        .map(|stretch| row(stretch, seen.now))
        .collect();
    let more = seen.stretches.len().saturating_sub(ROWS);
    let since = seen
        .known_since
        .map(|at| view! { <p class="note">"Muster first looked at this deployment "<Moment at now=seen.now />"."</p> });
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">"Stood"</th>
                    <th scope="col">"From"</th>
                    <th scope="col">"To"</th>
                    <th scope="col" class="num c2">"For"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="note">{format!("{more} older spans are not shown.")}</p> })}
        {since}
    }
    .into_any()
}

fn row(stretch: &Stretch, now: Timestamp) -> AnyView {
    let (word, says) = match stretch.status {
        Some(status) => (Word::from(status), status.word()),
        None => (Word::NotRun, "not looked at"),
    };
    let to = match stretch.until {
        Some(at) => view! { <Moment at now /> }.into_any(),
        None => "still".into_any(),
    };
    let lasted = span((stretch.until.unwrap_or(now) - stretch.from).num_seconds());
    view! {
        <tr data-status=word.status()>
            <th scope="row"><StatusWord word text=says /><span class="sub">{visible(&stretch.said)}</span></th>
            <td><Moment at=stretch.from now /></td>
            <td>{to}</td>
            <td class="num c2">{lasted}</td>
        </tr>
    }
    .into_any()
}
