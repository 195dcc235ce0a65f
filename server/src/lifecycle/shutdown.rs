//! The end, as it is asked for: once to end in order, twice to wait for nothing that can be left behind safely.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Tells everybody when to end.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// End in order.
    pub stop: CancellationToken,
    /// Don't wait for connections and jobs any more. What Muster started is ended all the same.
    pub hurry: CancellationToken,
}

impl Shutdown {
    /// Listens to SIGINT, SIGTERM and, for a terminal that was closed, SIGHUP.
    ///
    /// # Errors
    /// If the signals can't be had.
    pub fn on_signals() -> anyhow::Result<Self> {
        let shutdown = Self::default();
        let mut signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
            .into_iter()
            .map(signal)
            .collect::<Result<Vec<_>, _>>()?;
        let Self { stop, hurry } = shutdown.clone();
        tokio::spawn(async move {
            any(&mut signals).await;
            tracing::info!("stopping; a second signal stops without waiting");
            stop.cancel();
            any(&mut signals).await;
            hurry.cancel();
        });
        Ok(shutdown)
    }

    /// Waits for `work`, but neither longer than `limit` after the end was asked for, nor when it shall hurry.
    /// `false`: it was left unfinished.
    pub async fn bounded(&self, limit: std::time::Duration, work: impl Future<Output = ()>) -> bool {
        let late = async {
            self.stop.cancelled().await;
            tokio::select! {
                () = tokio::time::sleep(limit) => {}
                () = self.hurry.cancelled() => {}
            }
        };
        tokio::select! {
            () = work => true,
            () = late => false,
        }
    }
}

async fn any(signals: &mut [Signal]) {
    let received = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures::future::select_all(received).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn work_gets_its_time_after_the_end_was_asked_for_and_no_more() {
        let shutdown = Shutdown::default();
        assert!(shutdown.bounded(Duration::ZERO, tokio::time::sleep(MOMENT)).await);
        shutdown.stop.cancel();
        assert!(shutdown.bounded(MOMENT * 100, tokio::time::sleep(MOMENT)).await);
        assert!(!shutdown.bounded(MOMENT, std::future::pending()).await);
        shutdown.hurry.cancel();
        assert!(!shutdown.bounded(Duration::from_secs(500), std::future::pending()).await);
    }
}
