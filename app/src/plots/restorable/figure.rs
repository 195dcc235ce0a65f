//! The plot in a page: the drawing for each width, the legend, and the same as a table.

use leptos::prelude::*;

use super::describe::{self, Line};
use super::{Reading, Restorable, picks, restorable};
use crate::components::{Address, Moment, Show, StatusWord, Word, full, visible};
use crate::plots::pen::Width;
use domain::time::Timestamp;

/// Gaps that are told in words below the drawing; the table has all.
const GAPS: usize = 5;

/// The figure. The style sheet shows the drawing that fits.
#[component]
pub fn RestorablePlot(
    plot: Restorable,
    /// Where a click into the picture leads: this page with `at` set.
    #[prop(optional)]
    pick: Option<Address>,
) -> impl IntoView {
    let drawings: Vec<_> = Width::ALL
        .into_iter()
        .map(|width| {
            let class = format!("drawing {}", width.class());
            view! { <div class=class inner_html=restorable(&plot, width)></div> }
        })
        .collect();
    let (id, now) = (plot.id.clone(), plot.now);
    let rows: Vec<_> = describe::lines(&plot).into_iter().map(|line| row(line, now)).collect();
    let links = pick.map(|address| links(&plot, &address));
    let gaps = gaps(&plot);
    view! {
        <figure class="plot" id=id>
            <div class="drawings">{drawings}{links}</div>
            <Legend plot />
            {gaps}
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

/// One link a part of the picture, over it. People without a pointer type the time instead.
fn links(plot: &Restorable, address: &Address) -> AnyView {
    let link = |at: Option<Timestamp>| match at {
        None => view! { <span></span> }.into_any(),
        Some(at) => {
            let typed = at.format("%Y-%m-%d %H:%M:%S").to_string();
            let href = format!("{}#restore-to", address.with("at", typed));
            view! { <a href=href tabindex="-1" title=format!("Restore to {}", full(at))></a> }.into_any()
        }
    };
    let links: Vec<_> = picks(plot).into_iter().map(link).collect();
    view! { <div class="picks" aria-hidden="true">{links}</div> }.into_any()
}

fn gaps(plot: &Restorable) -> Option<AnyView> {
    let mut gaps: Vec<_> = plot.gaps.iter().collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.from));
    let more = gaps.len().saturating_sub(GAPS);
    let items: Vec<_> = gaps
        .into_iter()
        .take(GAPS)
        .map(|gap| view! { <li><StatusWord word=Word::Broken text="Gap" />" "{visible(&describe::gap(gap))}</li> })
        .collect();
    let more = (more > 0).then(|| view! { <li>{format!("{more} older gaps are in the table below.")}</li> });
    (!items.is_empty()).then(|| view! { <ul class="told">{items}{more}</ul> }.into_any())
}

fn row(line: Line, now: Timestamp) -> impl IntoView {
    let what = match line.status {
        Some(status) => view! { <StatusWord word=Word::from(status) text=line.what /> }.into_any(),
        None => line.what.into_any(),
    };
    let to = match line.to {
        Some(to) => view! { <Moment at=to now show=Show::Clock /> }.into_any(),
        None => "open".into_any(),
    };
    view! {
        <tr>
            <th scope="row">{what}</th>
            <td><Moment at=line.from now show=Show::Clock /></td>
            <td>{to}</td>
            <td class="c2">{visible(&line.detail)}</td>
        </tr>
    }
}

/// Only what is in the drawing.
#[component]
fn Legend(plot: Restorable) -> impl IntoView {
    let key = plot.key.is_some();
    let gaps = !plot.gaps.is_empty();
    let unread = plot.reading() != Reading::Fresh;
    let about = plot.windows.iter().any(|window| !window.exact);
    let upgrades = !plot.upgrades.is_empty();
    let (clustered, upgraded) = (describe::clustered(&plot), (!upgrades).then_some("No upgrade was seen"));
    let band = if unread {
        "any second could be restored when last read"
    } else {
        "any second can be restored"
    };
    view! {
        <figcaption>
            {entry(r#"<rect width="100%" height="100%" fill="var(--sea-band)" stroke="var(--sea)"/>"#, band)}
            {about.then(|| entry(r#"<path d="M8 0V3M8 5V8M8 10V13" stroke="var(--unknown)" stroke-width="3"/>"#, "ends about there"))}
            {gaps.then(|| entry(r#"<path d="M8 -1V14M14 -1V14" stroke="var(--broken)" stroke-width="2"/>"#, "gap: WAL is missing"))}
            {unread.then(|| entry(r#"<rect width="100%" height="100%" fill="url(#hatch)" stroke="var(--unknown)"/>"#, "not read: unknown"))}
            {key.then(|| entry(r#"<line x1="0" y1="50%" x2="100%" y2="50%" stroke="var(--ok)" stroke-width="4"/>"#, "the key opens it"))}
            {key.then(|| entry(r#"<rect width="100%" height="100%" fill="var(--broken)"/>"#, "restores, but the key does not open it"))}
            {upgrades.then(|| entry(r#"<rect width="100%" height="60%" y="20%" fill="var(--ink)"/>"#, "upgrade: between two looks"))}
            {clustered.map(|text| view! { <span>{text}</span> })}
            {upgraded.map(|text| view! { <span>{text}</span> })}
            <span>"No drill is on record"</span>
            <span>"Axis in UTC"</span>
        </figcaption>
    }
}

fn entry(drawing: &'static str, text: &'static str) -> impl IntoView {
    view! { <span><svg class="key" aria-hidden="true" focusable="false" inner_html=drawing></svg>{text}</span> }
}
