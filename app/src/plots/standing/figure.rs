//! The plot in a page: the drawing for each width, the legend, and the numbers as a table.

use domain::time::Timestamp;
use leptos::prelude::*;

use super::{Standing, standing};
use crate::components::Moment;
use crate::plots::pen::Width;

/// Rows of the table; the number changes seldom, and only changes are rows.
const ROWS: usize = 60;

/// The figure. The style sheet shows the drawing that fits.
#[component]
pub fn StandingPlot(plot: Standing) -> impl IntoView {
    let drawings: Vec<_> = Width::ALL
        .into_iter()
        .map(|width| {
            let class = format!("drawing {}", width.class());
            view! { <div class=class inner_html=standing(&plot, width)></div> }
        })
        .collect();
    let (id, now) = (plot.id.clone(), plot.now);
    let table = plot.measured.as_ref().map(|(what, samples)| table(what, samples, now));
    view! {
        <figure class="plot" id=id>
            <div class="drawings">{drawings}</div>
            <figcaption>
                {entry(r#"<rect width="100%" height="40%" y="30%" fill="var(--ok)"/>"#, "ruled out")}
                {entry(r#"<rect width="100%" height="100%" fill="var(--broken)"/>"#, "found")}
                {entry(r#"<rect width="100%" height="100%" fill="url(#hatch)" stroke="var(--unknown)"/>"#, "not told")}
                <span>"Axis in UTC"</span>
            </figcaption>
            {table}
        </figure>
    }
}

/// Each change of the number, the newest first.
fn table(what: &'static str, samples: &[(Timestamp, u64)], now: Timestamp) -> AnyView {
    let mut changes: Vec<(Timestamp, u64)> = Vec::new();
    for sample in samples {
        if changes.last().is_none_or(|last| last.1 != sample.1) {
            changes.push(*sample);
        }
    }
    let more = changes.len().saturating_sub(ROWS);
    let rows: Vec<_> = changes
        .iter()
        .rev()
        .take(ROWS)
        .map(|(at, number)| view! { <tr><th scope="row"><Moment at=*at now /></th><td>{number.to_string()}</td></tr> })
        .collect();
    view! {
        <details>
            <summary>"The same as a table"</summary>
            <div class="scroll-x" tabindex="0" role="region" aria-label="The plot as a table"><table>
                <thead><tr><th scope="col">"From"</th><th scope="col">{what}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {(more > 0).then(|| view! { <p class="note">{format!("{more} older changes are not shown.")}</p> })}
        </details>
    }
    .into_any()
}

fn entry(drawing: &'static str, text: &'static str) -> AnyView {
    view! { <span><svg class="key" aria-hidden="true" focusable="false" inner_html=drawing></svg>{text}</span> }
        .into_any()
}
