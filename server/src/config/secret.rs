//! Secrets, and where they lie: in the file, in a file of their own (`x_file`), or in a variable (`x_env`). They are read when they are
//! used, so that a process holds only those it needs: one that serves pages starts without the credentials of restores.

use std::fmt;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use toml::Value;
use zeroize::Zeroizing;

use super::{KeyPath, text};

/// Longest secret, in bytes. A private key in PEM is well below.
const LONGEST: u64 = 64 * 1024;

/// Marks a secret in the schema.
pub(super) const MARK: &str = "x-secret";

/// The keys that can give the secret `name`.
pub(super) fn spellings(name: &str) -> [String; 3] {
    [name.into(), format!("{name}_file"), format!("{name}_env")]
}

/// A secret of the configuration. `Debug` names its place. Copies that the TOML reader made are not wiped; what [`Secret::read`] returns is.
#[derive(Clone, Debug, Deserialize)]
pub struct Secret {
    /// Full name of the key, for errors.
    key: String,
    /// What the value must look like, as the schema calls it; empty if it can be anything.
    format: String,
    #[serde(flatten)]
    place: Place,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Written(#[serde(deserialize_with = "secret_string")] SecretString),
    File(PathBuf),
    Variable(String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(_) => f.write_str("in the configuration file, redacted"),
            Self::File(path) => write!(f, "in the file {}", path.display()),
            Self::Variable(name) => write!(f, "in the variable {name}"),
        }
    }
}

/// A secret that can't be had, and why. Says nothing of its value.
#[derive(Debug, thiserror::Error)]
#[error("{key} {reason}")]
pub struct SecretError {
    /// Full name of the key.
    pub key: String,
    pub reason: SecretReason,
}

/// The end of a sentence that begins with the key.
#[derive(Debug, thiserror::Error)]
pub enum SecretReason {
    #[error("lies in {}, which can't be read ({error}): correct the path or its permissions", .path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("lies in {}, which isn't text of at most 64 KiB: is this the right file?", .path.display())]
    NotText { path: PathBuf },
    #[error("comes from the variable {0}, which isn't set: set it for this process")]
    Unset(String),
    #[error("is empty")]
    Empty,
    #[error("{0}")]
    Malformed(String),
}

impl Secret {
    /// How the walk writes a secret for these types: `key` is its full name, `place` one of [`spellings`] by position.
    pub(super) fn to_value(key: &KeyPath, format: &str, place: usize, value: Value) -> Value {
        let place = ["written", "file", "variable"][place];
        let parts = [
            ("key", key.to_string().into()),
            ("format", format.into()),
            (place, value),
        ];
        Value::Table(
            parts
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// The value. A newline at the end, as files have it, doesn't belong to it.
    ///
    /// # Errors
    /// If its file or variable isn't there, or if what is there can't be this secret.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        self.text().map_err(|reason| SecretError {
            key: self.key.clone(),
            reason,
        })
    }

    fn text(&self) -> Result<SecretString, SecretReason> {
        let value = match &self.place {
            Place::Written(value) => return Ok(value.clone()),
            Place::File(path) => read_file(path)?,
            Place::Variable(name) => std::env::var(name)
                .map(Zeroizing::new)
                .map_err(|_| SecretReason::Unset(name.clone()))?,
        };
        let line = value.strip_suffix('\n').unwrap_or(&value);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            return Err(SecretReason::Empty);
        }
        match text::complaint(&self.format, line) {
            Some(complaint) => Err(SecretReason::Malformed(complaint)),
            None => Ok(SecretString::from(line)),
        }
    }

    /// Full name of the key, without `_file` or `_env`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The file that it lies in, where there is one of its own.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            Place::Written(_) | Place::Variable(_) => None,
        }
    }

    /// Whether it stands in `muster.toml` itself.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        matches!(self.place, Place::Written(_))
    }

    /// Its file, if every account of this host may read that.
    pub(super) fn exposed_file(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) if is_world_readable(path) => Some(path),
            _ => None,
        }
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, SecretReason> {
    let unreadable = |error| SecretReason::Unreadable {
        path: path.into(),
        error,
    };
    let not_text = || SecretReason::NotText { path: path.into() };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    // One allocation that is large enough: a buffer that grows leaves copies behind.
    let room = usize::try_from(LONGEST + 1).expect("64 KiB fit any address space");
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() == room {
        return Err(not_text());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| not_text())?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Whether every account of this host may read the file.
pub(super) fn is_world_readable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

fn secret_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

impl JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", MARK: true })
    }
}
