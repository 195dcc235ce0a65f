//! One lane of the plot: bands of keys, hatching where nobody knows.

use domain::key::Fingerprint;
use domain::rotation::{Held, Lane, Span};
use plotters::style::text_anchor::HPos;

use super::{Rotation, describe};
use crate::plots::ink::Ink;
use crate::plots::labels::{Row, width_of};
use crate::plots::pen::Pen;

/// Height of the row with the lane's name, of its bands, and of the room below them.
const NAME: i32 = 18;
const BODY: i32 = 22;
const BELOW: i32 = 8;
/// Pixels from one lane's top to the next one's.
pub const HEIGHT: i32 = NAME + BODY + BELOW;

/// Draws the lane with its top at `y`.
pub fn draw(pen: &Pen<'_>, y: i32, lane: Lane, spans: &[Span], plot: &Rotation) {
    let rows = (y + NAME, y + NAME + BODY);
    let name = describe::lane(lane);
    pen.label(name, (0, HPos::Left), y + 12, Ink::Strong, true);
    let mut row = Row::after(name, pen.width());
    let mut unknown = |from, until, says: &str| {
        if let Some(part) = pen.within(from, until, 3) {
            hatch(pen, part, rows);
            if let Some(place) = row.place(says, pen.px(i64::midpoint(part.0, part.1))) {
                pen.label(says, place, y + 12, Ink::Unknown, true);
            }
        }
    };
    let first = spans.first().map_or(plot.now, |span| span.from);
    if first > plot.from {
        unknown(plot.from, first, "not looked at yet");
    }
    for span in spans {
        match &span.held {
            Held::Unknown(_) => unknown(span.from, span.until, "unknown"),
            held => band(pen, rows, span, held, plot),
        }
    }
    if let Some(last) = spans.last() {
        beside(pen, rows, &last.held, plot);
    }
}

fn hatch(pen: &Pen<'_>, part: (i64, i64), rows: (i32, i32)) {
    pen.bar(part, rows, Ink::Paper);
    pen.bar(part, rows, Ink::Hatch);
    pen.frame(part, rows, Ink::Unknown);
}

fn band(pen: &Pen<'_>, (top, bottom): (i32, i32), span: &Span, held: &Held, plot: &Rotation) {
    let Some(part) = pen.within(span.from, span.until, 2) else {
        return;
    };
    // Half a rotation is drawn as what it is: each key has a stripe.
    let paints = paints(held, plot);
    let stripes = i32::try_from(paints.len()).unwrap_or(1).max(1);
    for (index, paint) in (0..).zip(&paints) {
        let (from, to) = (BODY * index / stripes, BODY * (index + 1) / stripes);
        pen.bar(part, (top + from, top + to), *paint);
    }
    pen.frame(
        part,
        (top, bottom),
        if paints == [Ink::Broken] { Ink::Broken } else { Ink::Sea },
    );
    if let ([paint], Some(text)) = (paints.as_slice(), fitting(pen, part, held, plot)) {
        let ink = if *paint == Ink::Broken {
            Ink::OnBroken
        } else {
            Ink::OnBand
        };
        pen.label(&text, (pen.px(part.0) + 7, HPos::Left), top + 15, ink, true);
    }
}

fn paints(held: &Held, plot: &Rotation) -> Vec<Ink> {
    let mut paints: Vec<_> = held.keys().map(|key| plot.band(key)).collect();
    if matches!(held, Held::Nobodys | Held::Several { strangers: true, .. }) {
        paints.push(Ink::Broken);
    }
    paints
}

/// The longest of its names that has room on the band.
fn fitting(pen: &Pen<'_>, (from, to): (i64, i64), held: &Held, plot: &Rotation) -> Option<String> {
    let room = pen.px(to) - pen.px(from) - 14;
    names(held, plot).into_iter().find(|name| width_of(name) <= room)
}

fn names(held: &Held, plot: &Rotation) -> Vec<String> {
    let Held::Key(key @ Fingerprint::Keyed(_)) = held else {
        return vec![describe::held(held, plot)];
    };
    let short = key.short();
    vec![describe::key(key, plot), short.clone(), short.chars().take(4).collect()]
}

/// What it holds now, behind the line of now, where the band itself has no room for the name.
fn beside(pen: &Pen<'_>, (top, _): (i32, i32), held: &Held, plot: &Rotation) {
    let text = match held {
        Held::Key(key) => key.short(),
        Held::Several { .. } => "several keys".into(),
        Held::Nobodys => "no key".into(),
        Held::Unknown(_) => "unknown".into(),
    };
    let ink = match paints(held, plot).as_slice() {
        [] => Ink::Unknown,
        paints if paints.contains(&Ink::Broken) => Ink::Broken,
        _ => Ink::Strong,
    };
    let x = pen.px(plot.now.timestamp()) + 8;
    pen.label(&text, (x, HPos::Left), top + 15, ink, true);
}
