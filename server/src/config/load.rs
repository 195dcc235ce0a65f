//! From a file and an environment to a [`Config`], or to everything that is wrong with it.

use std::path::{Path, PathBuf};

use serde_json::Value as Schema;
use toml::{Table, Value};

use super::walk::Walk;
use super::{Config, ConfigError, Environment, KeyPath, Note, Notes, Secret, json_schema, locate, source_text};

/// A configuration that can be used.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    /// The file it came from, absolute.
    pub path: PathBuf,
    /// What works and should be looked at all the same.
    pub warnings: Vec<Note>,
    /// Every secret of the configuration, for those who check them.
    pub(super) secrets: Vec<Secret>,
}

/// Finds, reads and checks the configuration. `named` is what `--config` says. Secrets are not read yet.
///
/// # Errors
/// With every mistake at once, if there is one.
pub fn load(named: Option<&Path>, environment: &Environment) -> Result<Loaded, ConfigError> {
    let path = locate::locate(named, environment)?;
    let text = source_text::read(&path)?;
    from_text(path, &text, environment)
}

pub(super) fn from_text(path: PathBuf, text: &str, environment: &Environment) -> Result<Loaded, ConfigError> {
    let schema = json_schema();
    let (mut table, origins) = source_text::parse(&path, text)?;
    let mut notes = Notes::new(origins);
    let secrets = prepare(&path, &mut table, &schema, environment, &mut notes);
    if notes.problems.is_empty() {
        match serde_path_to_error::deserialize::<_, Config>(Value::Table(table)) {
            Ok(config) => {
                config.inspect(&mut notes);
                if notes.problems.is_empty() {
                    return Ok(Loaded {
                        config,
                        path,
                        warnings: notes.warnings,
                        secrets,
                    });
                }
            }
            Err(error) => {
                let at = KeyPath::written(error.path().to_string());
                notes.refuse(&at, format!("can't be used: {}", error.inner().message()));
            }
        }
    }
    Err(ConfigError::Invalid {
        path,
        problems: notes.problems,
    })
}

/// Brings file and environment together and checks them against the schema.
fn prepare(
    path: &Path,
    table: &mut Table,
    schema: &Schema,
    environment: &Environment,
    notes: &mut Notes,
) -> Vec<Secret> {
    let here = std::env::current_dir().unwrap_or_default();
    environment.lay_over(table, schema, &here, notes);
    Walk::new(schema, path.parent().unwrap_or(Path::new("/")), notes).run(table)
}
