//! The paints of the plots. plotters thinks in RGB; a paint travels through it as a colour that stands for it, and the backend writes the
//! style sheet's variable, so plots follow the theme and printing like everything else.

use plotters::style::RGBColor;

use crate::components::Mark;

/// What something is painted with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Ink {
    Strong,
    Soft,
    Rule,
    Paper,
    Band,
    Sea,
    Ok,
    Broken,
    Unknown,
    Call,
    /// Behind what doesn't belong together.
    Wash,
    /// Nobody looked.
    Hatch,
    /// Bands that are told apart, by what is written on them too.
    First,
    Second,
    Third,
    Fourth,
    /// Text on a band, and on what is broken: without the halo of paper.
    OnBand,
    OnBroken,
    /// Circles of these are drawn as the marks of the sprite.
    MarkOk,
    MarkBroken,
    MarkUnknown,
    MarkEnvironment,
}

impl Ink {
    const ALL: [Self; 22] = [
        Self::Strong,
        Self::Soft,
        Self::Rule,
        Self::Paper,
        Self::Band,
        Self::Sea,
        Self::Ok,
        Self::Broken,
        Self::Unknown,
        Self::Call,
        Self::Wash,
        Self::Hatch,
        Self::First,
        Self::Second,
        Self::Third,
        Self::Fourth,
        Self::OnBand,
        Self::OnBroken,
        Self::MarkOk,
        Self::MarkBroken,
        Self::MarkUnknown,
        Self::MarkEnvironment,
    ];

    /// The colour that stands for it inside plotters.
    #[must_use]
    pub const fn stand_in(self) -> RGBColor {
        RGBColor(0xAB, 0xCD, self as u8)
    }

    /// The paint that a colour stands for.
    #[must_use]
    pub fn behind(rgb: (u8, u8, u8)) -> Self {
        let found = Self::ALL.into_iter().find(|ink| rgb == (0xAB, 0xCD, *ink as u8));
        found.unwrap_or(Self::Strong)
    }

    /// Value of `fill` or `stroke`.
    #[must_use]
    pub const fn paint(self) -> &'static str {
        match self {
            Self::Strong | Self::OnBand => "var(--ink)",
            Self::Soft => "var(--ink-2)",
            Self::Rule => "var(--rule)",
            Self::Paper => "var(--paper)",
            Self::Band | Self::First => "var(--sea-band)",
            Self::Second => "var(--band-2)",
            Self::Third => "var(--band-3)",
            Self::Fourth => "var(--band-4)",
            Self::Sea => "var(--sea)",
            Self::Ok | Self::MarkOk => "var(--ok)",
            Self::Broken | Self::MarkBroken => "var(--broken)",
            Self::Unknown | Self::MarkUnknown | Self::MarkEnvironment => "var(--unknown)",
            Self::Call => "var(--call)",
            Self::Wash => "var(--broken-wash)",
            Self::OnBroken => "var(--broken-on)",
            Self::Hatch => "url(#hatch)",
        }
    }

    /// Whether text of it stands on a band and not on paper.
    #[must_use]
    pub const fn is_bare(self) -> bool {
        matches!(self, Self::OnBand | Self::OnBroken)
    }

    /// The mark that a circle of it is drawn as.
    #[must_use]
    pub const fn mark(self) -> Option<Mark> {
        match self {
            Self::MarkOk => Some(Mark::Ok),
            Self::MarkBroken => Some(Mark::Broken),
            Self::MarkUnknown => Some(Mark::Unknown),
            Self::MarkEnvironment => Some(Mark::Environment),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paint_survives_the_way_through_plotters() {
        for ink in Ink::ALL {
            let RGBColor(r, g, b) = ink.stand_in();
            assert_eq!(Ink::behind((r, g, b)), ink);
        }
    }
}
