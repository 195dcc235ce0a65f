//! `[deployment.restore]`: what real restores use. Nothing else in Muster may use it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::reach::{self, Place, Transport};
use crate::config::{KeyPath, Notes, Secret, Span};

/// Where a restore goes and how.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Restore {
    /// Where `command`, `stop` and `start` run, unless it is here: `user@host` for ssh, a pod for kubectl.
    #[schemars(extend("format" = "argument"))]
    pub host: Option<String>,
    pub transport: Transport,
    /// ssh with its leading arguments, such as `-F` and a file. Its keys are those of the account that tools run as.
    pub ssh: Vec<String>,
    /// pgBackRest with its leading arguments.
    pub command: Vec<String>,
    /// The data directory of the server, on the host where the command runs.
    #[schemars(extend("format" = "absolute-path"))]
    pub pgdata: Option<String>,
    /// Folder of the server's programs there, where it isn't one that distributions use.
    #[schemars(extend("format" = "absolute-path"))]
    pub bin_dir: Option<String>,
    /// Stops the server.
    pub stop: Option<Vec<String>>,
    /// Starts the server.
    pub start: Option<Vec<String>>,
    /// Whether a restore of the cluster ends with a full backup that `command` makes; else an operator makes it and says so.
    pub full_backup: bool,
    /// `postgres://…` of a role that may create databases and roles on the server where restored databases go.
    #[schemars(extend("format" = "postgres-url"))]
    pub admin_url: Option<Secret>,
    /// Role that owns restored databases: the one Ampora logs in as.
    #[schemars(extend("format" = "identifier"))]
    pub owner: String,
    /// Host, with a port if it isn't PostgreSQL's, by which Ampora reaches the server of `admin_url`, where it isn't the one that Muster uses.
    pub ampora_host: Option<String>,
    /// `postgres://…` of a role that owns Ampora's present database, where that lies on another server than `admin_url`: it closes that
    /// database before Ampora starts on another one.
    #[schemars(extend("format" = "postgres-url"))]
    pub fence_url: Option<Secret>,
    /// How long Ampora may take to get ready.
    pub start_within: Span,
    /// Parallel jobs of `pg_restore`.
    #[schemars(range(min = 1, max = 64))]
    pub jobs: u32,
}

impl Default for Restore {
    fn default() -> Self {
        Self {
            host: None,
            transport: Transport::Local,
            ssh: reach::ssh(),
            command: super::source::pgbackrest(),
            pgdata: None,
            bin_dir: None,
            stop: None,
            start: None,
            full_backup: true,
            admin_url: None,
            owner: "ampora".into(),
            ampora_host: None,
            fence_url: None,
            start_within: Span(chrono::TimeDelta::minutes(10)),
            jobs: 2,
        }
    }
}

impl Restore {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        let place = self.place();
        place.inspect(at, &self.command, notes);
        for (key, command) in [("stop", &self.stop), ("start", &self.start)] {
            if let Some(command) = command {
                place.inspect_command(&at.key(key), command, notes);
            }
        }
    }

    /// Where `command`, `stop` and `start` run.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::new(self.transport, self.host.as_ref(), &self.ssh)
    }
}
