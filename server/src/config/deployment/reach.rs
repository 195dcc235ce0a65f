//! Where a command runs: here, over ssh, or in a pod. Each argument is passed on whole, so what would need a shell is refused.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{KeyPath, Notes};

/// How a command gets to where it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    #[default]
    Local,
    /// On `host`, each argument quoted for its shell.
    Ssh,
    /// In the pod `host` of `[deployment.kubernetes]`.
    Kubectl,
}

/// Checks a command line and where it is to run.
pub(super) fn inspect(at: &KeyPath, command: &[String], transport: Transport, host: Option<&str>, notes: &mut Notes) {
    inspect_arguments(&at.key("command"), command, notes);
    let first = command.first().map_or("", String::as_str);
    let tool = first.rsplit('/').next().unwrap_or_default();
    if transport == Transport::Local && ["ssh", "kubectl"].contains(&tool) {
        let message = format!(
            "begins with {tool}, which would hand Muster's arguments to a shell unquoted; write transport = \"{tool}\" and host, and here the command alone"
        );
        notes.refuse(&at.key("command"), message);
    }
    match (transport, host) {
        (Transport::Local, Some(_)) => notes.refuse(&at.key("host"), "is only for transport = \"ssh\" or \"kubectl\""),
        (Transport::Ssh, None) => notes.refuse(
            &at.key("host"),
            "is missing: ssh needs to know where to, e.g. \"postgres@db1\"",
        ),
        (Transport::Kubectl, None) => notes.refuse(&at.key("host"), "is missing: kubectl needs a pod, e.g. \"db-0\""),
        _ => {}
    }
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
