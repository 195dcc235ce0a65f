//! A plotters backend that writes fluid SVG: across, places and lengths are shares of the width; down, they are pixels. A figure fills
//! whatever width it gets, and its text and marks keep their size, which scaling by `viewBox` would not let them.

use std::convert::Infallible;
use std::fmt::Write;

use plotters_backend::FontStyle;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::ink::Ink;
use super::pen::Width;

/// Appends the elements of a figure to `out`. `width` is the smallest width it will be shown at, in pixels.
pub struct Fluid<'a> {
    out: &'a mut String,
    width: u32,
    height: u32,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> Fluid<'a> {
    pub fn new(out: &'a mut String, width: u32, height: u32) -> Self {
        Self { out, width, height }
    }

    /// A place across as a share of the width, to a thousandth of a percent: a third of a pixel at most on any screen.
    fn share(&self, x: i32) -> String {
        let share = i64::from(x) * 100_000 / i64::from(self.width.max(1));
        let (whole, rest) = (share / 1000, (share % 1000).abs());
        let sign = if share < 0 && whole == 0 { "-" } else { "" };
        format!("{sign}{whole}.{rest:03}%")
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        self.out
            .write_fmt(element)
            .expect("a string takes all that is written to it");
    }
}

impl DrawingBackend for Fluid<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        let (x1, x2) = (self.share(from.0), self.share(to.0));
        let (y1, y2) = (from.1, to.1);
        let (paint, width) = (Ink::behind(style.color().rgb).paint(), style.stroke_width());
        self.add(format_args!(
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{paint}" stroke-width="{width}"/>"#
        ));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let (x, width) = (self.share(from.0), self.share(to.0 - from.0));
        let (y, height) = (from.1, to.1 - from.1);
        let paint = Ink::behind(style.color().rgb).paint();
        if fill {
            self.add(format_args!(
                r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{paint}"/>"#
            ));
        } else {
            let stroke = style.stroke_width();
            self.add(format_args!(
                r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="none" stroke="{paint}" stroke-width="{stroke}"/>"#
            ));
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<_> = path.into_iter().collect();
        points
            .windows(2)
            .try_for_each(|pair| self.draw_line(pair[0], pair[1], style))
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let (x, y) = (self.share(center.0), center.1);
        let ink = Ink::behind(style.color().rgb);
        let paint = ink.paint();
        if let Some(mark) = ink.mark() {
            let (href, side, r) = (mark.href(), radius * 2, i64::from(radius));
            let top = i64::from(y) - r;
            self.add(format_args!(
                r#"<use href="{href}" x="{x}" y="{top}" width="{side}" height="{side}" transform="translate(-{r} 0)" color="{paint}"/>"#
            ));
        } else if fill {
            self.add(format_args!(
                r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{paint}"/>"#
            ));
        } else {
            let stroke = style.stroke_width();
            self.add(format_args!(
                r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="var(--paper)" stroke="{paint}" stroke-width="{stroke}"/>"#
            ));
        }
        Ok(())
    }

    /// The position is the start, the middle or the end of the text's base line.
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let weight = if matches!(style.style(), FontStyle::Bold) {
            "650"
        } else {
            "400"
        };
        let ink = Ink::behind(style.color().rgb);
        let bare = if ink.is_bare() { r#" class="bare""# } else { "" };
        let (x, paint, text) = (self.share(x), ink.paint(), escaped(text));
        self.add(format_args!(
            r#"<text x="{x}" y="{y}"{bare} text-anchor="{anchor}" font-weight="{weight}" fill="{paint}">{text}</text>"#
        ));
        Ok(())
    }
}

/// Text for an element's content or a quoted attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The start tag of a figure of this height, with the title and the description that a screen reader says.
pub fn opening(id: &str, width: Width, height: i32, (title, description): (&str, &str)) -> String {
    let (id, class, description) = (escaped(id), width.class(), escaped(description));
    format!(
        r#"<svg width="100%" height="{height}" role="img" aria-labelledby="{id}-{class}-title {id}-{class}-desc"><title id="{id}-{class}-title">{title}</title><desc id="{id}-{class}-desc">{description}</desc>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shares_of_the_width() {
        let mut out = String::new();
        let fluid = Fluid::new(&mut out, 288, 10);
        assert_eq!(fluid.share(0), "0.000%");
        assert_eq!(fluid.share(288), "100.000%");
        assert_eq!(fluid.share(-1), "-0.347%");
        assert_eq!(fluid.share(-300), "-104.166%");
        assert_eq!(fluid.share(96), "33.333%");
    }

    #[test]
    fn names_from_outside_stay_text() {
        assert_eq!(escaped("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
