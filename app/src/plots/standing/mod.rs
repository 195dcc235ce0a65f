//! How a rule stood over time, and the number that it turns on: a line of steps above a lane, with the moments at which it broke.

use domain::history::Seen;
use domain::time::Timestamp;
use plotters::style::text_anchor::HPos;

use super::axis;
use super::fluid::opening;
use super::ink::Ink;
use super::labels::{Row, width_of};
use super::pen::{Pen, Width};

mod describe;
mod figure;

pub use figure::StandingPlot;

/// Everything the plot shows. Nothing is looked up while drawing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Prefix of the ids in the drawing; unique in the page.
    pub id: String,
    pub from: Timestamp,
    pub now: Timestamp,
    /// What the number counts, with its readings, oldest first. `None`: the rule turns on none.
    pub measured: Option<(&'static str, Vec<(Timestamp, u64)>)>,
    /// How the rule stood, oldest first: `clear`, `found`, `unknown`, `explained`.
    pub runs: Vec<Seen>,
}

impl Standing {
    /// The moments in sight at which it was found after it hadn't been.
    fn broke(&self) -> impl Iterator<Item = Timestamp> {
        let runs = self.runs.iter().enumerate();
        let begun = runs.filter(|(index, run)| {
            let before = index.checked_sub(1).map(|before| self.runs[before].value.as_str());
            run.value == "found" && before != Some("found")
        });
        begun.map(|(_, run)| run.since).filter(|at| *at >= self.from)
    }
}

/// Height of the row above everything that names the moments.
const TOP: i32 = 18;
/// Height of the number's name, of its line, and of the room below.
const NAME: i32 = 18;
const LINE: i32 = 72;
const BELOW: i32 = 10;
/// Height of the lane.
const LANE: i32 = 20;

/// The drawing for one width, as an SVG element with title and description.
#[must_use]
pub fn standing(plot: &Standing, width: Width) -> String {
    let lane = TOP + plot.measured.as_ref().map_or(0, |_| NAME + LINE + BELOW);
    let bottom = lane + NAME + LANE + BELOW;
    let height = bottom + axis::HEIGHT;
    let mut svg = opening(&plot.id, width, height, (describe::TITLE, &describe::sentence(plot)));
    let pen = Pen::new(&mut svg, width, height, plot.from, plot.now);
    axis::grid(&pen, (TOP, bottom));
    if let Some((what, samples)) = &plot.measured {
        line(&pen, TOP, what, samples);
    }
    runs(&pen, lane, plot);
    moments(&pen, plot, bottom);
    axis::edge(&pen, bottom);
    pen.finish();
    svg.push_str("</svg>");
    svg
}

/// A line of steps between nought and the largest number: what was read holds until the next reading.
fn line(pen: &Pen<'_>, top: i32, what: &str, samples: &[(Timestamp, u64)]) {
    let most = samples.iter().map(|(_, number)| *number).max().unwrap_or(0);
    let name = format!("{what}, at most {most}");
    pen.label(&name, (0, HPos::Left), top + 12, Ink::Strong, true);
    let floor = top + NAME + LINE;
    pen.line(pen.span(), floor, Ink::Rule, 1);
    let height = |number: u64| {
        let part = u128::from(number) * u128::from(LINE.unsigned_abs()) / u128::from(most.max(1));
        floor - i32::try_from(part).unwrap_or(LINE)
    };
    for pair in samples.windows(2) {
        let ((from, number), (to, next)) = (pair[0], pair[1]);
        let (y, then) = (height(number), height(next));
        if let Some(part) = pen.within(from, to, 1) {
            pen.line(part, y, Ink::Sea, 2);
            pen.tick(part.1, (y.min(then), y.max(then)), Ink::Sea, 2);
        }
    }
    if let Some((at, number)) = samples.last().and_then(|(at, number)| Some((pen.sees(*at)?, *number))) {
        pen.dot(at, height(number), 3, Ink::Sea);
    }
}

fn runs(pen: &Pen<'_>, top: i32, plot: &Standing) {
    pen.label("How it stood", (0, HPos::Left), top + 12, Ink::Strong, true);
    let rows = (top + NAME, top + NAME + LANE);
    for run in &plot.runs {
        let Some(part) = pen.within(run.since, run.until, 2) else {
            continue;
        };
        match run.value.as_str() {
            "clear" => pen.bar(part, (rows.0 + 6, rows.1 - 6), Ink::Ok),
            "found" => pen.bar(part, rows, Ink::Broken),
            _ => {
                pen.bar(part, rows, Ink::Hatch);
                pen.frame(part, rows, Ink::Unknown);
            }
        }
    }
}

/// The newest is named first: it is why somebody looks.
fn moments(pen: &Pen<'_>, plot: &Standing, bottom: i32) {
    let mut row = Row::empty(pen.width());
    let broke: Vec<_> = plot.broke().collect();
    for moment in broke.iter().rev() {
        let Some(at) = pen.sees(*moment) else { continue };
        pen.tick(at, (TOP - 4, bottom), Ink::Broken, 2);
        let text = format!("broke {}", moment.format("%-d %b %H:%M"));
        if width_of(&text) < pen.width()
            && let Some(place) = row.place(&text, pen.px(at))
        {
            pen.label(&text, place, TOP - 7, Ink::Broken, true);
        }
    }
}

#[cfg(test)]
mod tests;
