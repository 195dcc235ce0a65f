//! Why nothing reaches the picked moment, and the nearest ones that can be reached.

use domain::route::{Missed, Nearest};
use domain::time::{Timestamp, span};
use domain::window::place;
use leptos::prelude::*;

use super::Around;
use crate::components::{Moment, Show, visible};
use crate::pages::overview::plain;

/// Gaps that are told; the table of windows and gaps has all.
const GAPS: usize = 4;

#[component]
pub fn NotReached(around: Around, missed: Missed, at: Timestamp) -> impl IntoView {
    let why: Vec<_> = why(&around, &missed, at)
        .into_iter()
        .map(|why| view! { <li>{visible(&why)}</li> })
        .collect();
    let before = near(&around, "Nearest before", missed.before, at);
    let after = near(&around, "Nearest after", missed.after, at);
    view! { <ul class="notes">{why}{before}{after}</ul> }
}

fn why(around: &Around, missed: &Missed, at: Timestamp) -> Vec<String> {
    if at > around.view.now {
        return vec!["It lies in the future: nothing was written then.".into()];
    }
    let more = missed.gaps.len().saturating_sub(GAPS);
    let gaps = missed.gaps.iter().take(GAPS).map(|gap| {
        let missing = if gap.first_missing == gap.last_missing {
            format!("{} is", gap.first_missing)
        } else {
            format!("{} to {} are", gap.first_missing, gap.last_missing)
        };
        format!(
            "It lies in a gap of {}: {missing} missing from the WAL.",
            place(&gap.source, gap.repo)
        )
    });
    let mut why: Vec<_> = gaps.collect();
    if more > 0 {
        why.push(format!("It lies in {more} more gaps."));
    }
    if why.is_empty() {
        let says = match (&missed.before, &missed.after) {
            (None, None) => "There is no window and no copy that may be believed now.",
            (None, Some(_)) => "It is older than everything that can be restored.",
            (Some(_), None) => {
                "It is newer than everything that can be restored: what was written then has not reached a backup yet."
            }
            (Some(_), Some(_)) => "No window covers it, and no copy is of this moment.",
        };
        why.push(says.into());
    }
    why
}

fn near(around: &Around, called: &'static str, near: Option<Nearest>, at: Timestamp) -> Option<AnyView> {
    let near = near?;
    let href = around.picking(near.at);
    let apart = span((near.at - at).num_seconds().abs());
    let what = near.label.unwrap_or_else(|| "a window".into());
    let of = plain(&format!("{what}, {}", place(&near.source, near.repo)));
    let now = around.view.now;
    let line = view! {
        <li>{called}": "<a href=href><Moment at=near.at now show=Show::Full /></a>{format!(", {apart} away, ")}<bdi>{of}</bdi>"."</li>
    };
    Some(line.into_any())
}
