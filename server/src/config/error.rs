//! Why a configuration can't be used, for whoever reads it at night: what happened, and what to do. Nothing was started by then.

use std::fmt;
use std::path::PathBuf;

use super::Note;

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "There is no configuration: {} not there. Write one, or name it with --config FILE or $MUSTER_CONFIG; `muster demo` needs none",
        listed(.looked_at)
    )]
    NotFound { looked_at: Vec<PathBuf> },
    #[error("{} can't be read. Nothing was started; correct the path or its permissions", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is longer than 1 MiB. Nothing was started; is this the right file?", .path.display())]
    TooLong { path: PathBuf },
    #[error("{} isn't text: line {line} has bytes that aren't UTF-8. Nothing was started; is this the right file?", .path.display())]
    NotUtf8 { path: PathBuf, line: usize },
    #[error("{} isn't TOML: line {line}: {message}. Nothing was started; correct the line and try again", .path.display())]
    Syntax {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("{} can't be used. Nothing was started; correct it and try again:{}", .path.display(), Lines(.problems))]
    Invalid { path: PathBuf, problems: Vec<Note> },
}

impl ConfigError {
    /// The file, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::NotFound { .. } => None,
            Self::Unreadable { path, .. }
            | Self::TooLong { path }
            | Self::NotUtf8 { path, .. }
            | Self::Syntax { path, .. }
            | Self::Invalid { path, .. } => Some(path),
        }
    }
}

fn listed(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    match names.as_slice() {
        [only] => format!("{only} is"),
        names => format!("{} are", names.join(" and ")),
    }
}

/// Notes, one a line. The first few are enough to see what is going on.
struct Lines<'a>(&'a [Note]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 25;
        for note in self.0.iter().take(SHOWN) {
            write!(f, "\n  {note}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}
