//! Brings the server back when it dies.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::sleep};

use super::{
    Cluster, ClusterError, adopt,
    cluster::{Held, Shared},
    launch,
    server::Server,
};

/// Pause before the first new attempt; doubled with each that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterState {
    /// It accepts connections.
    Running {
        /// Its process id.
        pid: i32,
    },
    /// It died and is being started again.
    Restarting {
        /// Which attempt comes next, from 1.
        attempt: u32,
        /// Why it isn't running: how it ended, or why the last attempt failed.
        reason: String,
    },
    /// [`Cluster::stop`] was called.
    Stopped,
}

impl Cluster {
    /// Watches over the server until [`Cluster::stop`]; [`Cluster::state`] tells what happens. It never gives
    /// up: a disk that was full may have room again.
    pub fn supervise(&self) -> JoinHandle<()> {
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let mut held = shared.held.lock().await;
            let Some(held) = held.as_mut() else { return };
            tokio::select! {
                () = shared.stopping.cancelled() => {}
                () = keep_running(&shared, held) => {}
            }
        })
    }
}

async fn keep_running(shared: &Shared, held: &mut Held) {
    loop {
        let mut reason = match held.server.as_mut() {
            Some(server) => server.exited().await,
            None => "it was never started".to_owned(),
        };
        held.server = None;
        let (mut pause, mut attempt) = (FIRST_PAUSE, 1);
        let server = loop {
            tracing::error!(%reason, attempt, "the private PostgreSQL server is not running, starting it again");
            shared.state.send_replace(ClusterState::Restarting { attempt, reason });
            sleep(pause).await;
            match restart(shared).await {
                Ok(server) => break server,
                Err(error) => reason = error.to_string(),
            }
            (pause, attempt) = ((pause * 2).min(LONGEST_PAUSE), attempt + 1);
        };
        shared.state.send_replace(ClusterState::Running { pid: server.pid() });
        held.server = Some(server);
    }
}

async fn restart(shared: &Shared) -> Result<Server, ClusterError> {
    match adopt::adopt(&shared.site).await? {
        Some(server) => Ok(server),
        None => launch::launch(&shared.site).await,
    }
}
