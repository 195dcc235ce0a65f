//! The graduated edge below every plot: one step is a fixed span of time, in UTC.

use chrono::DateTime;
use plotters::style::text_anchor::HPos;

use super::ink::Ink;
use super::pen::Pen;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

/// Spans that a step may have, in seconds.
const STEPS: [i64; 16] = [
    60,
    300,
    900,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    WEEK,
    2 * WEEK,
    4 * WEEK,
    13 * WEEK,
    26 * WEEK,
    52 * WEEK,
    260 * WEEK,
];

/// Pixels below the plot that the axis takes.
pub const HEIGHT: i32 = 26;

/// Weeks begin on Mondays: 5 January 1970 was one.
const fn origin(step: i64) -> i64 {
    if step >= WEEK { 4 * DAY } else { 0 }
}

/// The smallest step that is at least `px` pixels wide.
fn step(pen: &Pen<'_>, px: i32) -> i64 {
    let (from, to) = pen.span();
    let least = (to - from).saturating_mul(px.into()) / i64::from(pen.width());
    STEPS
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(STEPS[STEPS.len() - 1])
}

/// The times in sight that are whole multiples of a step, starting with the last one before.
fn marks(pen: &Pen<'_>, step: i64) -> impl Iterator<Item = i64> + use<> {
    let (from, to) = pen.span();
    let first = from - (from - origin(step)).rem_euclid(step);
    (0..).map(move |n| first + n * step).take_while(move |at| *at <= to)
}

/// Room that a label takes, in pixels.
fn room(pen: &Pen<'_>) -> i32 {
    if pen.width() < 600 { 64 } else { 92 }
}

/// Fine lines through the plot at each label.
pub fn grid(pen: &Pen<'_>, rows: (i32, i32)) {
    let step = step(pen, room(pen));
    for at in marks(pen, step).filter(|at| *at >= pen.span().0) {
        pen.tick(at, rows, Ink::Rule, 1);
    }
}

/// The edge itself, its top at `y`.
pub fn edge(pen: &Pen<'_>, y: i32) {
    let (from, to) = pen.span();
    let fine = step(pen, 12);
    for (at, odd) in marks(pen, fine).map(|at| (at, (at - origin(fine)).div_euclid(fine).rem_euclid(2) == 1)) {
        let part = (at.max(from), (at + fine).min(to));
        if odd && part.0 < part.1 {
            pen.bar(part, (y, y + 5), Ink::Strong);
        }
    }
    pen.frame((from, to), (y, y + 5), Ink::Strong);
    let coarse = step(pen, room(pen));
    for at in marks(pen, coarse).filter(|at| *at >= from) {
        let (x, text) = (pen.px(at), label(at, coarse, pen.width() >= 600));
        pen.tick(at, (y + 5, y + 10), Ink::Strong, 1);
        let half = super::labels::width_of(&text) / 2;
        if x >= half && x + half <= pen.width() {
            pen.label(&text, (x, HPos::Center), y + 22, Ink::Soft, false);
        }
    }
}

fn label(at: i64, step: i64, wide: bool) -> String {
    let time = DateTime::from_timestamp(at, 0).unwrap_or_default();
    let form = match step {
        _ if step < DAY && at % DAY != 0 => "%H:%M",
        _ if step < DAY || (step <= 2 * WEEK && !wide) => "%-d %b",
        _ if step <= 2 * WEEK => "%a %-d %b",
        _ if step <= 4 * WEEK => "%-d %b",
        _ => "%b %Y",
    };
    time.format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::pen::Width;
    use super::*;

    fn drawn(days: i64, width: Width) -> (String, i64) {
        let from = DateTime::from_timestamp(1_788_480_000, 0).expect("in range");
        let mut out = String::new();
        let pen = Pen::new(&mut out, width, 40, from, from + chrono::Duration::days(days));
        edge(&pen, 0);
        let step = step(&pen, room(&pen));
        pen.finish();
        (out, step)
    }

    #[test]
    fn steps_are_round_and_labels_have_room() {
        assert_eq!(drawn(35, Width::Wide).1, 4 * WEEK / 4);
        assert_eq!(drawn(35, Width::Slim).1, 2 * WEEK);
        assert_eq!(drawn(1, Width::Middle).1, 6 * HOUR);
    }

    #[test]
    fn weeks_are_labelled_by_their_mondays() {
        let (svg, _) = drawn(35, Width::Wide);
        assert!(svg.contains(">Mon 7 Sep<") && svg.contains(">Mon 28 Sep<"), "{svg}");
    }
}
