//! Where a command runs: here, over ssh, or in a pod. Each argument is passed on whole, so what would need a shell is refused.

use adapters::process::{self, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{KeyPath, Notes};

/// How a command gets to where it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    #[default]
    Local,
    /// On `host`, each argument quoted for its shell. Without `host`: where a command leads that begins with ssh itself.
    Ssh,
    /// In the pod `host` of `[deployment.kubernetes]`. Without `host`: where a command leads that begins with kubectl itself.
    Kubectl,
}

impl Transport {
    /// What a command begins with that leads there itself, what else it needs, and the adapter's word for it.
    const fn spelling(self) -> Option<(&'static str, &'static str, process::Transport)> {
        match self {
            Self::Local => None,
            Self::Ssh => Some((
                "ssh",
                "its options, a host, and the program there",
                process::Transport::Ssh,
            )),
            Self::Kubectl => Some((
                "kubectl",
                "exec, a pod, --, and the program there",
                process::Transport::Kubectl,
            )),
        }
    }
}

/// A place as the file tells it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub transport: Transport,
    /// `user@host` for ssh, a pod for kubectl. `None`: the command runs here, or leads there itself.
    pub host: Option<&'a str>,
    /// The local program with leading arguments that reaches `host` over ssh.
    pub ssh: &'a [String],
}

impl<'a> Place<'a> {
    pub(super) fn new(transport: Transport, host: Option<&'a String>, ssh: &'a [String]) -> Self {
        let host = host.map(String::as_str);
        Self { transport, host, ssh }
    }

    /// Checks the place, and the `command` that is to run there, in the table at `at`.
    pub(super) fn inspect(self, at: &KeyPath, command: &[String], notes: &mut Notes) {
        inspect_arguments(&at.key("ssh"), self.ssh, notes);
        if self.ssh != ssh() && (self.transport != Transport::Ssh || self.host.is_none()) {
            notes.refuse(&at.key("ssh"), "is only for transport = \"ssh\" with host");
        }
        let wanted = match (self.transport, self.host) {
            (Transport::Local, Some(_)) => Some("is only for transport = \"ssh\" or \"kubectl\""),
            (Transport::Ssh, None) if program(command) != "ssh" => {
                Some("is missing: ssh needs to know where to, e.g. \"postgres@db1\"")
            }
            (Transport::Kubectl, None) if program(command) != "kubectl" => {
                Some("is missing: kubectl needs a pod, e.g. \"db-0\"")
            }
            _ => None,
        };
        match wanted {
            Some(wanted) => {
                notes.refuse(&at.key("host"), wanted);
                inspect_arguments(&at.key("command"), command, notes);
            }
            None => self.inspect_command(&at.key("command"), command, notes),
        }
    }

    /// Checks a further command that is to run there.
    pub(super) fn inspect_command(self, at: &KeyPath, command: &[String], notes: &mut Notes) {
        inspect_arguments(at, command, notes);
        let tool = program(command);
        match (self.transport.spelling(), self.host) {
            (None, _) if ["ssh", "kubectl"].contains(&tool) => notes.refuse(
                at,
                format!("begins with {tool}, which would hand Muster's arguments to a shell unquoted; write transport = \"{tool}\" as well"),
            ),
            (Some(_), Some(_)) if tool == "ssh" => notes.refuse(
                at,
                "begins with ssh, and host is given too, so a second shell would read Muster's arguments; leave out one of them",
            ),
            (Some((program, rest, transport)), None) if Tool::spelled_out(command, transport).is_err() => notes.refuse(
                at,
                format!("doesn't say what to call where; give host, or write {program}, {rest}"),
            ),
            _ => {}
        }
    }
}

pub(super) fn ssh() -> Vec<String> {
    vec!["ssh".into()]
}

/// The program's own name, wherever it lies.
fn program(command: &[String]) -> &str {
    let first = command.first().map_or("", String::as_str);
    first.rsplit('/').next().unwrap_or_default()
}

/// An argument vector that can be passed on as it is.
pub(super) fn inspect_arguments(at: &KeyPath, arguments: &[String], notes: &mut Notes) {
    if arguments.first().is_none_or(String::is_empty) {
        notes.refuse(at, "is empty: the first element is the program");
    }
    if arguments.iter().any(|argument| argument.contains(['\0', '\n', '\r'])) {
        notes.refuse(
            at,
            "has an argument with a line break or a NUL in it, which can't be passed on safely",
        );
    }
}
