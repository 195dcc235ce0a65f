//! What can go wrong with a foreign tool, in words that name the tool and the way out.

use std::{io, time::Duration};

use super::{LocalEnd, Unreached};

/// Why a tool gave no result. The quoted output is redacted and at most the last lines of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// A configured `command` was an empty list.
    #[error("a command is an empty list: name at least the program to run")]
    EmptyCommand,
    /// The name of a host, namespace or pod that ssh or kubectl would not read as one.
    #[error("{name:?} is not the name of {what}; nothing was started")]
    NoDestination {
        /// What was named.
        name: String,
        /// What it should be.
        what: &'static str,
    },
    /// A command that is to lead elsewhere doesn't.
    #[error("`{command}` names no tool elsewhere: it needs to be {form}")]
    LeadsNowhere {
        /// The command.
        command: String,
        /// What it should look like.
        form: &'static str,
    },
    /// Something in a call would be lost or changed on the way to a tool elsewhere.
    #[error("{what} can't be passed on to {program} safely; nothing was started")]
    NotPassedOn {
        /// The tool and where it runs.
        program: String,
        /// What it was.
        what: &'static str,
    },
    /// The connection to where a tool runs was not made or broke, or whatever ran there was killed.
    #[error("{via} could not reach {place}{}; nothing is known of the tool there{}", hint(*.why), said(.tail))]
    Unreachable {
        /// The program that was to reach it.
        via: &'static str,
        /// The host or pod.
        place: String,
        /// The reason, where it is understood.
        why: Unreached,
        /// Last lines of its standard error.
        tail: Vec<String>,
    },
    /// The local end of a tool elsewhere was ended, which tells the tool nothing.
    #[error(
        "{program} {}; only the connection to it was ended, so it may still be running there: look for it before \
         trying again{}",
        given_up(*.end),
        quote(.tail)
    )]
    MayStillRun {
        /// The tool and where it runs.
        program: String,
        /// How the connection ended.
        end: LocalEnd,
        /// Last lines it wrote.
        tail: Vec<String>,
    },
    /// The program isn't installed, or isn't in the folder that was named.
    #[error("{program} was not found; nothing was started. {}", install_hint(.package))]
    NotFound {
        /// Program as it was called.
        program: String,
        /// Debian package that holds it, where Muster knows one.
        package: Option<&'static str>,
    },
    /// The operating system refused to start the program.
    #[error("{program} could not be started{}: {source}", .user.as_ref().map(|user| format!(" as user {user}")).unwrap_or_default())]
    NotStarted {
        /// Program as it was called.
        program: String,
        /// User it was to run as, if another than Muster's own.
        user: Option<String>,
        /// What the operating system said.
        source: io::Error,
    },
    /// The connection to a started tool broke on our side of it.
    #[error("the output of {program} could not be read; it was ended")]
    Unreadable {
        /// Program as it was called.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The tool took longer than it was given; its whole group was ended.
    #[error("{program} did not finish within {} and was ended with all its children{}", seconds(.after), quote(.tail))]
    TimedOut {
        /// Program as it was called.
        program: String,
        /// The limit that was reached.
        after: Duration,
        /// Last lines it wrote.
        tail: Vec<String>,
    },
    /// The caller's cancellation token fired; the tool's whole group was ended.
    #[error("{program} was cancelled and ended with all its children{}", quote(.tail))]
    Cancelled {
        /// Program as it was called.
        program: String,
        /// Last lines it wrote.
        tail: Vec<String>,
    },
    /// The tool ended by itself and reported failure.
    #[error("{program} failed with exit status {status}{}", quote(.tail))]
    Failed {
        /// Program as it was called.
        program: String,
        /// Its exit status, not 0.
        status: i32,
        /// Last lines of its standard error, or of its standard output if that was silent.
        tail: Vec<String>,
    },
    /// Somebody else ended the tool: an operator, or the kernel when memory ran out.
    #[error("{program} was killed by signal {signal}, not by Muster{}", quote(.tail))]
    Killed {
        /// Program as it was called.
        program: String,
        /// Number of the signal.
        signal: i32,
        /// Last lines it wrote.
        tail: Vec<String>,
    },
    /// The supervisor of a tool vanished, so nobody knows whether the tool still runs.
    #[error("the supervisor of {program} was lost: the tool may still be running, look for it before trying again")]
    SupervisorLost {
        /// Program as it was called.
        program: String,
    },
    /// This program never called [`super::supervisor::run_if_asked`].
    #[error("{program} must run under a supervisor, and this program has none; nothing was started")]
    NoSupervisor {
        /// Program as it was called.
        program: String,
    },
    /// Muster runs as root and found no user to hand the tools to.
    #[error(
        "Muster runs as root and needs the user `{name}` to run PostgreSQL and its tools as, but there is none: \
         install the package postgresql-common, or start Muster as an ordinary user"
    )]
    NoUnprivilegedUser {
        /// The user that was looked up.
        name: &'static str,
    },
    /// The user database could not be read.
    #[error("the user database could not be read: {source}")]
    UserDatabase {
        /// What the operating system said.
        source: io::Error,
    },
}

/// Debian's package of a tool that Muster calls.
pub(super) fn package_of(program: &str) -> Option<&'static str> {
    match program.rsplit('/').next().unwrap_or(program) {
        "postgres" | "initdb" | "pg_ctl" | "pg_controldata" => Some("postgresql"),
        "pg_dump" | "pg_restore" | "psql" | "pg_basebackup" | "createdb" => Some("postgresql-client"),
        "pgbackrest" => Some("pgbackrest"),
        "ssh" => Some("openssh-client"),
        "kubectl" => Some("kubernetes-client"),
        _ => None,
    }
}

fn install_hint(package: &Option<&'static str>) -> String {
    match package {
        Some(package) => {
            format!("Install it (package {package} on Debian and Ubuntu) or name its place in the configuration")
        }
        None => "Install it or name its place in the configuration".to_owned(),
    }
}

fn hint(why: Unreached) -> &'static str {
    match why {
        Unreached::HostKeyUnknown => {
            " because its host key is not known here (read the key on the host itself, then add it to the known hosts \
             of the user that runs ssh)"
        }
        Unreached::HostKeyChanged => {
            " because its host key is not the one known here: the host was set up anew, or another machine answers in \
             its place (read the key on the host itself before you trust it)"
        }
        Unreached::Other => "",
    }
}

fn said(tail: &[String]) -> String {
    if tail.is_empty() {
        ": no reason was given, so the connection may have broken, or the tool there was killed".to_owned()
    } else {
        quote(tail)
    }
}

fn given_up(end: LocalEnd) -> String {
    match end {
        LocalEnd::TimedOut(after) => format!("did not finish within {}", seconds(&after)),
        LocalEnd::Cancelled => "was cancelled".to_owned(),
        LocalEnd::Killed(signal) => format!("lost its connection, which was killed by signal {signal}, not by Muster"),
    }
}

fn seconds(limit: &Duration) -> String {
    if limit.as_millis().is_multiple_of(1000) {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

fn quote(tail: &[String]) -> String {
    if tail.is_empty() {
        String::new()
    } else {
        format!(": {}", tail.join("\n"))
    }
}
