//! Texts of pgBackRest in sentences of ours.

/// Longest text that is quoted. The wrong passphrase makes pgBackRest quote a whole file of noise, and a store's refusal comes with all
/// its headers.
const LONGEST: usize = 600;
/// How much of a longer one is its end, where the hints are.
const END: usize = 200;

/// A text from outside as one line of bounded length. What isn't readable is left out.
pub(super) fn quoted(text: &str) -> String {
    let readable = |c: char| {
        if c.is_control() || c == char::REPLACEMENT_CHARACTER {
            ' '
        } else {
            c
        }
    };
    let plain: String = text.chars().map(readable).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let characters = line.chars().count();
    if characters <= LONGEST {
        return line;
    }
    let start: String = line.chars().take(LONGEST - END).collect();
    let end: String = line.chars().skip(characters - END).collect();
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_text_keeps_its_start_and_its_end() {
        let text = format!(
            "[FormatError] unable to load\n{}\nHINT: has a stanza-create been performed?",
            "\u{fffd}x".repeat(9000)
        );
        let line = quoted(&text);
        assert!(line.starts_with("[FormatError] unable to load x x") && line.ends_with("been performed?"));
        assert_eq!(line.chars().count(), LONGEST + 3);
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_line(text in ".*", times in 1usize..50) {
            let line = quoted(&text.repeat(times));
            prop_assert!(line.chars().count() <= LONGEST + 3 && !line.contains(char::is_control));
        }
    }
}
