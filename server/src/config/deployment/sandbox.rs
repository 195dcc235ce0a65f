//! `[deployment.sandbox]`: the throw-away place where drills restore. Its tools and credentials can't write to production.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::Error as _;

use super::reach;
use crate::config::{KeyPath, Notes, Span, text};

/// Tools, place and extent of drills.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sandbox {
    /// Folders with PostgreSQL's programs by major version, e.g. `{ 16 = "/usr/lib/postgresql/16/bin" }`. Left out: where the distribution puts them.
    #[serde(deserialize_with = "by_major")]
    #[schemars(with = "BTreeMap<String, text::LocalPath>")]
    pub bin_dir: BTreeMap<u32, PathBuf>,
    /// pgBackRest with its leading arguments, run on this host.
    pub pgbackrest: Vec<String>,
    /// pgbackrest.conf with repository credentials that can't write.
    #[schemars(extend("format" = "path"))]
    pub config: Option<PathBuf>,
    /// Under which folder drills restore, on an encrypted file system. Left out: `data_dir/sandbox`.
    #[schemars(extend("format" = "path"))]
    pub root: Option<PathBuf>,
    /// How long a failed drill is kept to be looked at. Left out: not at all.
    pub keep_failed: Option<Span>,
    /// Superuser of the restored cluster, where Muster can't find it out: production is asked first, then `postgres` is tried.
    pub superuser: Option<String>,
    /// Libraries that a restored server may preload, as `shared_preload_libraries` names them. pg_cron never is one.
    pub preload: Vec<String>,
    /// Roles that dumps name in policies and don't bring.
    pub roles: Vec<String>,
    /// Processes that restore at the same time.
    #[schemars(range(min = 1, max = 64))]
    pub jobs: u32,
    /// Longest time that a drill may take. Left out: 6 hours.
    pub time_limit: Option<Span>,
    /// Most bytes that a drill may need. Left out: what is free.
    pub disk_limit: Option<u64>,
    /// Most bytes of memory that the restored server may take. Left out: 4 GiB.
    #[schemars(range(min = 536_870_912))]
    pub memory_limit: Option<u64>,
    /// Most processors that it may keep busy, where systemd runs this host. Left out: all, after everything else that wants one.
    #[schemars(range(min = 1, max = 1024))]
    pub cpus: Option<u32>,
    /// Whether the disk below `root` is encrypted. Without it each receipt carries a warning.
    pub encrypted: bool,
    pub launcher: Launcher,
    pub agents: AgentChecks,
}

/// What starts a real Ampora on the restored copy. It is handed the master key, so two people approve it first.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Launcher {
    #[default]
    None,
    /// An argument vector.
    Command(Vec<String>),
    Kubernetes(KubernetesLauncher),
}

/// An overlay applied to a namespace of its own, which Muster makes and deletes in each drill.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct KubernetesLauncher {
    /// Folder with `kustomization.yaml`.
    #[schemars(extend("format" = "path"))]
    pub overlay: PathBuf,
    /// What the namespace of each drill begins with. No other may stand in the overlay.
    #[schemars(extend("format" = "argument"))]
    pub namespace: String,
    /// Left out: the service account of the pod that Muster runs in, else kubectl's own default.
    #[schemars(extend("format" = "path"))]
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
    /// Where Muster's agent connects to what was started, such as `ampora.{namespace}.svc:4320`; `{namespace}` is the drill's.
    #[schemars(extend("format" = "not-empty"))]
    pub agents: Option<String>,
    /// Address of this host at which Muster offers the restored copy to the cluster, with TLS and certificates of each drill.
    #[schemars(extend("format" = "socket-address"))]
    pub database: Option<SocketAddr>,
    /// Where Muster's connections come from, as the cluster sees them: the only way in.
    pub from: Option<text::Network>,
}

/// Whether a drill tries an agent's connection with a certificate of the restored authority.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AgentChecks {
    #[default]
    Probe,
    /// No certificate is ever issued, not even a test one.
    Off,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self {
            bin_dir: BTreeMap::new(),
            pgbackrest: super::source::pgbackrest(),
            config: None,
            root: None,
            keep_failed: None,
            superuser: None,
            preload: Vec::new(),
            roles: Vec::new(),
            jobs: 2,
            time_limit: None,
            disk_limit: None,
            memory_limit: None,
            cpus: None,
            encrypted: false,
            launcher: Launcher::None,
            agents: AgentChecks::Probe,
        }
    }
}

impl Sandbox {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        reach::inspect_arguments(&at.key("pgbackrest"), &self.pgbackrest, notes);
        if let Launcher::Command(command) = &self.launcher {
            reach::inspect_arguments(&at.key("launcher").key("command"), command, notes);
        }
        if let Launcher::Kubernetes(KubernetesLauncher {
            database: Some(address),
            ..
        }) = &self.launcher
            && address.ip().is_unspecified()
        {
            let at = at.key("launcher").key("kubernetes").key("database");
            notes.refuse(&at, "needs the one address that the cluster’s pods reach this host at");
        }
    }
}

fn by_major<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u32, PathBuf>, D::Error> {
    let written = BTreeMap::<String, PathBuf>::deserialize(deserializer)?;
    let parse = |(major, dir): (String, PathBuf)| match major.parse() {
        Ok(number @ 10..=99) => Ok((number, dir)),
        _ => Err(D::Error::custom(format!(
            "{major:?} is no major version of PostgreSQL, such as 16"
        ))),
    };
    written.into_iter().map(parse).collect()
}
