//! A started tool: waits for its end, its time limit or its cancellation, while its output is read.

use std::{io, process::ExitStatus, time::Duration};

use tokio::{
    process::{ChildStderr, ChildStdout},
    sync::mpsc,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    Invocation, Line, Output, ProcessError, ProcessIdentity, Stream,
    capture::{Capture, Captured, judge},
    direct::Direct,
    remote::{LocalEnd, Remote},
    supervised::Supervised,
};

/// Who holds the tool: Muster, or a supervisor that outlives Muster.
pub(super) enum Process {
    Direct(Direct),
    Supervised(Supervised),
}

/// A tool that was started and must be polled to its end. Dropped, it ends the tool with all its children.
pub struct Running {
    invocation: Invocation,
    program: String,
    process: Process,
    stdout: ChildStdout,
    stderr: ChildStderr,
    identity: ProcessIdentity,
}

/// Why a tool is no longer running.
enum End {
    Exited(ExitStatus),
    TimedOut(Duration),
    Cancelled,
}

impl Running {
    pub(super) fn new(invocation: Invocation, program: String, mut process: Process) -> Result<Self, ProcessError> {
        let (id, output) = match &mut process {
            Process::Direct(child) => (child.id(), child.output()),
            Process::Supervised(child) => (child.id(), child.output()),
        };
        let pid = id.and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
        // A child that is over already has left its number behind until it is waited for.
        let identity = ProcessIdentity::of(pid).unwrap_or(ProcessIdentity { pid, started: 0 });
        let Some((stdout, stderr)) = output else {
            return Err(ProcessError::Unreadable {
                program,
                source: io::ErrorKind::NotConnected.into(),
            });
        };
        Ok(Self {
            invocation,
            program,
            process,
            stdout,
            stderr,
            identity,
        })
    }

    /// The process to look for after a crash: the tool, or the supervisor that ends together with it.
    #[must_use]
    pub fn identity(&self) -> ProcessIdentity {
        self.identity
    }

    /// Waits for the end and returns what was written, whatever the exit status.
    pub async fn collect(self) -> Result<Output, ProcessError> {
        let Ended {
            status,
            program,
            stdout,
            stderr,
            tail,
        } = self.drive(None).await?;
        Ok(Output {
            stdout: stdout.kept,
            stderr: stderr.kept,
            stdout_dropped: stdout.dropped,
            stderr_dropped: stderr.dropped,
            status,
            program,
            tail,
        })
    }

    /// Waits for the end and hands over each line as it comes. Any exit status but 0 is an error.
    pub async fn stream(self, lines: mpsc::Sender<Line>) -> Result<(), ProcessError> {
        let ended = self.drive(Some(&lines)).await?;
        judge(ended.status, &ended.program, &ended.tail)
    }

    async fn drive(self, lines: Option<&mpsc::Sender<Line>>) -> Result<Ended, ProcessError> {
        let Self {
            invocation,
            program,
            mut process,
            stdout,
            stderr,
            ..
        } = self;
        let ended = CancellationToken::new();
        let limit = if lines.is_some() { 0 } else { invocation.kept };
        let secrets = &invocation.secrets;
        let capture = |stream| Capture {
            stream,
            limit,
            lines,
            secrets,
        };
        let ending = async {
            let end = end_of(&mut process, &invocation, &program).await;
            ended.cancel();
            end
        };
        let (end, stdout, stderr) = tokio::join!(
            ending,
            capture(Stream::Stdout).read(stdout, &ended),
            capture(Stream::Stderr).read(stderr, &ended)
        );
        let unreadable = |source| unreadable(&program, source);
        let (stdout, stderr) = (stdout.map_err(unreadable)?, stderr.map_err(unreadable)?);
        let tail = last_words(&stdout, &stderr);
        let errors = Vec::from(stderr.tail.clone());
        let status = end?.status(invocation.remote.as_ref(), &program, &tail, &errors)?;
        Ok(Ended {
            status,
            program,
            stdout,
            stderr,
            tail,
        })
    }
}

impl End {
    /// The exit status of a tool that ended by itself. `errors` is what it said last on standard error alone.
    fn status(
        self,
        remote: Option<&Remote>,
        program: &str,
        tail: &[String],
        errors: &[String],
    ) -> Result<ExitStatus, ProcessError> {
        let (program, tail) = (program.to_owned(), tail.to_vec());
        Err(match (self, remote) {
            (Self::Exited(status), None) => return Ok(status),
            (Self::Exited(status), Some(remote)) => return remote.answered(status, errors).map(|()| status),
            (Self::TimedOut(after), None) => ProcessError::TimedOut { program, after, tail },
            (Self::Cancelled, None) => ProcessError::Cancelled { program, tail },
            (Self::TimedOut(after), Some(remote)) => remote.out_of_sight(LocalEnd::TimedOut(after), tail),
            (Self::Cancelled, Some(remote)) => remote.out_of_sight(LocalEnd::Cancelled, tail),
        })
    }
}

/// A tool that ended by itself, and all it left.
struct Ended {
    status: ExitStatus,
    program: String,
    stdout: Captured,
    stderr: Captured,
    tail: Vec<String>,
}

fn unreadable(program: &str, source: io::Error) -> ProcessError {
    ProcessError::Unreadable {
        program: program.to_owned(),
        source,
    }
}

async fn end_of(process: &mut Process, invocation: &Invocation, program: &str) -> Result<End, ProcessError> {
    let unreadable = |source| unreadable(program, source);
    if let Process::Supervised(tool) = process {
        tool.begin(invocation, program).await?;
    }
    let exited = async {
        match process {
            Process::Direct(tool) => tool.wait().await.map_err(unreadable),
            Process::Supervised(tool) => tool.wait(program).await,
        }
    };
    let end = tokio::select! {
        status = exited => return Ok(End::Exited(status?)),
        after = elapsed(invocation.time_limit) => End::TimedOut(after),
        () = invocation.cancellation.cancelled() => End::Cancelled,
    };
    match process {
        Process::Direct(tool) => tool.end().await.map_err(unreadable)?,
        Process::Supervised(tool) => tool.end(program).await?,
    }
    Ok(end)
}

async fn elapsed(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            sleep(limit).await;
            limit
        }
        None => std::future::pending().await,
    }
}

/// What the tool said last: on standard error, or if that was silent, on standard output.
fn last_words(stdout: &Captured, stderr: &Captured) -> Vec<String> {
    let tail = if stderr.tail.iter().any(|line| !line.is_empty()) {
        &stderr.tail
    } else {
        &stdout.tail
    };
    tail.iter().cloned().collect()
}
