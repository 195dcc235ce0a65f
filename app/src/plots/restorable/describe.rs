//! The plot in words, for those who don't see it and for those who want the times.

use domain::status::Status;
use domain::time::Timestamp;
use domain::window::{Gap, Window, place};

use super::{Reading, Restorable};

/// What the plot is called.
pub const TITLE: &str = "What can be restored, and whether the key opens it";

/// One line of the table beneath.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub what: String,
    /// `None`: nothing is good or bad about it.
    pub status: Option<Status>,
    pub from: Timestamp,
    /// `None`: it goes on.
    pub to: Option<Timestamp>,
    pub detail: String,
}

/// The whole plot as lines, in order of time.
pub fn lines(plot: &Restorable) -> Vec<Line> {
    let windows = plot.windows.iter().map(|window| window_line(plot, window));
    let gaps = plot.gaps.iter().map(|gap| Line {
        what: format!("Gap, {}", place(&gap.source, gap.repo)),
        status: Some(Status::Broken),
        from: gap.from,
        to: gap.to,
        detail: format!("WAL {} is missing", gap.missing()),
    });
    let key = plot
        .key
        .iter()
        .flat_map(|lane| lane.spans.iter().map(move |span| (lane, span)));
    let key = key.map(|(lane, span)| Line {
        what: lane.name.clone(),
        status: Some(span.opens),
        from: span.from,
        to: Some(span.to),
        detail: opens(span.opens).into(),
    });
    let upgrades = plot.upgrades.iter().map(|upgrade| Line {
        what: format!("Upgrade of Ampora, {}", upgrade.what.word()),
        status: None,
        from: upgrade.last_old,
        to: Some(upgrade.first_new),
        detail: format!("{} to {}, between these two looks", upgrade.from, upgrade.to),
    });
    let mut lines: Vec<_> = windows.chain(gaps).chain(key).chain(upgrades).collect();
    lines.sort_by_key(|line| line.from);
    lines
}

fn window_line(plot: &Restorable, window: &Window) -> Line {
    let reading = plot.sources.iter().find(|(source, _)| *source == window.source);
    let (status, called) = match reading {
        Some((_, Reading::Fresh)) => (Status::Ok, "Restorable"),
        _ => (Status::Unknown, "Last known restorable"),
    };
    Line {
        what: format!("{called}, {}", place(&window.source, window.repo)),
        status: Some(status),
        from: window.from,
        to: Some(window.to),
        detail: end(window),
    }
}

/// `19 Sep 05:59 to 20 Sep 01:14 UTC, pgbr-main repo1: 0000…F1 to 0000…F3 is missing`.
pub fn gap(gap: &Gap) -> String {
    let minute = |at: Timestamp| at.format("%-d %b %H:%M").to_string();
    let to = gap
        .to
        .map_or_else(|| "now on".into(), |to| format!("to {} UTC", minute(to)));
    let (from, place) = (minute(gap.from), place(&gap.source, gap.repo));
    format!("from {from} {to}, {place}: {} missing", missing(gap))
}

fn missing(gap: &Gap) -> String {
    if gap.first_missing == gap.last_missing {
        return format!("WAL {} is", gap.first_missing);
    }
    format!("WAL {} to {} is", gap.first_missing, gap.last_missing)
}

fn end(window: &Window) -> String {
    match (window.end_lsn, window.exact) {
        (Some(lsn), true) => format!("any second, to WAL {lsn}"),
        (Some(lsn), false) => format!("to WAL {lsn}; the end is when its last segment arrived"),
        (None, _) => "any second, as the service says".into(),
    }
}

const fn opens(status: Status) -> &'static str {
    match status {
        Status::Ok => "opens",
        Status::Broken => "does not open",
        Status::Unknown => "not known",
    }
}

/// The plot in one sentence each: what can be restored, where it is cut, what the key opens.
pub fn sentence(plot: &Restorable) -> String {
    let full = |at: Timestamp| at.format("%-d %b %H:%M UTC").to_string();
    let mut said = Vec::new();
    match plot.windows.iter().max_by_key(|window| window.to) {
        Some(best) => said.push(format!(
            "Any second from {} to {} can be restored.",
            full(best.from),
            full(best.to)
        )),
        None => said.push("No span of time can be restored.".into()),
    }
    if !plot.gaps.is_empty() {
        let gaps: Vec<_> = plot.gaps.iter().map(|gap| full(gap.from)).collect();
        said.push(format!("WAL is missing from {}.", gaps.join(", ")));
    }
    match plot.reading() {
        Reading::Fresh => {}
        Reading::NotSince(at) => said.push(format!("Nothing was read since {}.", full(at))),
        Reading::Never => said.push("Nothing was ever read.".into()),
    }
    for upgrade in &plot.upgrades {
        said.push(format!(
            "Ampora’s {} changed before {}.",
            upgrade.what.word(),
            full(upgrade.first_new)
        ));
    }
    if let Some(lane) = &plot.key {
        for span in &lane.spans {
            said.push(format!(
                "{}: {} from {} to {}.",
                lane.name,
                opens(span.opens),
                full(span.from),
                full(span.to)
            ));
        }
    }
    said.join(" ")
}

/// How many backups stand behind how many marks, where that isn't one each.
pub fn clustered(plot: &Restorable) -> Option<String> {
    let (marks, most) = (plot.copies.len(), plot.copies.iter().map(|copies| copies.count).max()?);
    let backups: usize = plot.copies.iter().map(|copies| copies.count).sum();
    (most > 1).then(|| format!("{backups} backups in {marks} marks, up to {most} in one: the worst of them shows"))
}
