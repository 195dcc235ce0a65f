//! Results on standard output: one JSON object, or text with one fact a line, the status first, so that `grep broken` finds what is wrong.

mod emergency;
pub mod findings;
pub mod inventory;
pub mod keys;
pub mod plan;
mod table;

use std::io::Write as _;

use serde::Serialize;

pub use table::aligned;

/// Prints text. Much of it comes from other systems, so what could steer a terminal is made visible. An output that nobody reads any more
/// ends the command quietly.
pub fn text(text: &str) {
    let _unread = std::io::stdout().lock().write_all(harmless(text).as_bytes());
}

/// Prints one object.
///
/// # Errors
/// If it has no JSON form.
pub fn json(document: &impl Serialize) -> anyhow::Result<()> {
    text(&(serde_json::to_string_pretty(document)? + "\n"));
    Ok(())
}

/// Control characters, and those that turn the direction of writing, as `U+001B`.
fn harmless(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            safe.push_str(&format!("U+{:04X}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2J\u{202e}b\r\nc"), "aU+001B[2JU+202EbU+000D\nc");
    }
}
