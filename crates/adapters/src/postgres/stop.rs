//! Stops the server in order, and at once if it doesn't listen.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::timeout;

use super::{Cluster, ClusterError, ClusterState, layout::Layout, server::Server};

/// A fast shutdown ends sessions and writes a checkpoint.
const FAST: Duration = Duration::from_secs(30);
/// An immediate one only ends processes; the next start then recovers from WAL.
const IMMEDIATE: Duration = Duration::from_secs(10);

impl Cluster {
    /// Stops the server, ends its supervision and lets go of the folder. A second call does nothing.
    pub async fn stop(&self) -> Result<(), ClusterError> {
        self.shared.stopping.cancel();
        let mut held = self.shared.held.lock().await;
        let Some(running) = held.as_mut() else { return Ok(()) };
        if let Some(server) = running.server.as_mut() {
            shut_down(server, &self.shared.site.layout).await?;
        }
        *held = None;
        self.shared.state.send_replace(ClusterState::Stopped);
        Ok(())
    }
}

/// The signals `pg_ctl stop` sends for its modes fast and immediate, to a process known by more than its number.
pub(super) async fn shut_down(server: &mut Server, layout: &Layout) -> Result<(), ClusterError> {
    for (signal, patience) in [(Signal::INT, FAST), (Signal::QUIT, IMMEDIATE)] {
        server
            .signal(signal)
            .map_err(ClusterError::file("signalled", layout.data()))?;
        if timeout(patience, server.exited()).await.is_ok() {
            return Ok(());
        }
        tracing::warn!(pid = server.pid(), ?patience, "PostgreSQL did not stop in time");
    }
    Err(ClusterError::NotStopped {
        data: layout.data(),
        pid: server.pid(),
    })
}
