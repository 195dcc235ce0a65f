//! A handle on a running server, whether Muster started it or found it.

use std::{io, time::Duration};

use rustix::process::Signal;
use tokio::{process::Child, time::sleep};

use crate::process::ProcessIdentity;

/// How often a server that isn't our child is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A postmaster process.
pub(super) struct Server {
    identity: ProcessIdentity,
    /// `None` if an earlier Muster started it.
    child: Option<Child>,
    /// Whether dropping this ends the server: until it is known to be good.
    provisional: bool,
}

impl Server {
    /// A child that is ended when this is dropped, until [`Self::confirm`] was called.
    pub fn started(child: Child) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
        let identity = ProcessIdentity::of(pid).unwrap_or(ProcessIdentity { pid, started: 0 });
        Self {
            identity,
            child: Some(child),
            provisional: true,
        }
    }

    pub fn adopted(identity: ProcessIdentity) -> Self {
        Self {
            identity,
            child: None,
            provisional: false,
        }
    }

    pub fn confirm(mut self) -> Self {
        self.provisional = false;
        self
    }

    pub fn pid(&self) -> i32 {
        self.identity.pid
    }

    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        self.identity.signal(signal)
    }

    /// How the server ended, if it has.
    pub fn try_exited(&mut self) -> Option<String> {
        match &mut self.child {
            Some(child) => match child.try_wait() {
                Ok(None) => None,
                Ok(Some(status)) => Some(status.to_string()),
                Err(error) => Some(error.to_string()),
            },
            None => (!self.identity.is_alive()).then(|| "it was not Muster's own child".to_owned()),
        }
    }

    /// Waits until the server has ended and says how.
    pub async fn exited(&mut self) -> String {
        if let Some(child) = &mut self.child {
            return child
                .wait()
                .await
                .map_or_else(|error| error.to_string(), |status| status.to_string());
        }
        loop {
            if let Some(how) = self.try_exited() {
                return how;
            }
            sleep(LOOK).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.provisional {
            // Immediate shutdown: nothing was written that crash recovery couldn't bring back.
            let _ = self.signal(Signal::QUIT);
        }
    }
}
