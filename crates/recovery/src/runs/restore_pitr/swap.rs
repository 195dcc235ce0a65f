//! From the second decision to the swap: the last time to find that something moved, and the two renames.

use std::time::Duration;

use adapters::database_host::ServerState;
use domain::approval::{Decision, Request};
use domain::plan::RecoveryStop;
use domain::time::Timestamp;
use tokio::time::{Instant, sleep};

use super::{Site, failed};
use crate::plans::Back;
use crate::runs::execution::StepError;
use crate::runs::report;

/// Time that a server has to be down after its command ended well.
const DOWN: Duration = Duration::from_secs(30);

impl Site<'_> {
    pub(super) async fn check_copy(&self, index: usize) -> Result<String, StepError> {
        let copy = self.copy();
        let look = self.look_through(&copy.socket()).await?;
        for sentence in &look.sentences {
            self.run.note(Some(index), sentence).await?;
        }
        if !look.against.is_empty() {
            return Err(StepError::Failed(format!(
                "the copy doesn’t fit: {}",
                look.against.join("; ")
            )));
        }
        Ok(look.sentences.join("; "))
    }

    /// A worker may come here after a crash: that somebody decided is proven again, as everything else is.
    pub(super) async fn is_decided(&self, request: &Request) -> Result<(), StepError> {
        let decided = self.second_decision(request).await?.map(|decided| decided.decision);
        if decided == Some(Decision::Promote) {
            return Ok(());
        }
        Err(StepError::GivenUp(
            "nobody decided that the copy takes the cluster’s place".into(),
        ))
    }

    pub(super) async fn stop(&self, request: &Request) -> Result<String, StepError> {
        self.is_decided(request).await?;
        let moved = self.place_moved().await?;
        if !moved.is_empty() {
            return Err(StepError::Stale(moved));
        }
        self.measure_gap().await?;
        self.copy().stop().await.map_err(failed)?;
        let server = &self.plan.server;
        self.host()
            .fence(&self.beside, &server.pgdata, &server.superuser, &self.recovery())
            .await
            .map_err(failed)?;
        self.down().await?;
        Ok(format!("the server of {} is down, and the copy’s too", server.pgdata))
    }

    /// Stops the server by its own command, and waits until it is down.
    pub(super) async fn down(&self) -> Result<(), StepError> {
        let server = &self.plan.server;
        if self.runs(&server.pgdata).await? {
            let stopped = self.host().hook(&self.plan.stop_command).await;
            stopped.map_err(|error| StepError::Failed(format!("the stop command failed: {error}")))?;
        }
        let since = Instant::now();
        while self.runs(&server.pgdata).await? {
            if since.elapsed() > DOWN {
                return Err(StepError::Failed(
                    "the stop command ended well, and the server still runs".into(),
                ));
            }
            sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }

    /// What is lost by going back to where the copy stands. Both answer now and won't again.
    async fn measure_gap(&self) -> Result<(), StepError> {
        let last = match self.copy().state().await.map_err(failed)? {
            ServerState::Answers(replay) => replay.last_commit.and_then(Timestamp::from_timestamp_micros),
            ServerState::Stopped | ServerState::Starting => None,
        };
        self.measure(last).await
    }

    /// The same, where the last commit that is kept is this one.
    pub(super) async fn measure(&self, last: Option<Timestamp>) -> Result<(), StepError> {
        let (at, exclusive) = match (self.plan.stop, last) {
            (RecoveryStop::Time { time, exclusive }, _) => (time, exclusive),
            (RecoveryStop::Latest, Some(last)) => (last, false),
            (RecoveryStop::Latest, None) => return Ok(()),
        };
        let back = Back {
            at,
            exclusive,
            sure: true,
            known: last,
            cluster: true,
        };
        report::measure(self.run, self.deployment, &back).await
    }

    pub(super) async fn runs(&self, data: &str) -> Result<bool, StepError> {
        self.host()
            .is_running(&self.plan.server.bin_dir, data)
            .await
            .map_err(failed)
    }

    pub(super) async fn swap(&self) -> Result<String, StepError> {
        let server = &self.plan.server;
        // Whatever brought the server up again must not lose its directory under it.
        if self.runs(&server.pgdata).await? || self.runs(&self.beside).await? {
            return Err(StepError::Failed(
                "a server runs again in one of the two directories; nothing was moved".into(),
            ));
        }
        let old = self
            .host()
            .control_data(&server.bin_dir, &server.pgdata)
            .await
            .map_err(failed)?;
        if old.system_identifier != server.system_identifier {
            return Err(StepError::Failed(
                "another cluster stands there now; nothing was moved".into(),
            ));
        }
        self.host()
            .swap(&server.pgdata, &self.beside, &self.before)
            .await
            .map_err(failed)?;
        Ok(format!(
            "the old cluster is kept in {}: what it committed and never archived is still there",
            self.before
        ))
    }
}
