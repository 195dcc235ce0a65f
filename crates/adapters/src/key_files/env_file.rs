//! The env file of a binary Ampora, for the key that it was started with.

use std::path::{Path, PathBuf};

use domain::key::{Decoded, Encoding, MasterKey};

use super::KeyFileError;
use super::folder::resolved;
use super::small::read_private;
use crate::env_text::{EnvText, LARGEST};
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
        let text = EnvText::new(read_private(&self.path, LARGEST)?);
        Ok(KeysInUse {
            master: key(&text, MASTER_KEY, &self.path)?,
            previous: key(&text, PREVIOUS_KEY, &self.path)?,
            doubts: Vec::new(),
        })
    }
}

fn key(text: &EnvText, variable: &'static str, path: &Path) -> Result<Option<Decoded>, KeyFileError> {
    let unreadable = |source| KeyFileError::Text {
        path: path.into(),
        variable,
        source,
    };
    let Some(value) = text.get(variable).map_err(unreadable)? else {
        return Ok(None);
    };
    let decoded = MasterKey::decode(value.as_bytes(), Encoding::Base64);
    decoded.map(Some).map_err(|source| KeyFileError::Value {
        path: path.into(),
        source,
    })
}
