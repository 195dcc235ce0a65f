//! The env file of a binary Ampora: `NAME=value` lines as systemd reads them.

use std::path::{Path, PathBuf};

use domain::key::{Decoded, Encoding, MasterKey};

use super::KeyFileError;
use super::folder::resolved;
use super::small::read_private;
use crate::in_use::{KeysInUse, MASTER_KEY, PREVIOUS_KEY};

/// Where the running Ampora got its key from.
#[derive(Clone, Debug)]
pub struct EnvFile {
    pub path: PathBuf,
}

impl EnvFile {
    /// Names the file itself, as a folder of keys is named.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("file {}", resolved(&self.path).display())
    }

    /// # Errors
    /// If it can't be read, others can read it, or a value is no key.
    pub fn read(&self) -> Result<KeysInUse, KeyFileError> {
        let text = read_private(&self.path)?;
        Ok(KeysInUse {
            master: key(&text, MASTER_KEY, &self.path)?,
            previous: key(&text, PREVIOUS_KEY, &self.path)?,
            doubts: Vec::new(),
        })
    }
}

fn key(text: &[u8], name: &str, path: &Path) -> Result<Option<Decoded>, KeyFileError> {
    let mut assignments = text
        .split(|byte| *byte == b'\n')
        .filter_map(|line| assigned(line, name));
    // The last one counts, and may take the value away.
    let Some(value) = assignments.next_back().filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let decoded = MasterKey::decode(value, Encoding::Base64);
    decoded.map(Some).map_err(|source| KeyFileError::Value {
        path: path.into(),
        source,
    })
}

/// The value of a `NAME=value` line; quotes are syntax here, so they don't count as untidy. Ampora's settings don't tell capital letters from
/// small ones.
fn assigned<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"export ").unwrap_or(line).trim_ascii_start();
    let (written, value) = line.split_at_checked(name.len())?;
    let value = value.strip_prefix(b"=")?.trim_ascii();
    let quoted = |quote: u8| value.strip_prefix(&[quote])?.strip_suffix(&[quote]);
    let value = quoted(b'"').or_else(|| quoted(b'\'')).unwrap_or(value);
    written.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
}
