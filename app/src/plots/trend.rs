//! A figure of drills over time against its declared limit. Dots are joined only between neighbours that have a figure; a drill without
//! one is a mark on the rail above.

use chrono::TimeDelta;
use domain::time::{Timestamp, span};
use plotters::style::text_anchor::HPos;

use super::axis;
use super::fluid::opening;
use super::ink::Ink;
use super::labels::Row;
use super::pen::{Pen, Width};

mod figure;

pub use figure::TrendPlot;

/// How a drill stands on the rail where it has no figure, and in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    Passed,
    Failed,
    EnvironmentBroken,
}

/// One drill.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    pub at: Timestamp,
    pub shown: Shown,
    pub seconds: Option<u32>,
    /// Where it is seen.
    pub href: String,
}

/// Everything the plot shows. Nothing is looked up while drawing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trend {
    /// Prefix of the ids in the drawing; unique in the page.
    pub id: String,
    /// What is measured.
    pub title: String,
    pub now: Timestamp,
    /// Oldest first.
    pub points: Vec<Point>,
    /// The limit in seconds, as it is declared now.
    pub declared: Option<u32>,
}

/// The rail of marks, the field below it, and where the axis begins.
const RAIL: i32 = 14;
const TOP: i32 = 34;
const BOTTOM: i32 = 164;
/// Pixels before the first drill and behind now.
const ROOM: i32 = 72;
/// The limit is in sight if it isn't more than so many times the largest figure.
const IN_SIGHT: u32 = 4;
/// Spans between two level lines, in seconds.
const STEPS: [u32; 16] = [
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400,
];

impl Trend {
    fn largest(&self) -> u32 {
        self.points.iter().filter_map(|point| point.seconds).max().unwrap_or(0)
    }

    /// The limit, where it has a place in the drawing.
    fn seen_limit(&self) -> Option<u32> {
        let largest = self.largest();
        self.declared
            .filter(|limit| largest == 0 || *limit <= largest.saturating_mul(IN_SIGHT))
    }

    /// The value at the top of the field.
    fn ceiling(&self) -> u32 {
        let most = self.largest().max(self.seen_limit().unwrap_or(0)).max(1);
        most.saturating_add(most / 4).saturating_add(1)
    }

    /// The time at the left edge: the levels are named before the first drill.
    fn from(&self, width: Width) -> Timestamp {
        let day = TimeDelta::days(1);
        let first = self.points.first().map_or(self.now - day, |point| point.at);
        let first = first.min(self.now - day);
        first - (self.now - first) * ROOM / (i32::from(width.px()) - 2 * ROOM)
    }

    /// The plot in words.
    fn sentence(&self) -> String {
        let figures: Vec<_> = self.points.iter().filter_map(|point| point.seconds).collect();
        let limit = self.declared.map_or_else(
            || "No limit is declared.".to_owned(),
            |limit| format!("Declared: {}.", span(limit.into())),
        );
        let without = self.points.len() - figures.len();
        let without = if without == 0 {
            String::new()
        } else {
            format!(" {without} drills without a figure.")
        };
        match (figures.iter().min(), figures.iter().max(), figures.last()) {
            (Some(least), Some(most), Some(last)) => format!(
                "{} to {} in {} drills, {} in the newest.{without} {limit}",
                span((*least).into()),
                span((*most).into()),
                figures.len(),
                span((*last).into())
            ),
            _ => format!("No drill has a figure yet.{without} {limit}"),
        }
    }

    fn y(&self, seconds: u32) -> i32 {
        let share = i64::from(seconds) * i64::from(BOTTOM - TOP) / i64::from(self.ceiling());
        BOTTOM - i32::try_from(share).unwrap_or(BOTTOM - TOP)
    }
}

/// The drawing for one width, as an SVG element with title and description.
#[must_use]
pub fn trend(plot: &Trend, width: Width) -> String {
    let height = BOTTOM + axis::HEIGHT;
    let mut svg = opening(&plot.id, width, height, (&plot.title, &plot.sentence()));
    let behind = (plot.now - plot.from(width)) / 30;
    let pen = Pen::new(&mut svg, width, height, plot.from(width), plot.now + behind);
    limit(&pen, plot);
    levels(&pen, plot);
    rail(&pen, plot);
    figures(&pen, plot);
    axis::edge(&pen, BOTTOM);
    pen.finish();
    svg.push_str("</svg>");
    svg
}

/// The wash beyond the limit, and the limit.
fn limit(pen: &Pen<'_>, plot: &Trend) {
    if let Some(limit) = plot.seen_limit() {
        let y = plot.y(limit);
        pen.bar(pen.span(), (TOP, y), Ink::Wash);
        pen.line(pen.span(), y, Ink::Strong, 2);
        let text = format!("declared {}", span(limit.into()));
        pen.label(&text, (0, HPos::Left), y - 5, Ink::Strong, true);
    }
}

fn levels(pen: &Pen<'_>, plot: &Trend) {
    let ceiling = plot.ceiling();
    let step = STEPS.into_iter().find(|step| ceiling / step <= 4).unwrap_or(ceiling);
    let taken = plot.seen_limit().map(|limit| plot.y(limit));
    for value in (1..).map(|n| n * step).take_while(|value| *value < ceiling) {
        let y = plot.y(value);
        pen.line(pen.span(), y, Ink::Rule, 1);
        if taken.is_none_or(|taken| (taken - y).abs() > 16) {
            pen.label(&span(value.into()), (0, HPos::Left), y - 3, Ink::Soft, false);
        }
    }
}

/// Drills without a figure.
fn rail(pen: &Pen<'_>, plot: &Trend) {
    let mut row = Row::empty(pen.width());
    for point in plot.points.iter().rev().filter(|point| point.seconds.is_none()) {
        let (mark, ink, words) = match point.shown {
            Shown::Failed => (Ink::MarkBroken, Ink::Broken, "failed"),
            Shown::EnvironmentBroken => (Ink::MarkEnvironment, Ink::Unknown, "environment broken"),
            Shown::Passed => (Ink::MarkUnknown, Ink::Unknown, "no figure"),
        };
        let Some(at) = pen.sees(point.at) else { continue };
        pen.tick(at, (RAIL + 8, BOTTOM), Ink::Rule, 1);
        pen.dot(at, RAIL, 8, mark);
        let (x, half) = (pen.px(at), super::labels::width_of(words) / 2);
        let behind = x + 12 + 2 * half <= pen.width() && row.place(words, x + 12 + half).is_some();
        if behind {
            pen.label(words, (x + 12, HPos::Left), RAIL + 5, ink, true);
        } else if row.place(words, x - 12 - half).is_some() {
            pen.label(words, (x - 12, HPos::Right), RAIL + 5, ink, true);
        }
    }
}

fn figures(pen: &Pen<'_>, plot: &Trend) {
    for pair in plot.points.windows(2) {
        if let (Some(left), Some(right)) = (pair[0].seconds, pair[1].seconds) {
            let from = (pair[0].at.timestamp(), plot.y(left));
            pen.slope(from, (pair[1].at.timestamp(), plot.y(right)), Ink::Sea, 2);
        }
    }
    for point in &plot.points {
        if let Some(seconds) = point.seconds {
            let ink = if point.shown == Shown::Passed {
                Ink::Sea
            } else {
                Ink::Broken
            };
            pen.dot(point.at.timestamp(), plot.y(seconds), 4, ink);
        }
    }
    let newest = plot
        .points
        .iter()
        .rev()
        .find_map(|point| Some((point.at, point.seconds?)));
    if let Some((at, seconds)) = newest {
        let text = span(seconds.into());
        let place = Row::empty(pen.width()).place(&text, pen.px(at.timestamp()));
        if let Some(place) = place {
            pen.label(&text, place, (plot.y(seconds) - 10).max(TOP + 8), Ink::Strong, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn plot(points: &[(i64, Shown, Option<u32>)]) -> Trend {
        let now = DateTime::from_timestamp(1_791_249_266, 0).expect("in range");
        let point = |(days, shown, seconds): &(i64, Shown, Option<u32>)| Point {
            at: now - TimeDelta::days(*days),
            shown: *shown,
            seconds: *seconds,
            href: "/drills/x".into(),
        };
        Trend {
            id: "rto".into(),
            title: "Time to recover".into(),
            now,
            points: points.iter().map(point).collect(),
            declared: Some(3_600),
        }
    }

    fn year() -> Trend {
        plot(&[
            (330, Shown::Passed, Some(1_700)),
            (240, Shown::Passed, Some(1_820)),
            (200, Shown::EnvironmentBroken, None),
            (150, Shown::Passed, Some(2_470)),
            (60, Shown::Passed, Some(2_200)),
            (2, Shown::Failed, None),
        ])
    }

    #[test]
    fn the_drawing_is_the_same_every_time() {
        let drawn = Width::ALL.map(|width| trend(&year(), width));
        assert_eq!(drawn, Width::ALL.map(|width| trend(&year(), width)));
        insta::assert_snapshot!(drawn[1].replace("><", ">\n<"));
    }

    #[test]
    fn a_drill_without_a_figure_joins_nothing() {
        let slopes = |plot: &Trend| {
            let svg = trend(plot, Width::Wide);
            svg.matches(r#"stroke="var(--sea)" stroke-width="2"/>"#).count()
        };
        let dots = 4;
        assert_eq!(
            slopes(&year()) - dots,
            2,
            "one on each side of the one without a figure"
        );
    }

    #[test]
    fn a_limit_far_above_the_figures_is_told_and_not_drawn() {
        let mut plot = plot(&[(3, Shown::Passed, Some(12)), (1, Shown::Passed, Some(14))]);
        let svg = trend(&plot, Width::Wide);
        assert!(
            !svg.contains(">declared 1 h<") && svg.contains("Declared: 1 h."),
            "{svg}"
        );
        plot.points[1].seconds = Some(7_200);
        assert!(trend(&plot, Width::Wide).contains(">declared 1 h<"));
    }

    #[test]
    fn nothing_at_all_can_be_drawn() {
        assert!(trend(&plot(&[]), Width::Slim).contains("No drill has a figure yet."));
        let huge = plot(&[(1, Shown::Passed, Some(u32::MAX)), (0, Shown::Passed, Some(0))]);
        assert!(trend(&huge, Width::Slim).ends_with("</svg>"));
    }
}
