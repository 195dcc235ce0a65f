//! A foreign tool as it is configured: an argument vector, how it is reached, and as whom it runs.

use std::{ffi::OsString, path::Path};

use super::{Invocation, ProcessError, RunAs};

/// How arguments travel to the tool. It decides whether they need quoting: ssh joins its arguments
/// with spaces for a shell at the other end, so a transport other than local must quote what
/// [`Tool::invoke`] appends, and only that; the configured command is the operator's own text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// A program on this machine: arguments arrive as they are.
    #[default]
    Local,
}

impl Transport {
    /// The form in which one argument must be handed over to arrive unchanged.
    fn quoted(self, argument: OsString) -> OsString {
        match self {
            Self::Local => argument,
        }
    }
}

/// A program with the arguments that always come first.
#[derive(Clone, Debug)]
pub struct Tool {
    command: Vec<OsString>,
    transport: Transport,
    run_as: Option<RunAs>,
}

impl Tool {
    /// A program by name (looked up in the system's folders) or by path.
    pub fn new(program: impl AsRef<Path>) -> Self {
        Self {
            command: vec![program.as_ref().as_os_str().to_owned()],
            transport: Transport::Local,
            run_as: None,
        }
    }

    /// A `command` of the configuration, which may hold leading arguments.
    pub fn from_command(command: &[String]) -> Result<Self, ProcessError> {
        if command.first().is_none_or(String::is_empty) {
            return Err(ProcessError::EmptyCommand);
        }
        Ok(Self {
            command: command.iter().map(OsString::from).collect(),
            transport: Transport::Local,
            run_as: None,
        })
    }

    /// Runs the tool as this user, which only root can.
    #[must_use]
    pub fn run_as(mut self, user: Option<RunAs>) -> Self {
        self.run_as = user;
        self
    }

    /// A call of the tool with these arguments behind the configured ones.
    pub fn invoke<A: Into<OsString>>(&self, arguments: impl IntoIterator<Item = A>) -> Invocation {
        let mut argv = self.command.clone();
        argv.extend(
            arguments
                .into_iter()
                .map(|argument| self.transport.quoted(argument.into())),
        );
        Invocation::new(argv, self.run_as.clone())
    }
}
