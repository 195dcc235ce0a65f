//! Words from outside inside Muster's own sentences, where only plain text fits: titles of buttons and calls, the answer strip.

use crate::components::{Piece, pieces};

/// The text with its invisible characters written out, as `⟨U+202E⟩`.
#[must_use]
pub fn plain(text: &str) -> String {
    let written = pieces(text).into_iter().map(|piece| match piece {
        Piece::Plain(text) => text,
        Piece::Hidden(c) => format!("⟨U+{:04X}⟩", u32::from(c)),
        Piece::Redacted => "redacted".into(),
    });
    written.collect()
}

/// `1 backup`, `3 backups`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::{count, plain};

    #[test]
    fn what_reorders_a_line_is_written_out() {
        assert_eq!(plain("dump\u{202e}exe"), "dump⟨U+202E⟩exe");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(
            (count(1, "gap", "gaps"), count(0, "gap", "gaps")),
            ("1 gap".into(), "0 gaps".into())
        );
    }
}
