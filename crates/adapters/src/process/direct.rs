//! A tool as a child of Muster itself, in a process group of its own.

use std::{io, process::ExitStatus, process::Stdio};

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use rustix::process::{Pid, Signal, setpriority_process};
use tokio::{
    io::AsyncWriteExt,
    process::{ChildStderr, ChildStdin, ChildStdout},
    time::timeout,
};
use zeroize::Zeroizing;

use super::{GRACE, Invocation, ProcessError};

/// A running child; its whole group is killed when this is dropped before the child ended.
pub(super) struct Direct {
    child: Box<dyn ChildWrapper>,
    over: bool,
}

impl Direct {
    pub fn start(invocation: &mut Invocation, program: &str) -> Result<Self, ProcessError> {
        let order = &mut invocation.order;
        let mut command = order.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if order.input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut command = CommandWrap::from(command);
        let spawned = command.wrap(ProcessGroup::leader()).wrap(KillOnDrop).spawn();
        let mut child = spawned.map_err(|source| order.refused(program, invocation.run_as.as_ref(), source))?;
        if order.niceness != 0 {
            lower_priority(child.id(), order.niceness);
        }
        if let (Some(stdin), Some(input)) = (child.stdin().take(), order.input.take()) {
            tokio::spawn(feed(stdin, Zeroizing::new(input)));
        }
        Ok(Self { child, over: false })
    }

    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub fn output(&mut self) -> Option<(ChildStdout, ChildStderr)> {
        Some((self.child.stdout().take()?, self.child.stderr().take()?))
    }

    /// Waits for the tool, then ends whatever it left in its group: a tool that is done has no business there.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.over = true;
        // An empty group is the rule, and says "no such process".
        let _ = self.child.start_kill();
        Ok(status)
    }

    /// Asks the whole group to end, and kills it if it doesn't.
    pub async fn end(&mut self) -> io::Result<()> {
        self.child.signal(Signal::TERM.as_raw())?;
        if timeout(GRACE, self.wait()).await.is_err() {
            self.child.start_kill()?;
            self.wait().await?;
        }
        Ok(())
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        if !self.over {
            let _ = self.child.start_kill();
        }
    }
}

/// Writes a tool's input and closes it. A tool that doesn't read all of it says so by its exit status.
pub(super) async fn feed(mut stdin: ChildStdin, input: Zeroizing<Vec<u8>>) {
    let _ = stdin.write_all(&input).await;
}

fn lower_priority(id: Option<u32>, niceness: i32) {
    // Without an id the child is over; the call below would then slow Muster itself down.
    let Some(pid) = id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else {
        return;
    };
    if let Err(error) = setpriority_process(Some(pid), niceness) {
        tracing::debug!(%error, "a background tool keeps its normal priority");
    }
}
