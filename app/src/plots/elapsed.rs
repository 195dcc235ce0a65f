//! A graduated edge for what has no date: milliseconds since something began. The pen's second stands for a millisecond there.

use chrono::{DateTime, TimeDelta};
use domain::time::{Timestamp, span};
use plotters::style::text_anchor::HPos;

use super::ink::Ink;
use super::labels::width_of;
use super::pen::Pen;

/// Spans that a step may have, in milliseconds.
const STEPS: [i64; 17] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
    7_200_000, 21_600_000, 86_400_000,
];

/// The pen's time for so long after the beginning.
#[must_use]
pub fn since(elapsed: TimeDelta) -> Timestamp {
    DateTime::from_timestamp(elapsed.num_milliseconds().max(0), 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// The smallest step that is at least `px` pixels wide.
fn step(pen: &Pen<'_>, px: i64) -> i64 {
    let (from, to) = pen.span();
    let least = (to - from).saturating_mul(px) / i64::from(pen.width());
    STEPS
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(STEPS[STEPS.len() - 1])
}

/// Fine lines through the plot at each label.
pub fn grid(pen: &Pen<'_>, rows: (i32, i32)) {
    let step = step(pen, 92);
    for at in (1..).map(|n| n * step).take_while(|at| *at <= pen.span().1) {
        pen.tick(at, rows, Ink::Rule, 1);
    }
}

/// The edge itself, its top at `y`.
pub fn edge(pen: &Pen<'_>, y: i32) {
    let (from, to) = pen.span();
    let fine = step(pen, 23);
    for n in (0..).take_while(|n| n * fine < to) {
        if n % 2 == 1 {
            pen.bar((n * fine, ((n + 1) * fine).min(to)), (y, y + 5), Ink::Strong);
        }
    }
    pen.frame((from, to), (y, y + 5), Ink::Strong);
    let coarse = step(pen, 92);
    for at in (0..).map(|n| n * coarse).take_while(|at| *at <= to) {
        let (x, text) = (pen.px(at), label(at));
        pen.tick(at, (y + 5, y + 10), Ink::Strong, 1);
        let half = width_of(&text) / 2;
        match (x >= half, x + half <= pen.width()) {
            (true, true) => pen.label(&text, (x, HPos::Center), y + 22, Ink::Soft, false),
            (false, _) => pen.label(&text, (0, HPos::Left), y + 22, Ink::Soft, false),
            (true, false) => {}
        }
    }
}

fn label(millis: i64) -> String {
    match millis {
        0 => "0".into(),
        millis if millis % 1_000 != 0 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        millis => span(millis / 1_000),
    }
}
