//! Which file is the configuration.

use std::path::{Path, PathBuf};

use super::{ConfigError, Environment};

/// Names the file: `--config`, then `$MUSTER_CONFIG`, then `./muster.toml`, then `/etc/muster/muster.toml`. One that was named must exist;
/// Muster never falls back to another one then.
pub(super) fn locate(named: Option<&Path>, environment: &Environment) -> Result<PathBuf, ConfigError> {
    let named = named.or_else(|| environment.file()).map(PathBuf::from);
    let (candidates, only) = match named {
        Some(path) => (vec![path], true),
        None => (vec!["muster.toml".into(), "/etc/muster/muster.toml".into()], false),
    };
    // A file that is there and can't be opened is reported by whoever reads it.
    let found = candidates.iter().find(|path| only || path.symlink_metadata().is_ok());
    match found.map(std::path::absolute) {
        Some(Ok(path)) if path.symlink_metadata().is_ok() => Ok(path),
        _ => Err(ConfigError::NotFound { looked_at: candidates }),
    }
}
