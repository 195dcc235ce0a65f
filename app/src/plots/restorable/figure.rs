//! The plot in a page: the drawing for each width, the legend, and the same as a table.

use leptos::prelude::*;

use super::describe::{self, Line};
use super::{Reading, Restorable, restorable};
use crate::components::{Moment, Show, StatusWord, Word};
use crate::plots::pen::Width;
use domain::time::Timestamp;

/// The figure. The style sheet shows the drawing that fits.
#[component]
pub fn RestorablePlot(plot: Restorable) -> impl IntoView {
    let drawings: Vec<_> = Width::ALL
        .into_iter()
        .map(|width| {
            let class = format!("drawing {}", width.class());
            view! { <div class=class inner_html=restorable(&plot, width)></div> }
        })
        .collect();
    let (id, now) = (plot.id.clone(), plot.now);
    let rows: Vec<_> = describe::lines(&plot).into_iter().map(|line| row(line, now)).collect();
    view! {
        <figure class="plot" id=id>
            {drawings}
            <Legend plot />
            <details>
                <summary>"The same as a table"</summary>
                <div class="scroll-x" tabindex="0" role="region" aria-label="The plot as a table"><table>
                    <thead>
                        <tr><th scope="col">"What"</th><th scope="col">"From"</th><th scope="col">"To"</th><th scope="col" class="c2">"Detail"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </details>
        </figure>
    }
}

fn row(line: Line, now: Timestamp) -> impl IntoView {
    let to = match line.to {
        Some(to) => view! { <Moment at=to now show=Show::Clock /> }.into_any(),
        None => "open".into_any(),
    };
    view! {
        <tr>
            <th scope="row"><StatusWord word=Word::from(line.status) text=line.what /></th>
            <td><Moment at=line.from now show=Show::Clock /></td>
            <td>{to}</td>
            <td class="c2">{line.detail}</td>
        </tr>
    }
}

/// Only what is in the drawing.
#[component]
fn Legend(plot: Restorable) -> impl IntoView {
    let key = plot.key.is_some();
    let gaps = !plot.gaps.is_empty();
    let unread = plot.reading != Reading::Fresh;
    let band = if unread {
        "any second could be restored when last read"
    } else {
        "any second can be restored"
    };
    view! {
        <figcaption>
            {entry(r#"<rect width="100%" height="100%" fill="var(--sea-band)" stroke="var(--sea)"/>"#, band)}
            {gaps.then(|| entry(r#"<path d="M8 -1V14M14 -1V14" stroke="var(--broken)" stroke-width="2"/>"#, "gap: WAL is missing"))}
            {unread.then(|| entry(r#"<rect width="100%" height="100%" fill="url(#hatch)" stroke="var(--unknown)"/>"#, "not read: unknown"))}
            {key.then(|| entry(r#"<line x1="0" y1="50%" x2="100%" y2="50%" stroke="var(--ok)" stroke-width="4"/>"#, "the key opens it"))}
            {key.then(|| entry(r#"<rect width="100%" height="100%" fill="var(--broken)"/>"#, "restores, but the key does not open it"))}
            <span>"Axis in UTC"</span>
        </figcaption>
    }
}

fn entry(drawing: &'static str, text: &'static str) -> impl IntoView {
    view! { <span><svg class="key" aria-hidden="true" focusable="false" inner_html=drawing></svg>{text}</span> }
}
