//! The text of a configuration file: read within limits, taken apart as TOML, and remembered line by line.

use std::io::Read as _;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::notes::{Origin, Origins};
use super::{ConfigError, KeyPath};

/// Longest file, in bytes. One with hundreds of deployments is well below.
const LONGEST: u64 = 1024 * 1024;

/// Reads the file, of which nothing is believed but its name.
pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        path: path.into(),
        source,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(ConfigError::TooLong { path: path.into() });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        ConfigError::NotUtf8 {
            path: path.into(),
            line: line_at(error.as_bytes(), valid),
        }
    })
}

/// Takes the text apart.
pub(super) fn parse(path: &Path, text: &str) -> Result<(toml::Table, Origins), ConfigError> {
    // The reader's own message quotes the line, which may hold a password: only its position and description are passed on.
    let syntax = |error: toml::de::Error| ConfigError::Syntax {
        path: path.into(),
        line: error.span().map_or(1, |span| line_at(text.as_bytes(), span.start)),
        message: error.message().replace('\n', "; "),
    };
    let mut origins = Origins::default();
    note_table(
        &KeyPath::root(),
        DeTable::parse(text).map_err(syntax)?.get_ref(),
        text,
        &mut origins,
    );
    let table = toml::from_str(text).map_err(syntax)?;
    Ok((table, origins))
}

fn note_table(at: &KeyPath, table: &DeTable<'_>, text: &str, origins: &mut Origins) {
    for (key, value) in table {
        let at = at.key(key.get_ref());
        origins.insert(&at, Origin::Line(line_at(text.as_bytes(), key.span().start)));
        note_value(&at, value, text, origins);
    }
}

fn note_value(at: &KeyPath, value: &Spanned<DeValue<'_>>, text: &str, origins: &mut Origins) {
    match value.get_ref() {
        DeValue::Table(table) => note_table(at, table, text, origins),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let at = at.index(index);
                origins.insert(&at, Origin::Line(line_at(text.as_bytes(), item.span().start)));
                note_value(&at, item, text, origins);
            }
        }
        _ => {}
    }
}

/// The line, counted from 1, in which the byte at `offset` stands.
fn line_at(text: &[u8], offset: usize) -> usize {
    text[..offset.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}
