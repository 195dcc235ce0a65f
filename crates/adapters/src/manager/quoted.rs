//! What a secret manager says when it refuses, fit to be shown.

/// Longest quotation, in characters.
const LONGEST: usize = 300;

/// A text from outside as one line of bounded length.
pub(crate) fn quoted(text: &str) -> String {
    let readable = |c: char| if c.is_control() { ' ' } else { c };
    // Cut first: only the start of a page that never ends is looked at.
    let start: String = text.chars().take(LONGEST * 4).map(readable).collect();
    let line = start.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_becomes_a_line() {
        assert_eq!(
            quoted("<html>\r\n<b>Bad\u{1b}[31m gateway</b>\n"),
            "<html> <b>Bad [31m gateway</b>"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_said_stays_one_short_line(text in "\\PC*|(.|\n){0,3000}") {
            let line = quoted(&text);
            prop_assert!(line.chars().count() <= LONGEST + 1);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
