//! The foreign programs that Muster calls, and the account they run as.

use std::path::Path;

use adapters::dumps::Scratch;
use adapters::postgres::Binaries;
use adapters::process::{self, RunAs, Tool};

use crate::config::deployment::{Kubernetes, Place, Transport};

/// What was found on this machine.
pub struct Tools {
    run_as: Option<RunAs>,
    pg_restore: Tool,
    scratch: Scratch,
}

/// Where copies of dumps go for a moment, below `data_dir`.
const SCRATCH: &str = "scratch";

impl Tools {
    /// # Errors
    /// If Muster is root and there is no account to run tools as.
    pub fn find(data_dir: &Path) -> anyhow::Result<Self> {
        let run_as = RunAs::unprivileged()?;
        // The newest reads the archives of all older ones. Where no server is installed, a client package may be.
        let pg_restore = Binaries::installed()
            .first()
            .map_or_else(|| Tool::new("pg_restore"), |newest| newest.tool("pg_restore"));
        Ok(Self {
            pg_restore: pg_restore.run_as(run_as.clone()),
            scratch: Scratch {
                root: data_dir.join(SCRATCH),
                reader: run_as.clone(),
            },
            run_as,
        })
    }

    /// The account that tools run as, if other than Muster's own.
    pub fn run_as(&self) -> Option<RunAs> {
        self.run_as.clone()
    }

    pub fn pg_restore(&self) -> Tool {
        self.pg_restore.clone()
    }

    pub fn scratch(&self) -> Scratch {
        self.scratch.clone()
    }

    /// A command of the configuration, where it is to run.
    pub fn configured(
        &self,
        command: &[String],
        place: Place<'_>,
        cluster: Option<&Kubernetes>,
    ) -> anyhow::Result<Tool> {
        let tool = match (place.transport, place.host) {
            (Transport::Local, _) => Tool::from_command(command),
            (Transport::Ssh, Some(host)) => Tool::over_ssh(place.ssh, host, command),
            (Transport::Ssh, None) => Tool::spelled_out(command, process::Transport::Ssh),
            (Transport::Kubectl, Some(pod)) => in_pod(cluster.unwrap_or(&Kubernetes::default()), pod, command),
            (Transport::Kubectl, None) => Tool::spelled_out(command, process::Transport::Kubectl),
        };
        Ok(tool?.run_as(self.run_as.clone()))
    }
}

fn in_pod(cluster: &Kubernetes, pod: &str, command: &[String]) -> Result<Tool, process::ProcessError> {
    let kubeconfig = cluster.kubeconfig.as_ref();
    let kubeconfig = kubeconfig.map(|file| format!("--kubeconfig={}", file.display()));
    let context = cluster.context.as_ref().map(|name| format!("--context={name}"));
    let kubectl: Vec<_> = ["kubectl".to_owned()]
        .into_iter()
        .chain(kubeconfig)
        .chain(context)
        .collect();
    Tool::in_pod(&kubectl, &cluster.namespace, pod, command)
}
