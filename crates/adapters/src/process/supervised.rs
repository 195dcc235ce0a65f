//! The worker's side of a supervised tool.

use std::{
    io,
    os::{fd::OwnedFd, unix::net, unix::process::ExitStatusExt},
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::AsyncWriteExt,
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

use super::{
    GRACE, Invocation, ProcessError,
    protocol::{self, Report},
    supervisor,
};

/// A supervisor and the lifeline to it. Closing the lifeline, also by dying, ends the tool.
pub(super) struct Supervised {
    supervisor: Child,
    lifeline: OwnedWriteHalf,
    reports: OwnedReadHalf,
}

impl Supervised {
    /// Starts a supervisor that waits for its order.
    pub fn stand_by(program: &str) -> Result<Self, ProcessError> {
        let Some(executable) = supervisor::executable() else {
            return Err(ProcessError::NoSupervisor {
                program: program.to_owned(),
            });
        };
        let start = || {
            let (ours, theirs) = net::UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            let (reports, lifeline) = UnixStream::from_std(ours)?.into_split();
            let supervisor = Command::new(executable)
                .arg0("muster")
                .arg(supervisor::ARGUMENT)
                .env_clear()
                .current_dir("/")
                .stdin(Stdio::from(OwnedFd::from(theirs)))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .process_group(0)
                .spawn()?;
            Ok(Self {
                supervisor,
                lifeline,
                reports,
            })
        };
        start().map_err(|source| ProcessError::NotStarted {
            program: format!("the supervisor of {program}"),
            user: None,
            source,
        })
    }

    pub fn id(&self) -> Option<u32> {
        self.supervisor.id()
    }

    pub fn output(&mut self) -> Option<(ChildStdout, ChildStderr)> {
        Some((self.supervisor.stdout.take()?, self.supervisor.stderr.take()?))
    }

    /// Lets the supervisor start the tool.
    pub async fn begin(&mut self, invocation: &Invocation, program: &str) -> Result<(), ProcessError> {
        let order = &invocation.order;
        let sent = protocol::send(&mut self.lifeline, order).await;
        sent.map_err(|source| ProcessError::NotStarted {
            program: program.to_owned(),
            user: None,
            source,
        })?;
        match protocol::receive(&mut self.reports).await {
            Ok(Report::Started) => Ok(()),
            Ok(Report::Refused(errno)) => {
                let source = io::Error::from_raw_os_error(errno);
                Err(order.refused(program, invocation.run_as.as_ref(), source))
            }
            Ok(Report::Ended(_)) | Err(_) => Err(lost(program)),
        }
    }

    /// The tool's own exit status, as its supervisor reports it.
    pub async fn wait(&mut self, program: &str) -> Result<ExitStatus, ProcessError> {
        let Ok(Report::Ended(status)) = protocol::receive(&mut self.reports).await else {
            return Err(lost(program));
        };
        // It only has to exit now; that closes the pipes the tool wrote to.
        let _ = timeout(GRACE, self.supervisor.wait()).await;
        Ok(ExitStatus::from_raw(status))
    }

    /// Has the supervisor end the tool's group, gently first.
    pub async fn end(&mut self, program: &str) -> Result<(), ProcessError> {
        // If it is gone already, waiting says so.
        let _ = self.lifeline.shutdown().await;
        timeout(GRACE * 2, self.wait(program))
            .await
            .map_err(|_| lost(program))?
            .map(drop)
    }
}

fn lost(program: &str) -> ProcessError {
    ProcessError::SupervisorLost {
        program: program.to_owned(),
    }
}
