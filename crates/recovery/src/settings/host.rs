//! The database's own host, where physical restores happen.

use adapters::database_host::DatabaseHost;

/// What a physical restore may use. Nothing else in Muster uses it.
#[derive(Clone, Debug)]
pub struct RestoreHost {
    pub host: DatabaseHost,
    /// pgBackRest with its leading arguments, as it is called on the host itself.
    pub tool: Vec<String>,
    /// The data directory.
    pub pgdata: String,
    /// Folder of the server's programs, where it isn't one of the usual ones.
    pub bin_dir: Option<String>,
    pub stop: Option<Vec<String>>,
    pub start: Option<Vec<String>>,
    /// Whether the full backup that a restore ends with may be made by this tool; else people make it.
    pub full_backup: bool,
}
