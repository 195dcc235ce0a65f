//! What can be restored: spans of time, the gaps between them, the copies they rest on, upgrades, and whether the key at hand opens any of
//! it. A time can be picked in it.

use domain::backup::Kind;
use domain::status::Status;
use domain::time::Timestamp;
use domain::upgrade::Upgrade;
use domain::window::{Gap, Window};
use plotters::style::text_anchor::HPos;

use super::axis;
use super::fluid::opening;
use super::ink::Ink;
use super::labels::Row;
use super::pen::{Pen, Width};

mod describe;
mod figure;
mod lanes;
mod pick;

pub use figure::RestorablePlot;
pub use pick::picks;

/// Whether what is shown of a source was read within its limit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reading {
    Never,
    /// Nothing is known of the time behind this one.
    NotSince(Timestamp),
    Fresh,
}

/// A span of data and whether the manager's current key opens what was written in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeySpan {
    pub from: Timestamp,
    pub to: Timestamp,
    pub opens: Status,
}

/// The lane of the key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyLane {
    /// Such as “Key in Vault opens it”.
    pub name: String,
    /// In order of time.
    pub spans: Vec<KeySpan>,
}

/// The mark of one backup, or of all that lie closer together than can be told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Copies {
    /// When it was done; of a dump or a snapshot, the moment that it shows.
    pub at: Timestamp,
    /// Of the one that matters most: what is not good stands out, then what others build on.
    pub kind: Kind,
    pub status: Status,
    /// How many backups it stands for.
    pub count: usize,
}

/// Everything the plot shows. Nothing is looked up while drawing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restorable {
    /// Prefix of the ids in the drawing; unique in the page.
    pub id: String,
    /// The span in sight.
    pub from: Timestamp,
    pub to: Timestamp,
    pub now: Timestamp,
    /// The time that somebody has chosen to restore to.
    pub picked: Option<Timestamp>,
    /// The sources that can have windows.
    pub sources: Vec<(String, Reading)>,
    pub windows: Vec<Window>,
    pub gaps: Vec<Gap>,
    pub copies: Vec<Copies>,
    /// Oldest first.
    pub upgrades: Vec<Upgrade>,
    pub key: Option<KeyLane>,
}

impl Restorable {
    /// The worst reading of any source; without a source, nothing was ever read.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let worst = self.sources.iter().map(|(_, reading)| *reading).min();
        worst.unwrap_or(Reading::Never)
    }
}

/// Height of the row above the lanes that names now and the picked time.
const TOP: i32 = 18;

/// The drawing for one width, as an SVG element with title and description.
#[must_use]
pub fn restorable(plot: &Restorable, width: Width) -> String {
    let lanes = lanes::of(plot);
    let bottom = TOP + lanes.iter().map(lanes::Lane::height).sum::<i32>();
    let height = bottom + axis::HEIGHT;
    let mut svg = opening(&plot.id, width, height, (describe::TITLE, &describe::sentence(plot)));
    let pen = Pen::new(&mut svg, width, height, plot.from, plot.to);
    axis::grid(&pen, (TOP, bottom));
    let mut y = TOP;
    for lane in &lanes {
        lane.draw(&pen, y, plot);
        y += lane.height();
    }
    axis::edge(&pen, bottom);
    moments(&pen, plot, bottom);
    pen.finish();
    svg.push_str("</svg>");
    svg
}

/// The lines of now and of the picked time, over everything else.
fn moments(pen: &Pen<'_>, plot: &Restorable, bottom: i32) {
    let mut row = Row::empty(pen.width());
    // The picked time is why somebody looks, so its label comes first.
    if let Some((picked, at)) = plot.picked.and_then(|picked| Some((picked, pen.sees(picked)?))) {
        pen.tick(at, (TOP - 4, bottom), Ink::Call, 2);
        let text = format!("restore to {}", domain::time::clock(picked, plot.now));
        let x = pen.px(at);
        let place = row.place(&text, x).unwrap_or((x, HPos::Right));
        pen.label(&text, place, TOP - 7, Ink::Call, true);
    }
    if let Some(now) = pen.sees(plot.now) {
        pen.tick(now, (TOP - 4, bottom), Ink::Strong, 2);
        if let Some(place) = row.place("now", pen.px(now)) {
            pen.label("now", place, TOP - 7, Ink::Strong, true);
        }
    }
}

#[cfg(test)]
mod tests;
