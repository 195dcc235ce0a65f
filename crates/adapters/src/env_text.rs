//! The text of an env file, as systemd reads one. A value is changed where it stands; every other byte stays as it is.
//! Format: <https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=>.

use std::ops::Range;

use zeroize::Zeroizing;

/// Bytes of the largest one that is read: an env file has a few kilobytes.
pub const LARGEST: usize = 1024 * 1024;

/// A whole file, in memory that is wiped: it holds passwords and keys.
pub struct EnvText(Zeroizing<Vec<u8>>);

/// Why a value can't be read or written. Never quotes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadEnvText {
    #[error("a quote before it has no end")]
    Unended,
    #[error("it isn’t text")]
    NoText,
    #[error("it has a line break or a NUL in it")]
    Control,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    Plain,
    Single,
    Double,
}

/// One assignment.
struct Assigned {
    name: Range<usize>,
    /// The value with its quotes, without what surrounds it.
    written: Range<usize>,
    style: Style,
    value: Zeroizing<Vec<u8>>,
    ended: bool,
}

impl EnvText {
    #[must_use]
    pub const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value of a variable: the last one counts, and an empty one is none. Ampora's settings don't tell capital letters from small ones.
    ///
    /// # Errors
    /// If it is there and can't be read.
    pub fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>, BadEnvText> {
        let Some(found) = self.assignments(name).pop() else {
            return Ok(None);
        };
        if !found.ended {
            return Err(BadEnvText::Unended);
        }
        let text = std::str::from_utf8(&found.value).map_err(|_| BadEnvText::NoText)?;
        Ok(Some(Zeroizing::new(text.to_owned())).filter(|text| !text.is_empty()))
    }

    /// The same file with another value wherever this variable is assigned. One that isn't there isn't added.
    ///
    /// # Errors
    /// If the value can't be written on one line.
    pub fn with(&self, name: &str, value: &str) -> Result<Self, BadEnvText> {
        if value.contains(['\n', '\r', '\0']) {
            return Err(BadEnvText::Control);
        }
        let found = self.assignments(name);
        // Room for every value escaped, so that no copy is left behind by growing.
        let room = self.0.len() + found.len() * (2 * value.len() + 2);
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        let mut copied = 0;
        for assigned in found {
            if !assigned.ended {
                return Err(BadEnvText::Unended);
            }
            text.extend_from_slice(&self.0[copied..assigned.written.start]);
            write(&mut text, value, assigned.style);
            copied = assigned.written.end;
        }
        text.extend_from_slice(&self.0[copied..]);
        Ok(Self(text))
    }

    fn assignments(&self, name: &str) -> Vec<Assigned> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.0.len() {
            let (assigned, next) = line(&self.0, at);
            let is_it = |one: &Assigned| self.0[one.name.clone()].eq_ignore_ascii_case(name.as_bytes());
            found.extend(assigned.filter(is_it));
            at = next;
        }
        found
    }
}

/// What begins at `at`, and where the next line begins.
fn line(text: &[u8], at: usize) -> (Option<Assigned>, usize) {
    let end = at
        + text[at..]
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(text.len() - at);
    let begin = at + blanks(&text[at..end]);
    let equals = text[begin..end].iter().position(|byte| *byte == b'=');
    let is_comment = matches!(text.get(begin), Some(b'#' | b';'));
    let Some(equals) = equals.filter(|_| !is_comment) else {
        return (None, end + 1);
    };
    let name = trimmed(text, begin..begin + equals);
    let export = text[name.clone()].strip_prefix(b"export ").is_some();
    let name = if export {
        trimmed(text, name.start + 7..name.end)
    } else {
        name
    };
    value(text, name, begin + equals + 1)
}

/// Reads a value, which ends with its line unless a quote or a backslash takes the line break in.
fn value(text: &[u8], name: Range<usize>, at: usize) -> (Option<Assigned>, usize) {
    let begin = at + blanks(&text[at..]);
    let style = match text.get(begin) {
        Some(b'\'') => Style::Single,
        Some(b'"') => Style::Double,
        _ => Style::Plain,
    };
    let mut value = Zeroizing::new(Vec::with_capacity(text.len() - at));
    let (mut place, mut quote, mut solid, mut fresh) = (begin, None, 0, true);
    while let Some(&byte) = text.get(place) {
        place += 1;
        match (quote, byte) {
            (None, b'\n') => break,
            (None, b'\'' | b'"') if fresh => quote = Some(byte),
            (Some(open), byte) if byte == open => {
                // Blanks behind a quote are syntax, and another quoted part may follow.
                (quote, fresh, solid) = (None, true, value.len());
            }
            (Some(b'"'), b'\\') => escaped(text, &mut place, &mut value),
            (None, b'\\') => {
                let next = text.get(place).copied();
                place += 1;
                value.extend(next.filter(|next| *next != b'\n'));
                (fresh, solid) = (false, value.len());
            }
            (None, blank) if blank.is_ascii_whitespace() => {
                if !fresh {
                    value.push(blank);
                }
            }
            (None, byte) => {
                value.push(byte);
                (fresh, solid) = (false, value.len());
            }
            (Some(_), byte) => value.push(byte),
        }
    }
    let (place, ended) = (place.min(text.len()), quote.is_none());
    if ended {
        value.truncate(solid);
    }
    let written = begin..(begin + text[begin..place].trim_ascii_end().len());
    let assigned = Assigned {
        name,
        written,
        style,
        value,
        ended,
    };
    (Some(assigned), place)
}

/// Between double quotes a backslash escapes only what a shell needs it for.
fn escaped(text: &[u8], place: &mut usize, value: &mut Zeroizing<Vec<u8>>) {
    match text.get(*place) {
        Some(b'\n') => {}
        Some(next @ (b'"' | b'\\' | b'`' | b'$')) => value.push(*next),
        Some(next) => value.extend_from_slice(&[b'\\', *next]),
        None => value.push(b'\\'),
    }
    *place += 1;
}

/// In the way the value before it was written, where that way can hold it.
fn write(text: &mut Zeroizing<Vec<u8>>, value: &str, style: Style) {
    let is_plain = value.trim_ascii() == value && !value.starts_with(['"', '\'']) && !value.contains('\\');
    match style {
        Style::Plain if is_plain => text.extend_from_slice(value.as_bytes()),
        Style::Single if !value.contains('\'') => {
            text.push(b'\'');
            text.extend_from_slice(value.as_bytes());
            text.push(b'\'');
        }
        _ => {
            text.push(b'"');
            for byte in value.bytes() {
                if matches!(byte, b'"' | b'\\' | b'`' | b'$') {
                    text.push(b'\\');
                }
                text.push(byte);
            }
            text.push(b'"');
        }
    }
}

fn blanks(text: &[u8]) -> usize {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
    text.iter().take_while(blank).count()
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let start = range.start + (inside.len() - inside.trim_ascii_start().len());
    start..start + inside.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "ConnectionStrings__Ampora";

    fn text(text: &str) -> EnvText {
        EnvText::new(Zeroizing::new(text.as_bytes().to_vec()))
    }

    fn changed(before: &str, value: &str) -> String {
        let changed = text(before).with(NAME, value).expect("can be written");
        String::from_utf8(changed.bytes().to_vec()).expect("text")
    }

    #[test]
    fn a_value_is_changed_where_it_stands_and_in_the_way_it_was_written() {
        for (before, old, after) in [
            (
                "ConnectionStrings__Ampora=Host=a;Database=b\n",
                "Host=a;Database=b",
                "ConnectionStrings__Ampora=new;$1\n",
            ),
            (
                " export connectionstrings__ampora = 'a b' \r\nX=1",
                "a b",
                " export connectionstrings__ampora = 'new;$1' \r\nX=1",
            ),
            (
                r#"ConnectionStrings__Ampora="P=\"a\$b\"""#,
                r#"P="a$b""#,
                r#"ConnectionStrings__Ampora="new;\$1""#,
            ),
            (
                "ConnectionStrings__Ampora=a\\\nb\nY=2\n",
                "ab",
                "ConnectionStrings__Ampora=new;$1\nY=2\n",
            ),
        ] {
            let read = text(before).get(NAME).expect("readable").expect("there");
            assert_eq!(read.as_str(), old, "{before}");
            assert_eq!(changed(before, "new;$1"), after);
        }
    }

    #[test]
    fn comments_and_other_values_are_no_assignments() {
        let before = "# ConnectionStrings__Ampora=no\n;ConnectionStrings__Ampora=no\nPEM=\"x\nConnectionStrings__Ampora=no\"\n\
                      ConnectionStrings__AmporaRead=no\nConnectionStrings__Ampora=first\nConnectionStrings__Ampora=last\n";
        assert_eq!(
            text(before).get(NAME).expect("readable").expect("there").as_str(),
            "last"
        );
        let after = changed(before, "new");
        assert!(
            after.ends_with("ConnectionStrings__Ampora=new\nConnectionStrings__Ampora=new\n"),
            "{after}"
        );
        assert_eq!(after.matches("=no").count(), 4, "{after}");
        assert_eq!(text("ConnectionStrings__Ampora=\n").get(NAME), Ok(None));
        assert_eq!(
            text("ConnectionStrings__Ampora='a\nb").get(NAME),
            Err(BadEnvText::Unended)
        );
        assert!(text("").with(NAME, "a\nb").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let file = EnvText::new(Zeroizing::new(bytes));
            let _ = file.get(NAME);
            let _ = file.with(NAME, "x");
        }

        #[test]
        fn what_is_written_is_read_again_and_the_rest_stays(
            style in prop::sample::select(vec!["old", "'old'", "\"old\"", "", "\"a\" 'b'"]), value in "[ -~é]{1,40}",
            before in "([A-Z]{1,5}=[a-z ]{0,5}\n){0,3}", after in "(\n[A-Z#]{1,5}=[ -~&&[^'\"\\\\]]{0,9}){0,3}",
        ) {
            let file = text(&format!("{before}{NAME}={style}{after}"));
            let changed = file.with(NAME, &value).expect("one line");
            let read = changed.get(NAME).expect("readable");
            prop_assert_eq!(read.as_ref().map(|read| read.as_str()), Some(value.as_str()));
            prop_assert!(changed.bytes().starts_with(before.as_bytes()) && changed.bytes().ends_with(after.as_bytes()));
        }
    }
}
