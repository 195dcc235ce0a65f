//! The lanes of the copies: ticks for those that WAL is replayed onto, circles for those of one moment. What isn't good has its own mark.

use domain::backup::Kind;
use domain::status::Status;

use crate::plots::ink::Ink;
use crate::plots::pen::Pen;
use crate::plots::restorable::Copies;

pub(super) fn physical(pen: &Pen<'_>, (top, bottom): (i32, i32), copies: &Copies) {
    let Some(at) = pen.sees(copies.at) else { return };
    let (height, thick) = match copies.kind {
        Kind::Full => (bottom - top, 2),
        Kind::Diff => (10, 2),
        _ => (6, 1),
    };
    match copies.status {
        Status::Ok => pen.tick(at, (bottom - height, bottom), Ink::Soft, thick),
        Status::Broken => pen.dot(at, bottom - 7, 7, Ink::MarkBroken),
        Status::Unknown => pen.dot(at, bottom - 7, 7, Ink::MarkUnknown),
    }
}

pub(super) fn moment(pen: &Pen<'_>, (top, bottom): (i32, i32), copies: &Copies) {
    let Some(at) = pen.sees(copies.at) else { return };
    let middle = i32::midpoint(top, bottom);
    match copies.status {
        Status::Ok => pen.dot(at, middle, 4, Ink::Soft),
        Status::Broken => pen.dot(at, middle, 7, Ink::MarkBroken),
        Status::Unknown => pen.dot(at, middle, 7, Ink::MarkUnknown),
    }
}
