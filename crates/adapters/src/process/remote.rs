//! Tools that run elsewhere: what is handed to them, and what the end of the local ssh or kubectl says of them.

use std::{
    ffi::{OsStr, OsString},
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    time::Duration,
};

use super::{ProcessError, quote::quoted};

/// What ssh ends with when it failed itself, see ssh(1). It also does when the tool was killed by a signal.
const SSH_FAILED: i32 = 255;
/// What kubectl adds when it was the tool that failed.
const TOOL_IN_POD_FAILED: &str = "command terminated with exit code";

/// How a command gets to where it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// A program on this machine: arguments arrive as they are.
    #[default]
    Local,
    /// ssh joins its arguments for a shell at the other end, so each must be quoted.
    Ssh,
    /// `kubectl exec` hands arguments on as they are.
    Kubectl,
}

/// The program that a remote tool is called through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    Ssh,
    Kubectl,
}

impl Via {
    pub const fn program(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Kubectl => "kubectl",
        }
    }
}

/// Why the other end could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreached {
    /// Nobody told this machine which key the host has.
    HostKeyUnknown,
    /// The host has another key than this machine knows.
    HostKeyChanged,
    /// What the words of ssh or kubectl say.
    Other,
}

/// How the local end of a tool elsewhere came to its end before the tool said that it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocalEnd {
    /// Its time limit was reached.
    TimedOut(Duration),
    /// It was cancelled.
    Cancelled,
    /// Somebody else killed it with this signal.
    Killed(i32),
}

/// Where a tool runs, if not here.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    pub via: Via,
    /// The host or pod, as people call it.
    pub place: String,
    /// The tool and its place, for messages.
    pub program: String,
}

impl Remote {
    pub fn new(via: Via, place: &str, program: &str) -> Self {
        Self {
            via,
            place: place.to_owned(),
            program: format!("{program} on {place}"),
        }
    }

    /// The form in which an argument arrives unchanged.
    pub fn pass(&self, argument: &OsStr) -> Result<OsString, ProcessError> {
        let passed = match self.via {
            Via::Ssh => quoted(argument),
            Via::Kubectl => Some(argument.to_owned()),
        };
        passed.ok_or_else(|| self.refusal("an argument with a line break or a NUL in it"))
    }

    /// Whether standard input gets to the tool.
    pub fn hands_on_input(&self) -> bool {
        self.via == Via::Ssh
    }

    /// The error for something that would be lost on the way.
    pub fn refusal(&self, what: &'static str) -> ProcessError {
        ProcessError::NotPassedOn {
            program: self.program.clone(),
            what,
        }
    }

    /// The error for a local end that was ended, which says nothing about the tool.
    pub fn out_of_sight(&self, end: LocalEnd, tail: Vec<String>) -> ProcessError {
        ProcessError::MayStillRun {
            program: self.program.clone(),
            end,
            tail,
        }
    }

    /// Whether an exit status is the tool's own. `errors` are the last lines of standard error.
    pub fn answered(&self, status: ExitStatus, errors: &[String]) -> Result<(), ProcessError> {
        if let Some(signal) = status.signal() {
            return Err(self.out_of_sight(LocalEnd::Killed(signal), errors.to_vec()));
        }
        let answered = match self.via {
            Via::Ssh => status.code() != Some(SSH_FAILED),
            Via::Kubectl => status.success() || errors.iter().any(|line| line.starts_with(TOOL_IN_POD_FAILED)),
        };
        if answered {
            return Ok(());
        }
        Err(ProcessError::Unreachable {
            via: self.via.program(),
            place: self.place.clone(),
            why: why(errors),
            tail: errors.to_vec(),
        })
    }
}

/// Read from the messages of OpenSSH's sshconnect.c, which are in no other language than English.
fn why(errors: &[String]) -> Unreached {
    let said = |words: &str| errors.iter().any(|line| line.contains(words));
    // A key that was revoked is told by ssh's own words.
    if !said("Host key verification failed.") || said("was revoked") {
        Unreached::Other
    } else if said("REMOTE HOST IDENTIFICATION HAS CHANGED") || said("has changed and you have requested") {
        Unreached::HostKeyChanged
    } else {
        Unreached::HostKeyUnknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(via: Via, code: i32, errors: &[&str]) -> Result<(), Unreached> {
        let errors: Vec<_> = errors.iter().map(|line| (*line).to_owned()).collect();
        let remote = Remote::new(via, "db1", "pgbackrest");
        match remote.answered(ExitStatus::from_raw(code << 8), &errors) {
            Ok(()) => Ok(()),
            Err(ProcessError::Unreachable { why, .. }) => Err(why),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn kubectl_says_whose_failure_it_was() {
        let tool = [
            "ERROR: [055]: unable to load info file",
            "command terminated with exit code 55",
        ];
        assert_eq!(answered(Via::Kubectl, 55, &tool), Ok(()));
        let kubectl = ["Error from server (NotFound): pods \"db-0\" not found"];
        assert_eq!(answered(Via::Kubectl, 1, &kubectl), Err(Unreached::Other));
        assert_eq!(answered(Via::Kubectl, 0, &[]), Ok(()));
    }

    #[test]
    fn only_ssh_s_own_words_decide_about_a_host_key() {
        let failed = "Host key verification failed.";
        let revoked = "Host key for db1 was revoked and you have requested strict checking.";
        let changed = "Host key for db1 has changed and you have requested strict checking.";
        assert_eq!(answered(Via::Ssh, 255, &[failed]), Err(Unreached::HostKeyUnknown));
        assert_eq!(
            answered(Via::Ssh, 255, &[changed, failed]),
            Err(Unreached::HostKeyChanged)
        );
        assert_eq!(answered(Via::Ssh, 255, &[revoked, failed]), Err(Unreached::Other));
        // A tool that fails may say what it likes.
        assert_eq!(answered(Via::Ssh, 1, &[failed]), Ok(()));
    }
}
