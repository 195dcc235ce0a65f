//! What comes out of a pgBackRest repository before the server starts: the backup's files, and the WAL up to where recovery has to reach.
//! Then the credentials of the repository are gone, and the server takes its WAL from a folder.

use std::time::Duration;

use domain::drill::WalNeeded;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Sandbox, SandboxError};
use crate::pgbackrest::{PgBackRest, RepoSecrets};
use crate::process::{Line, ProcessError};

/// WAL segments that are fetched at a time.
const AT_A_TIME: usize = 4;
const ONE_SEGMENT: Duration = Duration::from_secs(300);

/// A backup in a repository, and what opens that.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// The drill's own tool, whose credentials can't write.
    pub stanza: &'a PgBackRest,
    pub repo: u32,
    pub label: &'a str,
    /// From escrow, never from the host's own configuration, where there is any.
    pub escrow: Option<&'a RepoSecrets>,
    pub processes: u32,
    pub time_limit: Duration,
    pub cancellation: CancellationToken,
}

/// Where recovery stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovery {
    /// At the end of the WAL that was fetched.
    ToTheEnd { timeline: u32 },
    /// As soon as the backup is consistent.
    ToConsistency { timeline: u32 },
}

impl Fetch<'_> {
    /// Restores the backup's files into the sandbox.
    ///
    /// # Errors
    /// If pgBackRest fails.
    pub async fn files(&self, sandbox: &Sandbox, log: mpsc::Sender<Line>) -> Result<(), SandboxError> {
        let arguments = [
            format!("--set={}", self.label),
            format!("--process-max={}", self.processes),
            "--archive-mode=off".to_owned(),
            format!("--tablespace-map-all={}", sandbox.tablespaces().display()),
            // The recovery's own settings come from the command line; this only has it begin.
            "--type=default".to_owned(),
            format!("--lock-path={}", sandbox.conf().display()),
            "--log-level-console=info".to_owned(),
            "restore".to_owned(),
        ];
        let call = self.call(sandbox, &arguments);
        let call = call.time_limit(self.time_limit).supervised().low_priority();
        match call.cancelled_by(self.cancellation.clone()).stream(log).await {
            Err(ProcessError::Failed { tail, .. }) => Err(SandboxError::Told {
                what: "pgBackRest could not restore the backup’s files",
                said: tail.join("\n"),
            }),
            done => Ok(done?),
        }
    }

    /// Fetches segments and histories into the folder that the server will take them from.
    ///
    /// # Errors
    /// If one can't be had.
    pub async fn wal(&self, sandbox: &Sandbox, needed: &WalNeeded) -> Result<(), SandboxError> {
        let histories = needed
            .histories
            .iter()
            .map(|timeline| format!("{timeline:08X}.history"));
        let segments = needed.segments.iter().map(|segment| segment.name(needed.segment_size));
        let names: Vec<_> = histories.chain(segments).collect();
        let fetch = |name: String| self.one(sandbox, name);
        futures::stream::iter(names)
            .map(fetch)
            .buffer_unordered(AT_A_TIME)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(())
    }

    async fn one(&self, sandbox: &Sandbox, name: String) -> Result<(), SandboxError> {
        let to = sandbox.wal().join(&name);
        let arguments = [
            "--log-level-console=error".to_owned(),
            "archive-get".to_owned(),
            name.clone(),
            to.display().to_string(),
        ];
        let call = self
            .call(sandbox, &arguments)
            .time_limit(ONE_SEGMENT)
            .cancelled_by(self.cancellation.clone());
        match call.output().await {
            // pgBackRest ends with 1 where the archive hasn't got it.
            Err(ProcessError::Failed { status: 1, .. }) => Err(SandboxError::Told {
                what: "the archive lists WAL that it can’t hand out",
                said: name,
            }),
            Err(ProcessError::Failed { tail, .. }) => Err(SandboxError::Told {
                what: "WAL could not be fetched",
                said: format!("{name}: {}", tail.join("\n")),
            }),
            done => Ok(done.map(drop)?),
        }
    }

    fn call(&self, sandbox: &Sandbox, arguments: &[String]) -> crate::process::Invocation {
        let own = [
            format!("--repo={}", self.repo),
            // Never a path of production's: the tool would take its configuration's otherwise.
            format!("--pg1-path={}", sandbox.data().display()),
        ];
        self.stanza
            .rehearse(self.repo, self.escrow, own.iter().chain(arguments))
    }
}

impl Sandbox {
    /// How the server recovers from the folder of fetched WAL.
    #[must_use]
    pub fn recovery(&self, recovery: Recovery) -> Vec<(String, String)> {
        let from = self
            .wal()
            .display()
            .to_string()
            .replace('%', "%%")
            .replace('\'', r"'\''");
        let (timeline, target) = match recovery {
            Recovery::ToTheEnd { timeline } => (timeline, ""),
            Recovery::ToConsistency { timeline } => (timeline, "immediate"),
        };
        [
            ("restore_command", format!("cp '{from}'/%f %p")),
            ("recovery_target", target.to_owned()),
            ("recovery_target_action", "promote".to_owned()),
            ("recovery_target_timeline", timeline.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
