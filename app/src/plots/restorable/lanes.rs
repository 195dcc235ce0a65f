//! The lanes of the plot, from top to bottom.

use domain::backup::Kind;
use domain::time::Timestamp;
use domain::upgrade::Upgrade;
use domain::window::{Gap, Window, place};
use plotters::style::text_anchor::HPos;

use super::{Copies, KeyLane, Reading, Restorable};
use crate::plots::ink::Ink;
use crate::plots::labels::Row;
use crate::plots::pen::Pen;

mod copies;
mod key;
mod spans;
mod upgrades;

/// Height of the row with a lane's name, and of the room below a lane.
const NAME: i32 = 20;
const BELOW: i32 = 7;

/// One lane with what it shows.
pub enum Lane<'a> {
    Spans(Spans<'a>),
    Key(&'a KeyLane),
    /// Copies that WAL is replayed onto.
    Physical(Vec<&'a Copies>),
    /// Copies of one moment.
    Moments(Vec<&'a Copies>),
    Upgrades(&'a [Upgrade]),
}

/// Spans of one repository.
pub struct Spans<'a> {
    name: String,
    windows: Vec<&'a Window>,
    gaps: Vec<&'a Gap>,
    reading: Reading,
}

/// The lanes that have something to show. One of spans is always there: its emptiness is the message.
pub fn of(plot: &Restorable) -> Vec<Lane<'_>> {
    let mut lanes = spans(plot);
    lanes.extend(plot.key.as_ref().map(Lane::Key));
    let (physical, moments): (Vec<_>, Vec<_>) = plot
        .copies
        .iter()
        .partition(|copies| matches!(copies.kind, Kind::Full | Kind::Diff | Kind::Incr));
    if !physical.is_empty() {
        lanes.push(Lane::Physical(physical));
    }
    if !moments.is_empty() {
        lanes.push(Lane::Moments(moments));
    }
    if !plot.upgrades.is_empty() {
        lanes.push(Lane::Upgrades(&plot.upgrades));
    }
    lanes
}

/// One lane for each repository that has a window or a gap, and for each source that has neither.
fn spans(plot: &Restorable) -> Vec<Lane<'_>> {
    let windows = plot.windows.iter().map(|window| (window.source.as_str(), window.repo));
    let gaps = plot.gaps.iter().map(|gap| (gap.source.as_str(), gap.repo));
    let mut repositories: Vec<_> = windows.chain(gaps).collect();
    let silent = plot.sources.iter().map(|(source, _)| source.as_str());
    let silent: Vec<_> = silent
        .filter(|source| !repositories.iter().any(|(other, _)| other == source))
        .collect();
    repositories.extend(silent.into_iter().map(|source| (source, 0)));
    repositories.sort_unstable();
    repositories.dedup();
    if repositories.is_empty() {
        repositories.push(("", 0));
    }
    let alone = repositories.len() == 1;
    let lane = |(source, repo): (&str, u32)| {
        let reading = plot.sources.iter().find(|(name, _)| name == source);
        Lane::Spans(Spans {
            name: match alone {
                true => "Restorable".into(),
                false => format!("Restorable, {}", place(source, repo)),
            },
            windows: plot
                .windows
                .iter()
                .filter(|w| (w.source.as_str(), w.repo) == (source, repo))
                .collect(),
            gaps: plot
                .gaps
                .iter()
                .filter(|g| (g.source.as_str(), g.repo) == (source, repo))
                .collect(),
            reading: reading.map_or(Reading::Never, |(_, reading)| *reading),
        })
    };
    repositories.into_iter().map(lane).collect()
}

impl Lane<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Spans(spans) => &spans.name,
            Self::Key(lane) => &lane.name,
            Self::Physical(_) => "Full and incremental",
            Self::Moments(copies) if copies.iter().all(|copies| copies.kind == Kind::Dump) => "Dumps",
            Self::Moments(_) => "Dumps and snapshots",
            Self::Upgrades(_) => "Upgrades of Ampora",
        }
    }

    const fn body(&self) -> i32 {
        match self {
            Self::Spans(_) => 18,
            Self::Key(_) | Self::Physical(_) => 14,
            Self::Moments(_) | Self::Upgrades(_) => 12,
        }
    }

    /// Pixels from this lane's top to the next one's.
    pub const fn height(&self) -> i32 {
        NAME + self.body() + BELOW
    }

    /// Draws the lane with its top at `y`.
    pub fn draw(&self, pen: &Pen<'_>, y: i32, plot: &Restorable) {
        let rows = (y + NAME, y + NAME + self.body());
        let mut labels = Labels {
            row: Row::after(self.name(), pen.width()),
            pen,
            y: y + 12,
        };
        pen.label(self.name(), (0, HPos::Left), y + 12, Ink::Strong, true);
        match self {
            Self::Spans(spans) => spans::draw(pen, rows, spans, plot, &mut labels),
            Self::Key(lane) => key::draw(pen, rows, lane, plot.now, &mut labels),
            Self::Physical(copies) => copies.iter().for_each(|copies| copies::physical(pen, rows, copies)),
            Self::Moments(copies) => copies.iter().for_each(|copies| copies::moment(pen, rows, copies)),
            Self::Upgrades(upgrades) => upgrades::draw(pen, rows, upgrades, plot.now, &mut labels),
        }
    }
}

/// The labels in the row of a lane's name.
struct Labels<'a, 'p> {
    row: Row,
    pen: &'a Pen<'p>,
    y: i32,
}

impl Labels<'_, '_> {
    /// Writes the first of the texts that fits at a time. None may: the table below the plot has them all.
    fn write(&mut self, at: i64, texts: &[String], ink: Ink) {
        let x = self.pen.px(at);
        for text in texts {
            if let Some(place) = self.row.place(text, x) {
                return self.pen.label(text, place, self.y, ink, true);
            }
        }
    }
}

/// `14:20`, with the day where it isn't today's: labels of a plot have no room for seconds, and its axis could not show them.
fn minute(at: Timestamp, now: Timestamp) -> String {
    let form = if at.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%-d %b %H:%M"
    };
    at.format(form).to_string()
}
