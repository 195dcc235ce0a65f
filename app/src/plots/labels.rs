//! Keeps labels of one row from touching each other. Widths are guessed on the wide side: the reader's face isn't known here.

use plotters::style::text_anchor::HPos;

/// Pixels between two labels.
const APART: i32 = 8;

/// Width of a label at 12 px, in pixels.
#[must_use]
pub fn width_of(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 8) * 7
}

/// One row of labels.
pub struct Row {
    width: i32,
    taken: Vec<(i32, i32)>,
}

impl Row {
    /// A row of `width` pixels whose left end is taken by the lane's own name.
    #[must_use]
    pub fn after(name: &str, width: i32) -> Self {
        Self {
            width,
            taken: vec![(0, width_of(name))],
        }
    }

    #[must_use]
    pub const fn empty(width: i32) -> Self {
        Self {
            width,
            taken: Vec::new(),
        }
    }

    /// Where a label about the place `x` can stand, if anywhere: centred on it, or against an edge it would cross.
    pub fn place(&mut self, text: &str, x: i32) -> Option<(i32, HPos)> {
        let length = width_of(text);
        let (start, at, anchor) = if x - length / 2 < 0 {
            (0, 0, HPos::Left)
        } else if x - length / 2 + length > self.width {
            (self.width - length, self.width, HPos::Right)
        } else {
            (x - length / 2, x, HPos::Center)
        };
        let end = start + length;
        if start < 0 || end > self.width || self.taken.iter().any(|(s, e)| start < e + APART && *s < end + APART) {
            return None;
        }
        self.taken.push((start, end));
        Some((at, anchor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_neither_touch_nor_leave_the_row() {
        let mut row = Row::after("Restorable", 288);
        assert!(row.place("gap 17 Sep", 30).is_none(), "on the lane's name");
        assert!(matches!(row.place("gap 17 Sep", 150), Some((150, HPos::Center))));
        assert!(row.place("gap", 190).is_none(), "on the label before");
        assert!(matches!(row.place("now", 285), Some((288, HPos::Right))));
        assert!(Row::empty(20).place("wider than the row", 10).is_none());
    }

    #[test]
    fn a_label_of_odd_length_at_the_edge_stands_against_it() {
        for x in 270..=288 {
            assert!(Row::empty(288).place("5 s", x).is_some(), "{x}");
        }
    }
}
