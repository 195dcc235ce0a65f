//! The lanes of the plot, from top to bottom.

use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::time::{Timestamp, span};
use domain::window::{Gap, Window, place};
use plotters::style::text_anchor::HPos;

use super::{KeyLane, Reading, Restorable};
use crate::plots::ink::Ink;
use crate::plots::labels::Row;
use crate::plots::pen::Pen;

/// Height of the row with a lane's name, and of the room below a lane.
const NAME: i32 = 20;
const BELOW: i32 = 7;

/// One lane with what it shows.
pub enum Lane<'a> {
    /// Spans of one repository.
    Spans {
        name: String,
        windows: Vec<&'a Window>,
        gaps: Vec<&'a Gap>,
    },
    Key(&'a KeyLane),
    /// Copies that WAL is replayed onto.
    Physical(Vec<&'a Backup>),
    /// Copies of one moment.
    Moments(Vec<&'a Backup>),
}

/// The lanes that have something to show. That of the spans is always there: its emptiness is the message.
pub fn of(plot: &Restorable) -> Vec<Lane<'_>> {
    let mut lanes = spans(plot);
    lanes.extend(plot.key.as_ref().map(Lane::Key));
    let (physical, moments): (Vec<_>, Vec<_>) = plot
        .backups
        .iter()
        .partition(|b| matches!(b.kind, Kind::Full | Kind::Diff | Kind::Incr));
    if !physical.is_empty() {
        lanes.push(Lane::Physical(physical));
    }
    if !moments.is_empty() {
        lanes.push(Lane::Moments(moments));
    }
    lanes
}

fn spans(plot: &Restorable) -> Vec<Lane<'_>> {
    let mut repositories: Vec<_> = plot
        .windows
        .iter()
        .map(|window| (&window.source, window.repo))
        .collect();
    repositories.sort();
    repositories.dedup();
    if repositories.len() < 2 {
        return vec![Lane::Spans {
            name: "Restorable".into(),
            windows: plot.windows.iter().collect(),
            gaps: plot.gaps.iter().collect(),
        }];
    }
    let lane = |(source, repo): (&String, u32)| Lane::Spans {
        name: format!("Restorable, {}", place(source, repo)),
        windows: plot
            .windows
            .iter()
            .filter(|w| (&w.source, w.repo) == (source, repo))
            .collect(),
        gaps: plot
            .gaps
            .iter()
            .filter(|g| (&g.source, g.repo) == (source, repo))
            .collect(),
    };
    repositories.into_iter().map(lane).collect()
}

impl Lane<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Spans { name, .. } => name,
            Self::Key(lane) => &lane.name,
            Self::Physical(_) => "Full and incremental",
            Self::Moments(_) => "Dumps",
        }
    }

    const fn body(&self) -> i32 {
        match self {
            Self::Spans { .. } => 18,
            Self::Key(_) | Self::Physical(_) => 14,
            Self::Moments(_) => 12,
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
            Self::Spans { windows, gaps, .. } => draw_spans(pen, rows, (windows, gaps), plot, &mut labels),
            Self::Key(lane) => draw_key(pen, rows, lane, plot.now, &mut labels),
            Self::Physical(backups) => backups.iter().for_each(|backup| draw_physical(pen, rows, backup)),
            Self::Moments(backups) => backups.iter().for_each(|backup| draw_moment(pen, rows, backup)),
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

fn draw_spans(
    pen: &Pen<'_>,
    rows: (i32, i32),
    (windows, gaps): (&[&Window], &[&Gap]),
    plot: &Restorable,
    labels: &mut Labels<'_, '_>,
) {
    for window in windows {
        if let Some(part) = pen.within(window.from, window.to, 2) {
            pen.bar(part, rows, Ink::Band);
            pen.frame(part, rows, Ink::Sea);
        }
    }
    for gap in gaps {
        let end = gap.to.unwrap_or(plot.now);
        if let Some((from, to)) = pen.within(gap.from, end, 3) {
            pen.bar((from, to), (rows.0 - 1, rows.1 + 1), Ink::Paper);
            for side in [from, to] {
                pen.tick(side, (rows.0 - 4, rows.1 + 4), Ink::Broken, 2);
            }
            let (day, lasts) = (gap.from.format("%-d %b"), span((end - gap.from).num_seconds()));
            let texts = [format!("gap {day}, {lasts}"), format!("gap {day}"), "gap".into()];
            labels.write(i64::midpoint(from, to), &texts, Ink::Broken);
        }
    }
    let unread = match plot.reading {
        Reading::Fresh => return,
        Reading::NotSince(at) => at,
        Reading::Never => plot.from,
    };
    if let Some(part) = pen.within(unread, plot.now, 4) {
        pen.bar(part, rows, Ink::Paper);
        pen.bar(part, rows, Ink::Hatch);
        pen.frame(part, rows, Ink::Unknown);
        let since = match plot.reading {
            Reading::Never => vec!["never read".into()],
            _ => vec![
                format!("not read since {}", minute(unread, plot.now)),
                "not read".into(),
            ],
        };
        labels.write(i64::midpoint(part.0, part.1), &since, Ink::Unknown);
    }
}

fn draw_key(pen: &Pen<'_>, (top, bottom): (i32, i32), lane: &KeyLane, now: Timestamp, labels: &mut Labels<'_, '_>) {
    let middle = i32::midpoint(top, bottom);
    for (index, part) in lane.spans.iter().enumerate() {
        let Some((from, to)) = pen.within(part.from, part.to, 4) else {
            continue;
        };
        let begins = pen.sees(part.from).is_some() && index > 0;
        let before = index.checked_sub(1).map(|before| lane.spans[before].opens);
        let when = [minute(part.from, now), part.from.format("%-d %b").to_string()];
        let said = |word: &str| when.each_ref().map(|when| format!("{word} {when}"));
        match part.opens {
            Status::Ok => pen.line((from, to), middle, Ink::Ok, 4),
            Status::Broken => pen.bar((from, to), (top + 1, bottom - 1), Ink::Broken),
            Status::Unknown => {
                pen.bar((from, to), (top, bottom), Ink::Hatch);
                pen.frame((from, to), (top, bottom), Ink::Unknown);
            }
        }
        let (mark, word, ink) = match part.opens {
            Status::Ok if before == Some(Status::Broken) => (Ink::MarkOk, "opens again", Ink::Ok),
            Status::Ok => (Ink::MarkOk, "opens from", Ink::Ok),
            // When they parted is told only by a trial that opened before.
            Status::Broken if before == Some(Status::Ok) => (Ink::MarkBroken, "parted", Ink::Broken),
            Status::Broken => (Ink::MarkBroken, "does not open from", Ink::Broken),
            Status::Unknown => (Ink::MarkUnknown, "unknown from", Ink::Unknown),
        };
        pen.dot(from, middle, 10, Ink::Paper);
        pen.dot(from, middle, 8, mark);
        if begins {
            labels.write(from, &said(word), ink);
        }
    }
}

fn draw_physical(pen: &Pen<'_>, (top, bottom): (i32, i32), backup: &Backup) {
    let Some(at) = backup.stopped_at.and_then(|at| pen.sees(at)) else {
        return;
    };
    let (height, thick) = match backup.kind {
        Kind::Full => (bottom - top, 2),
        Kind::Diff => (10, 2),
        _ => (6, 1),
    };
    match backup.status {
        Status::Ok => pen.tick(at, (bottom - height, bottom), Ink::Soft, thick),
        Status::Broken => pen.dot(at, bottom - 7, 7, Ink::MarkBroken),
        Status::Unknown => pen.dot(at, bottom - 7, 7, Ink::MarkUnknown),
    }
}

fn draw_moment(pen: &Pen<'_>, (top, bottom): (i32, i32), backup: &Backup) {
    let at = backup.started_at.or(backup.stopped_at);
    let Some(at) = at.and_then(|at| pen.sees(at)) else {
        return;
    };
    let middle = i32::midpoint(top, bottom);
    match backup.status {
        Status::Ok => pen.dot(at, middle, 4, Ink::Soft),
        Status::Broken => pen.dot(at, middle, 7, Ink::MarkBroken),
        Status::Unknown => pen.dot(at, middle, 7, Ink::MarkUnknown),
    }
}
