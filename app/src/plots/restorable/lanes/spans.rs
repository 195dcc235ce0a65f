//! The lane of one repository: windows as bands, gaps between red bars, hatching where nothing was read.

use domain::time::span;
use domain::window::{Gap, Window};

use super::{Labels, Spans, minute};
use crate::plots::ink::Ink;
use crate::plots::pen::Pen;
use crate::plots::restorable::{Reading, Restorable};

pub(super) fn draw(pen: &Pen<'_>, rows: (i32, i32), spans: &Spans<'_>, plot: &Restorable, labels: &mut Labels<'_, '_>) {
    for window in &spans.windows {
        draw_window(pen, rows, window);
    }
    for gap in &spans.gaps {
        draw_gap(pen, rows, gap, plot, labels);
    }
    draw_unread(pen, rows, spans.reading, plot, labels);
}

fn draw_window(pen: &Pen<'_>, rows: (i32, i32), window: &Window) {
    let Some(part) = pen.within(window.from, window.to, 2) else {
        return;
    };
    pen.bar(part, rows, Ink::Band);
    pen.frame(part, rows, Ink::Sea);
    // How far it really goes is known no better than by the arrival of its last segment.
    if let Some(end) = pen.sees(window.to).filter(|_| !window.exact) {
        pen.tick(end, rows, Ink::Paper, 3);
        for top in (rows.0..rows.1).step_by(6) {
            pen.tick(end, (top, (top + 3).min(rows.1)), Ink::Unknown, 3);
        }
    }
}

fn draw_gap(pen: &Pen<'_>, rows: (i32, i32), gap: &Gap, plot: &Restorable, labels: &mut Labels<'_, '_>) {
    let end = gap.to.unwrap_or(plot.now);
    let Some((from, to)) = pen.within(gap.from, end, 3) else {
        return;
    };
    pen.bar((from, to), (rows.0 - 1, rows.1 + 1), Ink::Paper);
    for side in [from, to] {
        pen.tick(side, (rows.0 - 4, rows.1 + 4), Ink::Broken, 2);
    }
    let (day, lasts) = (gap.from.format("%-d %b"), span((end - gap.from).num_seconds()));
    let texts = [format!("gap {day}, {lasts}"), format!("gap {day}"), "gap".into()];
    labels.write(i64::midpoint(from, to), &texts, Ink::Broken);
}

fn draw_unread(pen: &Pen<'_>, rows: (i32, i32), reading: Reading, plot: &Restorable, labels: &mut Labels<'_, '_>) {
    let (unread, says) = match reading {
        Reading::Fresh => return,
        Reading::Never => (plot.from, vec!["never read".into()]),
        Reading::NotSince(at) => {
            let since = format!("not read since {}", minute(at, plot.now));
            (at, vec![since, "not read".into()])
        }
    };
    if let Some(part) = pen.within(unread, plot.now, 4) {
        pen.bar(part, rows, Ink::Paper);
        pen.bar(part, rows, Ink::Hatch);
        pen.frame(part, rows, Ink::Unknown);
        labels.write(i64::midpoint(part.0, part.1), &says, Ink::Unknown);
    }
}
