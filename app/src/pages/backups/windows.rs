//! Windows and gaps as a table, with what ends each of them.

use domain::time::{Timestamp, span};
use domain::window::{Gap, Window};
use leptos::prelude::*;
use recovery::overview::View;

use super::list::moment;
use crate::components::{Moment, Sheet, StatusWord, Word, visible};
use crate::pages::overview::count;

/// Rows that are shown; an archive with more holes than that needs another look than a table.
const ROWS: usize = 40;

/// A window or a gap, by its end.
enum Line<'a> {
    Window(&'a Window),
    /// Of a source that can't be believed now.
    Past(&'a Window),
    Gap(&'a Gap),
}

impl Line<'_> {
    const fn from(&self) -> Timestamp {
        match self {
            Self::Window(window) | Self::Past(window) => window.from,
            Self::Gap(gap) => gap.from,
        }
    }
}

/// Left out where there is neither: the head of the page has said so.
#[component]
pub fn Windows(view: View) -> impl IntoView {
    let now = view.now;
    let windows = view.inventory.windows.iter().map(Line::Window);
    let past = view.past_windows.iter().map(Line::Past);
    let gaps = view.inventory.gaps.iter().map(Line::Gap);
    let mut lines: Vec<_> = windows.chain(past).chain(gaps).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.from()));
    let more = lines.len().saturating_sub(ROWS);
    let rows: Vec<_> = lines.into_iter().take(ROWS).map(|line| row(&line, now)).collect();
    let note = format!(
        "{}, {}",
        count(view.inventory.windows.len(), "window", "windows"),
        count(view.inventory.gaps.len(), "gap", "gaps")
    );
    (!rows.is_empty()).then(|| {
        view! {
            <Sheet id="windows" title="Windows and gaps" note>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Span"</th>
                            <th scope="col" class="c2">"From"</th>
                            <th scope="col">"To"</th>
                            <th scope="col" class="num c3">"Lasts"</th>
                            <th scope="col" class="c2">"What ends it"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                {(more > 0).then(|| view! { <p class="note">{format!("{more} older ones are not shown.")}</p> })}
            </Sheet>
        }
    })
}

fn row(line: &Line<'_>, now: Timestamp) -> AnyView {
    match line {
        Line::Window(window) => window_row(window, Word::Ok, "restorable", now),
        Line::Past(window) => window_row(window, Word::Unknown, "last known restorable", now),
        Line::Gap(gap) => gap_row(gap, now),
    }
}

fn window_row(window: &Window, word: Word, says: &'static str, now: Timestamp) -> AnyView {
    let timelines: Vec<_> = window.timelines.iter().map(ToString::to_string).collect();
    let place = match window.repo {
        0 => window.source.clone(),
        repo => format!("{}, repo {repo}, timeline {}", window.source, timelines.join(" → ")),
    };
    let end = match (window.end_lsn, window.exact) {
        (None, _) => "the last time the service restores to",
        (Some(_), true) => "a known commit in the last archived WAL",
        (Some(_), false) => "the arrival of the last WAL segment; no commit of it is known by time",
    };
    let wal = window
        .end_lsn
        .map(|lsn| view! { <span class="sub">"WAL "<span class="label">{lsn.to_string()}</span></span> });
    let lasts = span((window.to - window.from).num_seconds());
    view! {
        <tr data-status=word.status()>
            <th scope="row">
                <StatusWord word text=says />
                <span class="sub when-phone">"from "<Moment at=window.from now /></span>
                <span class="sub"><bdi>{visible(&place)}</bdi></span>
            </th>
            <td class="c2"><Moment at=window.from now /></td>
            <td><Moment at=window.to now /></td>
            <td class="num c3">{lasts}</td>
            <td class="c2">{end}{wal}</td>
        </tr>
    }
    .into_any()
}

fn gap_row(gap: &Gap, now: Timestamp) -> AnyView {
    let place = format!("{}, repo {}, timeline {}", gap.source, gap.repo, gap.timeline);
    let lasts = gap
        .to
        .map_or_else(|| "open".into(), |to| span((to - gap.from).num_seconds()));
    let end = if gap.to.is_some() {
        "the next usable backup"
    } else {
        "nothing: there is no usable backup after it"
    };
    let missing = gap.missing();
    view! {
        <tr data-status="broken">
            <th scope="row">
                <StatusWord word=Word::Broken text="gap" />
                <span class="sub when-phone">"from "<Moment at=gap.from now /></span>
                <span class="sub"><bdi>{visible(&place)}</bdi></span>
            </th>
            <td class="c2"><Moment at=gap.from now /></td>
            <td>{moment(gap.to, now)}</td>
            <td class="num c3">{lasts}</td>
            <td class="c2">{end}<span class="sub">"missing "<span class="label">{visible(&missing)}</span></span></td>
        </tr>
    }
    .into_any()
}
