//! Names a process so that a later one with the same number isn't taken for it.

use std::{fs, io};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

/// A process id together with the moment the process began, which no second process shares on one boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// Process id.
    pub pid: i32,
    /// Start time in clock ticks since boot: field 22 of `/proc/<pid>/stat`, see proc(5).
    pub started: u64,
}

impl ProcessIdentity {
    /// The living process of that id; `None` if there is none or only its exit status is left.
    #[must_use]
    pub fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The command name stands in parentheses and may itself hold spaces and parentheses.
        let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
        let state = fields.next()?;
        if matches!(state, "Z" | "X") {
            return None;
        }
        // Field 3 was the state; the start time is field 22.
        Some(Self {
            pid,
            started: fields.nth(18)?.parse().ok()?,
        })
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends a signal, unless the process is gone or its id belongs to another one by now.
    pub(crate) fn signal(self, signal: Signal) -> io::Result<()> {
        let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.is_alive()) else {
            return Ok(());
        };
        match kill_process(pid, signal) {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            sent => Ok(sent?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProcessIdentity;

    #[test]
    fn another_start_time_is_another_process() {
        let own = i32::try_from(std::process::id()).unwrap();
        let identity = ProcessIdentity::of(own).unwrap();
        assert!(identity.is_alive());
        assert!(
            !ProcessIdentity {
                started: identity.started + 1,
                ..identity
            }
            .is_alive()
        );
    }
}
