//! The plot in a page: the drawing for each width, the legend, and the same as a table.

use domain::time::{Timestamp, span};
use leptos::prelude::*;

use super::{Point, Shown, Trend, trend};
use crate::components::{Moment, StatusWord, Word};
use crate::plots::pen::Width;

/// Rows of the table.
const ROWS: usize = 60;

/// The figure. The style sheet shows the drawing that fits.
#[component]
pub fn TrendPlot(plot: Trend) -> impl IntoView {
    let drawings: Vec<_> = Width::ALL
        .into_iter()
        .map(|width| {
            let class = format!("drawing {}", width.class());
            view! { <div class=class inner_html=trend(&plot, width)></div> }
        })
        .collect();
    let declared = match (plot.declared, plot.seen_limit()) {
        (None, _) => "No limit is declared.".to_owned(),
        (Some(limit), None) => format!("The declared limit, {}, lies above the drawing.", span(limit.into())),
        (Some(_), Some(_)) => "The line is the declared limit; beyond it the ground is red.".to_owned(),
    };
    let rows: Vec<_> = plot
        .points
        .iter()
        .rev()
        .take(ROWS)
        .map(|point| row(point, plot.now))
        .collect();
    let label = format!("{} as a table", plot.title);
    view! {
        <figure class="plot" id=plot.id>
            <div class="drawings">{drawings}</div>
            <figcaption><span>{declared}</span><span>"Axis in UTC"</span></figcaption>
            <details>
                <summary>"The same as a table"</summary>
                <div class="scroll-x" tabindex="0" role="region" aria-label=label>
                    <table>
                        <thead><tr><th scope="col">"Drill"</th><th scope="col">"Verdict"</th><th scope="col" class="num">"Figure"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}

fn row(point: &Point, now: Timestamp) -> AnyView {
    let (word, text) = match point.shown {
        Shown::Passed => (Word::Ok, "passed"),
        Shown::Failed => (Word::Failed, "failed"),
        Shown::EnvironmentBroken => (Word::EnvironmentBroken, "environment broken"),
    };
    let figure = point
        .seconds
        .map_or_else(|| "none".to_owned(), |seconds| span(seconds.into()));
    view! {
        <tr>
            <th scope="row"><a href=point.href.clone()><Moment at=point.at now /></a></th>
            <td><StatusWord word text /></td>
            <td class="num">{figure}</td>
        </tr>
    }
    .into_any()
}
