//! What a copy lacks, figure by figure. A figure that isn't known says so, with the reason.

use domain::plan::{Basis, DataLoss, Range};
use domain::time::{Timestamp, ago, rfc3339, span};
use leptos::prelude::*;

use crate::components::{Fact, StatusWord, Word, visible};
use crate::pages::words::grouped;

/// The loss, as one fact of a list.
#[component]
pub fn Loss(loss: Option<DataLoss>, name: &'static str, now: Timestamp) -> impl IntoView {
    let lacks = match loss {
        None => view! {
            <StatusWord word=Word::Unknown text="not known" />
            <span class="sub">"When the dump was begun isn’t known."</span>
        }
        .into_any(),
        Some(loss) => figures(&loss, now),
    };
    view! { <Fact name=name>{lacks}</Fact> }
}

fn figures(loss: &DataLoss, now: Timestamp) -> AnyView {
    let seconds = match loss.seconds {
        Some(seconds) => view! { <b>{range(seconds, span)}</b>" of production" }.into_any(),
        None => view! { <StatusWord word=Word::Unknown text="how much time isn’t known" /> }.into_any(),
    };
    let counted: Vec<_> = loss
        .figures()
        .into_iter()
        .map(|(what, figure)| match figure {
            Some(figure) => view! { <li><b>{range(figure, number)}</b>" "{what}</li> }.into_any(),
            None => view! { <li>{what}": "<StatusWord word=Word::Unknown text="not known" /></li> }.into_any(),
        })
        .collect();
    let point = loss
        .restore_point
        .map(|at| format!("; the last commit that it has is of {}", rfc3339(at)));
    let swept = loss.swept.filter(|swept| swept.min > 0).map(|swept| {
        let swept = range(swept, number);
        view! { <span class="sub">{swept}" audit events that the retention sweep deleted since come back; they count as no loss."</span> }
    });
    let unknown: Vec<_> = loss
        .unknown
        .iter()
        .map(|why| view! { <span class="sub">{visible(why)}</span> })
        .collect();
    view! {
        {seconds}
        <ul>{counted}</ul>
        <span class="sub">{basis(loss.basis)}" "{ago(loss.as_of, now)}{point}</span>
        {swept}
        {unknown}
    }
    .into_any()
}

const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Exact => "counted in the live database",
        Basis::Bounded => "at least, from the last vital signs",
        Basis::Unknown => "not all of it could be counted",
    }
}

fn number(number: i64) -> String {
    grouped(number.unsigned_abs())
}

/// `3 to 5`, `3 or more`.
#[must_use]
pub fn range(range: Range, show: impl Fn(i64) -> String) -> String {
    match range {
        Range { min, max: Some(max) } if min == max => show(min),
        Range { min, max: Some(max) } => format!("{} to {}", show(min), show(max)),
        Range { min, max: None } => format!("{} or more", show(min)),
    }
}
