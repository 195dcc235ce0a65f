//! How a deployment is rehearsed, and what the site allows in all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adapters::kubernetes::{KubernetesSettings, Openings};
use adapters::process::Tool;
use adapters::sandbox::Sandboxes;
use chrono::TimeDelta;
use chrono_tz::Tz;
use domain::drill::Choice;

use crate::drills::Signer;

/// Drills of the whole site.
#[derive(Clone, Debug)]
pub struct DrillSite {
    /// Sandboxes that exist at a time.
    pub parallel: u32,
    /// Signs receipts. `None`: this process has no key.
    pub signer: Option<Arc<Signer>>,
}

impl Default for DrillSite {
    fn default() -> Self {
        Self {
            parallel: 2,
            signer: None,
        }
    }
}

/// Drills of one deployment.
#[derive(Clone, Debug, Default)]
pub struct Drills {
    /// `None`: this process runs no drills.
    pub sandbox: Option<Sandbox>,
    pub schedule: Option<Schedule>,
    /// What drills have AWS make of sources of kind rds, by name. Without an entry none is rehearsed.
    pub managed: BTreeMap<String, ManagedCopy>,
    /// Questions of the site’s own.
    pub checks: Vec<SiteCheck>,
}

/// How a temporary instance is to be. What isn't said is as the source has it, and never what AWS would choose.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ManagedCopy {
    pub class: Option<String>,
    pub subnet_group: Option<String>,
    pub parameter_group: Option<String>,
    pub security_groups: Option<Vec<String>>,
}

/// Where and with what it is restored.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub places: Sandboxes,
    /// Folders with PostgreSQL's programs, by major version.
    pub bin_dir: BTreeMap<u32, PathBuf>,
    /// pgBackRest with credentials that can't write, or why there is none.
    pub pgbackrest: Result<Tool, String>,
    /// Who the superuser of restored clusters may be, most likely first.
    pub superusers: Vec<String>,
    /// Libraries that a restored server may preload.
    pub preload: Vec<String>,
    /// Roles that dumps name and don't bring.
    pub roles: Vec<String>,
    /// Processes of one restore.
    pub jobs: u32,
    pub time_limit: Duration,
    /// Bytes that a sandbox may take. `None`: what the disk has.
    pub disk_limit: Option<u64>,
    pub keep_failed: Option<TimeDelta>,
    /// The operator says that the sandbox's disk is encrypted.
    pub encrypted: bool,
    pub agents: Agents,
}

/// Whether an agent visits a server on the copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Agents {
    /// It doesn't, and why.
    Not(String),
    /// The server to start, with placeholders for what a drill fills in. It is handed the master key.
    Launched(Vec<String>),
    /// The overlay to apply to a cluster. The key is in a Secret there while it runs.
    InCluster(Overlaid),
}

/// A launcher in a Kubernetes cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overlaid {
    pub cluster: KubernetesSettings,
    /// Folder with `kustomization.yaml`.
    pub overlay: PathBuf,
    /// What the namespace of each drill begins with, and the only one that the overlay may name.
    pub namespace: String,
    /// Where what it starts takes agents: `host:port`, in which `{namespace}` is the drill's.
    pub agents: String,
    pub openings: Openings,
}

impl From<&str> for Agents {
    fn from(why: &str) -> Self {
        Self::Not(why.into())
    }
}

/// When drills begin by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Five fields, as in crontab(5).
    pub cron: String,
    pub zone: Tz,
    pub choice: Choice,
}

/// A statement that answers one value, and what it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteCheck {
    pub name: String,
    pub query: String,
    pub expect: String,
}
