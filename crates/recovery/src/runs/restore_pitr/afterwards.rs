//! What follows once clients are in: a full backup of the new timeline, and whether WAL is archived. The restore itself is done by then, so
//! nothing here undoes or hides it: what can't be done is left to a person, in words of its own, as *needs human*. A run that succeeded has it all.

use adapters::pgbackrest::PgBackRest;
use adapters::process::ProcessError;
use domain::run::RunState;
use tokio::time::{Instant, sleep};

use super::tool::{GONE, LOOK};
use super::{Site, failed};
use crate::plans;
use crate::runs::execution::StepError;
use crate::runs::manual::{self, Seen};

impl Site<'_> {
    /// Takes the backup, unless one of this timeline is there already: whoever comes after a crash finds it.
    pub(super) async fn full_backup(&self, index: usize, resumed: bool) -> Result<String, StepError> {
        let timeline = self.timeline().await?;
        if let Some(label) = self.full_of(timeline).await? {
            return Ok(format!("{label} is a full backup of timeline {timeline}"));
        }
        let repo = self.plan.repo;
        let none = format!("repo{repo} has no full backup of timeline {timeline}");
        let step = &self.plan.steps[index];
        if step.manual.is_some() {
            return manual::settled(self.run, step, Seen::Unknown(none)).await;
        }
        if resumed {
            self.run
                .note(
                    Some(index),
                    "an earlier try was interrupted: pgBackRest goes on with what it left",
                )
                .await?;
            self.no_tool_goes_on(index).await?;
        }
        self.follow_after(index).await?;
        match self.full_of(timeline).await? {
            Some(label) => Ok(format!("{label} in repo{repo} is a full backup of timeline {timeline}")),
            None => Err(StepError::Failed(format!("pgBackRest ended well, and {none}"))),
        }
    }

    pub(super) async fn check_archiving(&self, index: usize, resumed: bool) -> Result<String, StepError> {
        if resumed {
            self.no_tool_goes_on(index).await?;
        }
        self.follow_after(index).await?;
        let timeline = self.timeline().await?;
        Ok(format!("WAL of timeline {timeline} arrives in each repository"))
    }

    /// The timeline that the restored cluster writes. Its control file has it since the server was restarted to let clients in.
    async fn timeline(&self) -> Result<u32, StepError> {
        let server = &self.plan.server;
        let control = self.host().control_data(&server.bin_dir, &server.pgdata).await;
        let timeline = control.map_err(failed)?.timeline;
        timeline.ok_or_else(|| StepError::Failed(format!("{} tells no timeline", server.pgdata)))
    }

    async fn full_of(&self, timeline: u32) -> Result<Option<String>, StepError> {
        let found = self.stanza()?;
        let cluster = (self.plan.server.system_identifier, timeline);
        let found = Box::pin(found.full_of(self.plan.repo, cluster)).await;
        let found = found.map_err(|error| StepError::Failed(format!("the backups can’t be read: {error}")))?;
        Ok(found.map(|backup| backup.label))
    }

    fn stanza(&self) -> Result<PgBackRest, StepError> {
        let stanza = plans::on_host(self.settings, &self.plan.source, &self.plan.stanza);
        stanza.map_err(|error| StepError::Failed(error.to_string()))
    }

    /// Runs the step's command, its words kept.
    async fn follow_after(&self, index: usize) -> Result<(), StepError> {
        let argv = &self.plan.steps[index].argv;
        let plain = self.host().command(argv).map_err(failed)?.invoke(Vec::<String>::new());
        self.run.note(Some(index), &plain.command_line()).await?;
        let followed = Box::pin(self.follow(index, argv)).await?;
        match followed.ended {
            Ok(()) => Ok(()),
            Err(error @ (ProcessError::MayStillRun { .. } | ProcessError::Unreachable { .. })) => {
                self.no_tool_goes_on(index).await?;
                Err(StepError::Failed(format!(
                    "pgbackrest on {} was ended with all its processes, and looked for: {error}",
                    self.host().name()
                )))
            }
            Err(error) => Err(StepError::Failed(error.to_string())),
        }
    }

    /// Ends what an earlier worker, or a connection that broke, left on the host. One that can't be ended harms nothing but a second one.
    async fn no_tool_goes_on(&self, index: usize) -> Result<(), StepError> {
        let pgdata = &self.plan.server.pgdata;
        let words = &self.plan.steps[index].argv;
        let directory = words
            .iter()
            .position(|word| word.starts_with("--pg1-path="))
            .unwrap_or_default();
        let own = words[directory..].join(" ");
        let since = Instant::now();
        loop {
            let ended = self.host().end_held(pgdata, self.holder()).await;
            ended.map_err(failed)?;
            if !self.host().mentions(&own).await.map_err(failed)? {
                return Ok(());
            }
            if since.elapsed() > GONE {
                return Err(StepError::Failed(format!(
                    "pgbackrest of an earlier try may still be running on {}",
                    self.host().name()
                )));
            }
            sleep(LOOK).await;
        }
    }

    /// How a run ends whose restore is done and whose step `index` isn't.
    pub(super) fn left_to_do(&self, index: usize, state: &RunState) -> String {
        let (server, backup) = (&self.plan.server, &self.plan.backup);
        let why = match state {
            RunState::Cancelled { .. } => "was cancelled",
            state => state.reason().unwrap_or("no reason was kept"),
        };
        let commands = self.plan.steps.iter().skip(index).map(|step| {
            if step.argv.is_empty() {
                step.detail.clone()
            } else {
                step.argv.join(" ")
            }
        });
        format!(
            "The restore is done: {} on {} stands at its target and clients are in. Nothing of it has to be undone. What follows is left to you: \
             {} ({why}). Until there is a full backup of the new timeline, whatever is written hangs on the backup {backup} and on every WAL \
             segment since. On {}, as the user of the database: {}",
            server.pgdata,
            server.host,
            self.plan
                .steps
                .get(index)
                .map_or("the last step", |step| step.name.as_str()),
            server.host,
            commands.collect::<Vec<_>>().join("; then ")
        )
    }
}
