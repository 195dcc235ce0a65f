//! The lane of the key: where the manager's current one opens what was written.

use domain::status::Status;
use domain::time::Timestamp;

use super::{Labels, minute};
use crate::plots::ink::Ink;
use crate::plots::pen::Pen;
use crate::plots::restorable::KeyLane;

pub(super) fn draw(
    pen: &Pen<'_>,
    (top, bottom): (i32, i32),
    lane: &KeyLane,
    now: Timestamp,
    labels: &mut Labels<'_, '_>,
) {
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
