//! What the plots draw with: shapes over a span of time, in the paints of the style sheet.

use std::cell::RefCell;
use std::convert::Infallible;

use domain::time::Timestamp;
use plotters::coord::types::{RangedCoordi32, RangedCoordi64};
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{Cartesian2d, Circle, DrawingArea, IntoDrawingArea, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, ShapeStyle};

use super::fluid::Fluid;
use super::ink::Ink;

/// The widths that plots are laid out for. Each is shown from its own width up to the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    Slim,
    Middle,
    Wide,
}

impl Width {
    pub const ALL: [Self; 3] = [Self::Slim, Self::Middle, Self::Wide];

    /// The smallest width it is shown at, in pixels.
    #[must_use]
    pub const fn px(self) -> u16 {
        match self {
            Self::Slim => 288,
            Self::Middle => 720,
            Self::Wide => 1200,
        }
    }

    /// Its class in the style sheet, which holds the same widths.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Slim => "slim",
            Self::Middle => "middle",
            Self::Wide => "wide",
        }
    }
}

type Area<'a> = DrawingArea<Fluid<'a>, Cartesian2d<RangedCoordi64, RangedCoordi32>>;

/// A label that waits to be written.
struct Label {
    text: String,
    x: i32,
    y: i32,
    anchor: HPos,
    ink: Ink,
    bold: bool,
}

/// Draws at times across and at pixels down. Labels are written last, so that no line crosses them.
pub struct Pen<'a> {
    area: Area<'a>,
    labels: RefCell<Vec<Label>>,
    from: i64,
    to: i64,
    width: i32,
}

impl<'a> Pen<'a> {
    /// A pen over the span `from` to `to`, which must not be empty.
    pub fn new(out: &'a mut String, width: Width, height: i32, from: Timestamp, to: Timestamp) -> Self {
        let (from, to) = (from.timestamp(), to.timestamp().max(from.timestamp() + 1));
        let across = i32::from(width.px());
        let sheet = Fluid::new(out, width.px().into(), height.unsigned_abs()).into_drawing_area();
        let coordinates = Cartesian2d::new(from..to, 0..height, (0..across, 0..height));
        Self {
            area: sheet.apply_coord_spec(coordinates),
            labels: RefCell::default(),
            from,
            to,
            width: across,
        }
    }

    #[must_use]
    pub const fn width(&self) -> i32 {
        self.width
    }

    /// First and last second of the span.
    #[must_use]
    pub const fn span(&self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// Pixels from the left to a time.
    #[must_use]
    pub fn px(&self, at: i64) -> i32 {
        self.area.map_coordinate(&(at, 0)).0
    }

    /// Seconds that one pixel stands for.
    #[must_use]
    pub fn per_px(&self) -> i64 {
        ((self.to - self.from) / i64::from(self.width)).max(1)
    }

    /// The part of a span that is in sight, at least `px` pixels wide. `None`: none of it is.
    #[must_use]
    pub fn within(&self, from: Timestamp, to: Timestamp, px: i64) -> Option<(i64, i64)> {
        let (start, end) = (from.timestamp().max(self.from), to.timestamp().min(self.to));
        (start <= end).then(|| (start, end.max(start + px * self.per_px())))
    }

    /// A point in time that is in sight.
    #[must_use]
    pub fn sees(&self, at: Timestamp) -> Option<i64> {
        Some(at.timestamp()).filter(|at| (self.from..=self.to).contains(at))
    }

    pub fn bar(&self, (from, to): (i64, i64), (top, bottom): (i32, i32), ink: Ink) {
        done(
            self.area
                .draw(&Rectangle::new([(from, top), (to, bottom)], style(ink, 1).filled())),
        );
    }

    pub fn frame(&self, (from, to): (i64, i64), (top, bottom): (i32, i32), ink: Ink) {
        done(
            self.area
                .draw(&Rectangle::new([(from, top), (to, bottom)], style(ink, 1))),
        );
    }

    /// An upright line.
    pub fn tick(&self, at: i64, (top, bottom): (i32, i32), ink: Ink, thick: u32) {
        done(
            self.area
                .draw(&PathElement::new([(at, top), (at, bottom)], style(ink, thick))),
        );
    }

    /// A level line.
    pub fn line(&self, (from, to): (i64, i64), y: i32, ink: Ink, thick: u32) {
        done(
            self.area
                .draw(&PathElement::new([(from, y), (to, y)], style(ink, thick))),
        );
    }

    /// A line from one place to another.
    pub fn slope(&self, from: (i64, i32), to: (i64, i32), ink: Ink, thick: u32) {
        done(self.area.draw(&PathElement::new([from, to], style(ink, thick))));
    }

    /// A circle on paper; of the ink of a mark, that mark.
    pub fn dot(&self, at: i64, y: i32, radius: u32, ink: Ink) {
        done(self.area.draw(&Circle::new((at, y), radius, style(ink, 2))));
    }

    /// A label whose base line is at `y`. `x` is in pixels.
    pub fn label(&self, text: &str, (x, anchor): (i32, HPos), y: i32, ink: Ink, bold: bool) {
        self.labels.borrow_mut().push(Label {
            text: text.into(),
            x,
            y,
            anchor,
            ink,
            bold,
        });
    }

    /// Writes the labels.
    pub fn finish(self) {
        let sheet = self.area.strip_coord_spec();
        for label in self.labels.into_inner() {
            let weight = if label.bold { FontStyle::Bold } else { FontStyle::Normal };
            let font = ("sans-serif", 12).into_font().style(weight);
            let style = font
                .color(&label.ink.stand_in())
                .pos(Pos::new(label.anchor, VPos::Bottom));
            done(sheet.draw(&Text::new(label.text, (label.x, label.y), style)));
        }
    }
}

fn style(ink: Ink, thick: u32) -> ShapeStyle {
    ShapeStyle::from(&ink.stand_in()).stroke_width(thick)
}

fn done(drawn: Result<(), DrawingAreaErrorKind<Infallible>>) {
    drawn.expect("a string takes all that is drawn on it, and one pen draws at a time");
}
