//! pgBackRest on the host: run as the plan says, its words kept, ended where it runs, and what it restored made sure of.

use std::time::Duration;

use adapters::database_host::{Held, HostError};
use adapters::process::ProcessError;
use domain::plan::RestorePitr;
use tokio::time::{Instant, sleep};

use super::{Site, failed};
use crate::runs::execution::StepError;
use crate::runs::tool_log::{self, Followed};

/// How often is looked whether it is gone.
pub(super) const LOOK: Duration = Duration::from_millis(500);
/// A tool whose worker died is ended by its supervisor within this time.
pub(super) const GONE: Duration = Duration::from_secs(20);

impl Site<'_> {
    /// Runs pgBackRest as the plan says, and makes sure of what it restored.
    pub(super) async fn run_restore(&self, index: usize) -> Result<(), StepError> {
        let step = self.plan.steps.get(index).map_or(&[][..], |step| &step.argv);
        let argv: Vec<_> = step
            .iter()
            .map(|word| RestorePitr::of_run(word, self.run.run()))
            .collect();
        let plain = self.host().command(&argv).map_err(failed)?.invoke(Vec::<String>::new());
        self.run.note(Some(index), &plain.command_line()).await?;
        let followed = self.follow(index, &argv).await?;
        if let Err(error) = followed.ended {
            return Err(self.restore_failed(&error).await);
        }
        if !followed.errors.is_empty() {
            return Err(StepError::Failed(format!(
                "pgBackRest ended well and spoke of errors all the same: {}. What it restored isn’t trusted",
                followed.errors.join("; ")
            )));
        }
        self.is_of_the_cluster().await
    }

    /// Runs a command on the host so that it can be ended there, and keeps its words.
    pub(super) async fn follow(&self, index: usize, argv: &[String]) -> Result<Followed, StepError> {
        let pgdata = &self.plan.server.pgdata;
        let call = self.host().held(pgdata, self.holder(), argv).map_err(failed)?;
        let call = call.supervised().cancelled_by(self.run.end.clone());
        tool_log::follow(self.run, index, call).await
    }

    /// A connection that ended says nothing of the tool: it is ended where it runs, and only where nobody can tell is it left to a person.
    pub(super) async fn restore_failed(&self, error: &ProcessError) -> StepError {
        match error {
            ProcessError::MayStillRun { .. } | ProcessError::Unreachable { .. } => match self.ended_there().await {
                Ok(()) => StepError::Failed(format!(
                    "pgbackrest on {} was ended with all its processes, and looked for: {error}",
                    self.host().name()
                )),
                Err(unknown) => unknown,
            },
            _ => StepError::Failed(error.to_string()),
        }
    }

    /// Ends this run's restore on the host, then proves that none goes on: it would write into the same directory.
    pub(super) async fn ended_there(&self) -> Result<(), StepError> {
        let pgdata = &self.plan.server.pgdata;
        let since = Instant::now();
        loop {
            // Asked each time: one that was about to start had no record yet.
            let ended = self.host().end_held(pgdata, self.holder()).await;
            let held = ended.map_err(|error| self.no_answer(&error))?;
            let seen = self.host().mentions(&self.own_restore()).await;
            let seen = seen.map_err(|error| self.no_answer(&error))?;
            if held == Held::Gone && !seen {
                return Ok(());
            }
            if held == Held::MayStillRun || since.elapsed() > GONE {
                return Err(StepError::NeedsHuman(format!(
                    "pgbackrest may still be running on {} and writes into {}: end it there, then ask for the restore anew. {}",
                    self.host().name(),
                    self.restored,
                    self.unharmed()
                )));
            }
            sleep(LOOK).await;
        }
    }

    /// Part of the command line of this run's restore, and of no other process: the copy's server names the directory too.
    pub(super) fn own_restore(&self) -> String {
        format!("--pg1-path={} --type=", self.restored)
    }

    fn no_answer(&self, error: &HostError) -> StepError {
        StepError::NeedsHuman(format!(
            "{} doesn’t answer, so pgbackrest may still be running there and write into {}: {error}. {}. Look on the host, and end what is left \
             there, before anything is restored again",
            self.host().name(),
            self.restored,
            self.unharmed()
        ))
    }

    /// The repository may hold another cluster under the same name.
    async fn is_of_the_cluster(&self) -> Result<(), StepError> {
        let server = &self.plan.server;
        let control = self
            .host()
            .control_data(&server.bin_dir, &self.restored)
            .await
            .map_err(failed)?;
        if control.system_identifier == server.system_identifier {
            return Ok(());
        }
        Err(StepError::Failed(format!(
            "what was restored is the cluster {}, not {}",
            control.system_identifier, server.system_identifier
        )))
    }
}
