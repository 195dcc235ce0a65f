//! `[deployment.service]`: Ampora as a service of a machine, where it doesn't run in a cluster.

use schemars::JsonSchema;
use serde::Deserialize;

use super::reach::{self, Place, Transport};
use crate::config::{KeyPath, Notes};

/// How it is stopped, told of another database, and started again.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Service {
    /// Where it runs, unless it is here: `user@host` for ssh.
    #[schemars(extend("format" = "argument"))]
    pub host: Option<String>,
    /// `local` or `ssh`. Commands run as Muster's own account here, as the account that is logged in to there.
    #[serde(default)]
    pub transport: Transport,
    /// ssh with its leading arguments, such as `-F` and a file.
    #[serde(default = "reach::ssh")]
    pub ssh: Vec<String>,
    /// The file with `ConnectionStrings__Ampora=…`, readable by its owner alone.
    #[schemars(extend("format" = "absolute-path"))]
    pub env_file: String,
    /// Stops it.
    pub stop: Vec<String>,
    /// Starts it.
    pub start: Vec<String>,
    /// Ends with 0 while it runs: `systemctl is-active --quiet ampora`.
    pub status: Option<Vec<String>>,
}

impl Service {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.transport == Transport::Kubectl {
            notes.refuse(
                &at.key("transport"),
                "is \"local\" or \"ssh\"; Ampora in a cluster is found by [deployment.kubernetes]",
            );
            return;
        }
        if self.transport == Transport::Ssh && self.host.is_none() {
            notes.refuse(
                &at.key("host"),
                "is missing: ssh needs to know where to, e.g. \"root@app1\"",
            );
            return;
        }
        let place = Place::new(self.transport, self.host.as_ref(), &self.ssh);
        place.inspect(at, &self.stop, notes);
        for (key, command) in [("start", Some(&self.start)), ("status", self.status.as_ref())] {
            if let Some(command) = command {
                place.inspect_command(&at.key(key), command, notes);
            }
        }
    }
}
