//! Which keys were where over time: the manager's, the one in use, the envelopes'. One band, one key, its fingerprint written on it; the
//! time in which they were apart has a wash behind all lanes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domain::key::Fingerprint;
use domain::rotation::{Apart, Ended, Lane, Span};
use domain::time::Timestamp;
use plotters::style::text_anchor::HPos;

use super::axis;
use super::fluid::opening;
use super::ink::Ink;
use super::labels::Row;
use super::pen::{Pen, Width};

mod describe;
mod figure;
mod lane;

pub use figure::RotationPlot;

/// Everything the plot shows. Nothing is looked up while drawing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rotation {
    /// Prefix of the ids in the drawing; unique in the page.
    pub id: String,
    /// What is in sight ends now.
    pub from: Timestamp,
    pub now: Timestamp,
    /// From top to bottom, each with its spans, in order of time.
    pub lanes: Vec<(Lane, Vec<Span>)>,
    pub partings: Vec<Apart>,
    /// What the manager calls the keys it has.
    pub versions: BTreeMap<Fingerprint, String>,
    /// Whether `versions` may be believed: only then a key that isn't among them is lacking.
    pub versions_known: bool,
}

impl Rotation {
    /// All keys, in the order in which they were first seen, those that are out of sight by now included: a key keeps its band.
    #[must_use]
    pub fn keys(&self) -> Vec<&Fingerprint> {
        let spans = self.lanes.iter().flat_map(|(_, spans)| spans);
        let mut seen: Vec<_> = spans
            .flat_map(|span| span.held.keys().map(|key| (span.from, key)))
            .collect();
        seen.sort();
        let mut known = BTreeSet::new();
        seen.into_iter()
            .map(|(_, key)| key)
            .filter(|key| known.insert(*key))
            .collect()
    }

    /// The manager has no version of it.
    fn lacks(&self, key: &Fingerprint) -> bool {
        self.versions_known && !self.versions.contains_key(key)
    }

    /// It is live now: Ampora has it, or some envelope opens with it.
    fn is_live(&self, key: &Fingerprint) -> bool {
        let live = self.lanes.iter().filter(|(lane, _)| *lane != Lane::Manager);
        let mut now = live.filter_map(|(_, spans)| spans.last());
        now.any(|span| span.held.keys().any(|other| other == key))
    }

    /// What a band of this key is painted with. That the manager lacks a key is a fault only while something needs it.
    fn band(&self, key: &Fingerprint) -> Ink {
        if self.lacks(key) && self.is_live(key) {
            return Ink::Broken;
        }
        let order = self.keys().iter().position(|other| *other == key);
        [Ink::First, Ink::Second, Ink::Third, Ink::Fourth][order.unwrap_or(0) % 4]
    }

    fn apart_in_sight(&self) -> impl Iterator<Item = &Apart> {
        let end = |apart: &Apart| match apart.ended {
            Ended::Not => self.now,
            Ended::Joined(at) | Ended::OutOfSight(at) => at,
        };
        self.partings.iter().filter(move |apart| end(apart) >= self.from)
    }
}

/// Pixels behind now, for the names of keys whose bands are too short for them.
const ROOM: i32 = 84;
/// Height of the row above the lanes that names now and the moments of parting.
const TOP: i32 = 18;

/// The drawing for one width, as an SVG element with title and description.
#[must_use]
pub fn rotation(plot: &Rotation, width: Width) -> String {
    let lanes = i32::try_from(plot.lanes.len()).unwrap_or(0);
    let bottom = TOP + lanes * lane::HEIGHT;
    let height = bottom + axis::HEIGHT;
    let mut svg = opening(&plot.id, width, height, (describe::TITLE, &describe::sentence(plot)));
    let across = i32::from(width.px());
    let behind = (plot.now - plot.from) * ROOM / (across - ROOM);
    let pen = Pen::new(
        &mut svg,
        width,
        height,
        plot.from,
        plot.now + behind.max(TimeDelta::seconds(1)),
    );
    for apart in plot.apart_in_sight() {
        let end = apart.at + TimeDelta::seconds(apart.seconds(plot.now));
        if let Some(part) = pen.within(apart.at, end, 2) {
            pen.bar(part, (TOP, bottom), Ink::Wash);
        }
    }
    axis::grid(&pen, (TOP, bottom));
    for (index, (lane, spans)) in (0..).zip(&plot.lanes) {
        lane::draw(&pen, TOP + index * lane::HEIGHT, *lane, spans, plot);
    }
    axis::edge(&pen, bottom);
    moments(&pen, plot, bottom);
    pen.finish();
    svg.push_str("</svg>");
    svg
}

/// The lines of now, of each parting and of each joining. The newest parting is named first: it is why somebody looks.
fn moments(pen: &Pen<'_>, plot: &Rotation, bottom: i32) {
    let mut row = Row::empty(pen.width());
    pen.tick(plot.now.timestamp(), (TOP - 4, bottom), Ink::Strong, 2);
    if let Some(place) = row.place("now", pen.px(plot.now.timestamp())) {
        pen.label("now", place, TOP - 7, Ink::Strong, true);
    }
    let apart: Vec<_> = plot.apart_in_sight().collect();
    for parting in apart.iter().rev() {
        if let Some(at) = pen.sees(parting.at) {
            pen.tick(at, (TOP - 4, bottom), Ink::Broken, 2);
            let when = parting.at.format("%-d %b").to_string();
            let texts = [parting.words(plot.now), format!("parted {when}"), "parted".into()];
            name(pen, &mut row, at, &texts, Ink::Broken);
        }
    }
    for parting in apart.iter().rev() {
        if let Ended::Joined(joined) = parting.ended
            && let Some(at) = pen.sees(joined)
        {
            pen.tick(at, (TOP, bottom), Ink::Ok, 2);
            name(
                pen,
                &mut row,
                at,
                &[format!("joined {}", joined.format("%-d %b"))],
                Ink::Ok,
            );
        }
    }
}

/// Writes the first text that fits; the table below the plot has them all.
fn name(pen: &Pen<'_>, row: &mut Row, at: i64, texts: &[String], ink: Ink) {
    let x = pen.px(at);
    let fits = texts.iter().find_map(|text| Some((text, beside(row, text, x)?)));
    if let Some((text, place)) = fits {
        pen.label(text, place, TOP - 7, ink, true);
    }
}

/// About the line, or before it where what stands to the right is in the way.
fn beside(row: &mut Row, text: &str, x: i32) -> Option<(i32, HPos)> {
    let half = super::labels::width_of(text) / 2;
    row.place(text, x)
        .or_else(|| row.place(text, x - half).map(|_| (x, HPos::Right)))
}

#[cfg(test)]
mod tests;
