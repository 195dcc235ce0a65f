//! The jobs that run beside the pages. One that panics is started again; one that is asked to end gets a moment for it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pause before a job that panicked is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// Running jobs.
#[derive(Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// `stop` ends them all.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop,
        }
    }

    /// Starts a job that runs until the token it is given is cancelled.
    pub fn run<F, W>(&self, name: &'static str, job: F)
    where
        F: Fn(CancellationToken) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            while !stop.is_cancelled() {
                if let Err(panicked) = tokio::spawn(job(stop.clone())).await {
                    tracing::error!(job = name, error = %panicked, "a job panicked; it is started again");
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        });
    }

    /// Waits until all have ended.
    pub async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_is_started_again_and_ends_when_asked() {
        let stop = CancellationToken::new();
        let tasks = Tasks::new(stop.clone());
        let starts = Arc::new(AtomicU32::new(0));
        let counted = starts.clone();
        tasks.run("test", move |stop| {
            let start = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(start > 0, "the first start panics");
                stop.cancelled().await;
            }
        });
        while starts.load(Ordering::Relaxed) < 2 {
            tokio::time::sleep(PAUSE / 20).await;
        }
        stop.cancel();
        tasks.ended().await;
        assert_eq!(starts.load(Ordering::Relaxed), 2);
    }
}
