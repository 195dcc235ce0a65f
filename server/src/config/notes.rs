//! What is wrong, or worth a warning, and where it was written.

use std::collections::BTreeMap;
use std::fmt;

use super::KeyPath;

/// Where a value came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Line of the file, counted from 1.
    Line(usize),
    /// An environment variable.
    Variable(String),
}

/// One sentence about one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Full name of the key, or of the table; empty for the file as a whole.
    pub key: String,
    pub origin: Option<Origin>,
    /// Continues the key: "is shorter than 30s: …".
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(Origin::Line(line)) => write!(f, "line {line}: ")?,
            Some(Origin::Variable(name)) => write!(f, "{name}: ")?,
            None => {}
        }
        match self.key.as_str() {
            "" => f.write_str(&self.message),
            key => write!(f, "{key} {}", self.message),
        }
    }
}

/// Where each key was written.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<String, Origin>);

impl Origins {
    pub(super) fn insert(&mut self, at: &KeyPath, origin: Origin) {
        self.0.insert(at.to_string(), origin);
    }

    /// Where the key was written, or the table that should hold it.
    pub(super) fn of(&self, at: &KeyPath) -> Option<&Origin> {
        at.and_above().find_map(|path| self.0.get(path))
    }
}

/// Collects notes, so that all of them are read at once.
#[derive(Debug, Default)]
pub(super) struct Notes {
    origins: Origins,
    /// Mistakes: with one of these the configuration isn't used.
    pub(super) problems: Vec<Note>,
    pub(super) warnings: Vec<Note>,
}

impl Notes {
    pub(super) fn new(origins: Origins) -> Self {
        Self {
            origins,
            ..Self::default()
        }
    }

    /// Something other than the file says what is at this key.
    pub(super) fn came_from(&mut self, at: &KeyPath, origin: Origin) {
        self.origins.insert(at, origin);
    }

    /// Whether the key itself was set by the environment.
    pub(super) fn is_variable(&self, at: &KeyPath) -> bool {
        matches!(self.origins.0.get(&at.to_string()), Some(Origin::Variable(_)))
    }

    /// A variable that sets nothing.
    pub(super) fn refuse_variable(&mut self, name: &str, message: String) {
        let origin = Some(Origin::Variable(name.into()));
        self.problems.push(Note {
            key: String::new(),
            origin,
            message,
        });
    }

    pub(super) fn refuse(&mut self, at: &KeyPath, message: impl Into<String>) {
        let note = self.note(at, message.into());
        self.problems.push(note);
    }

    pub(super) fn warn(&mut self, at: &KeyPath, message: impl Into<String>) {
        let note = self.note(at, message.into());
        self.warnings.push(note);
    }

    fn note(&self, at: &KeyPath, message: String) -> Note {
        Note {
            key: at.to_string(),
            origin: self.origins.of(at).cloned(),
            message,
        }
    }
}
