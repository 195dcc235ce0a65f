//! `muster config check`: the configuration and every secret it names, as one report.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{ConfigError, Environment, Loaded, Note, Origin, load, secret};

/// What the check found.
#[derive(Debug)]
pub struct Report {
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    pub deployments: usize,
    /// With one of these Muster doesn't start.
    pub problems: Vec<Note>,
    pub warnings: Vec<Note>,
}

/// Loads the configuration as `serve` would, and then reads each secret once, to see that it is there. Values are dropped at once.
#[must_use]
pub fn check(named: Option<&Path>, environment: &Environment) -> Report {
    match load(named, environment) {
        Ok(loaded) => Report::of_loaded(loaded),
        Err(error) => Report::of_error(error),
    }
}

impl Report {
    fn of_loaded(loaded: Loaded) -> Self {
        let unusable = loaded.secrets.iter().filter_map(|secret| secret.read().err());
        let problems = unusable
            .map(|error| plain(&error.key, error.reason.to_string()))
            .collect();
        let exposed = loaded.secrets.iter().filter_map(|secret| {
            let path = secret.exposed_file()?;
            Some(plain(
                secret.key(),
                format!(
                    "lies in {}, which every account of this host can read: chmod 600 it",
                    path.display()
                ),
            ))
        });
        let mut warnings = loaded.warnings;
        warnings.extend(exposed);
        if loaded.secrets.iter().any(super::Secret::is_written) && secret::is_world_readable(&loaded.path) {
            warnings.push(plain("", "the file holds secrets and every account of this host can read it: chmod 600 it, or give them as x_file"));
        }
        Self {
            path: Some(loaded.path),
            deployments: loaded.config.deployments.len(),
            problems,
            warnings,
        }
    }

    fn of_error(error: ConfigError) -> Self {
        let path = error.path().cloned();
        let problems = match error {
            ConfigError::Invalid { problems, .. } => problems,
            other => vec![plain("", with_cause(&other))],
        };
        Self {
            path,
            deployments: 0,
            problems,
            warnings: Vec::new(),
        }
    }

    /// Whether Muster could start with it.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.problems.is_empty()
    }

    /// The report as `--json` prints it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let notes = |notes: &[Note]| notes.iter().map(note_to_json).collect::<Vec<_>>();
        json!({
            "schema": "muster.config/1",
            "status": if self.is_usable() { "ok" } else { "broken" },
            "file": self.path,
            "deployments": self.deployments,
            "problems": notes(&self.problems),
            "warnings": notes(&self.warnings),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self
            .path
            .as_ref()
            .map_or_else(|| "The configuration".into(), |path| path.display().to_string());
        match (self.is_usable(), self.deployments) {
            (false, _) => writeln!(f, "{file} can't be used:")?,
            (true, 1) => writeln!(f, "{file} is fine: 1 deployment")?,
            (true, deployments) => writeln!(f, "{file} is fine: {deployments} deployments")?,
        }
        for problem in &self.problems {
            writeln!(f, "  error    {problem}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "  warning  {warning}")?;
        }
        Ok(())
    }
}

fn plain(key: &str, message: impl Into<String>) -> Note {
    Note {
        key: key.into(),
        origin: None,
        message: message.into(),
    }
}

fn note_to_json(note: &Note) -> Value {
    let (line, variable) = match &note.origin {
        Some(Origin::Line(line)) => (Some(line), None),
        Some(Origin::Variable(name)) => (None, Some(name)),
        None => (None, None),
    };
    json!({ "key": note.key, "line": line, "variable": variable, "message": note.message })
}

/// An error with what caused it: "…: permission denied".
fn with_cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
