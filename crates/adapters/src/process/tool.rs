//! A foreign tool as it is configured: an argument vector, how it is reached, and as whom it runs.

use std::{ffi::OsString, path::Path};

use super::{
    Invocation, ProcessError, RunAs, Transport,
    remote::{Remote, Via},
    spelled,
};

/// What keeps ssh from asking anybody anything and from waiting for a host that is gone. It comes behind the configured
/// words: ssh takes the first value that it meets.
const SSH_OPTIONS: [&str; 9] = [
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=10",
    "-o",
    "ServerAliveInterval=15",
    "-o",
    "ServerAliveCountMax=4",
    "-T",
];

/// A program with the arguments that always come first.
#[derive(Clone, Debug)]
pub struct Tool {
    command: Vec<OsString>,
    remote: Option<Remote>,
    run_as: Option<RunAs>,
}

impl Tool {
    /// A program by name (looked up in the system's folders) or by path.
    pub fn new(program: impl AsRef<Path>) -> Self {
        Self {
            command: vec![program.as_ref().as_os_str().to_owned()],
            remote: None,
            run_as: None,
        }
    }

    /// A `command` of the configuration, which may hold leading arguments.
    ///
    /// # Errors
    /// If there is no program in it.
    pub fn from_command(command: &[String]) -> Result<Self, ProcessError> {
        program_of(command)?;
        Ok(Self {
            command: command.iter().map(OsString::from).collect(),
            remote: None,
            run_as: None,
        })
    }

    /// A command on another host. `ssh` is the local program with leading arguments, such as `["ssh", "-F", "/etc/muster/ssh_config"]`;
    /// keys and known hosts are those of the user that [`Self::run_as`] names. No agent is asked, since no environment is inherited.
    ///
    /// # Errors
    /// If one of the three can't be passed to ssh.
    pub fn over_ssh(ssh: &[String], host: &str, command: &[String]) -> Result<Self, ProcessError> {
        program_of(ssh)?;
        let remote = Remote::new(Via::Ssh, host, program_of(command)?);
        destination(host, "a host")?;
        let mut line: Vec<_> = ssh.iter().map(OsString::from).collect();
        line.extend(SSH_OPTIONS.map(OsString::from));
        line.extend(["--".into(), host.into()]);
        for word in command {
            line.push(remote.pass(word.as_ref())?);
        }
        Ok(Self::elsewhere(line, remote))
    }

    /// A command in a pod. `kubectl` is the local program with leading arguments, such as `["kubectl", "--context=prod"]`.
    ///
    /// # Errors
    /// If one of the four can't be passed to kubectl.
    pub fn in_pod(kubectl: &[String], namespace: &str, pod: &str, command: &[String]) -> Result<Self, ProcessError> {
        program_of(kubectl)?;
        destination(namespace, "a namespace")?;
        destination(pod, "a pod")?;
        let place = format!("pod {namespace}/{pod}");
        let remote = Remote::new(Via::Kubectl, &place, program_of(command)?);
        let exec = ["exec", "-n", namespace, pod, "--"].map(OsString::from);
        let line = kubectl.iter().map(OsString::from);
        let line = line.chain(exec).chain(command.iter().map(OsString::from)).collect();
        Ok(Self::elsewhere(line, remote))
    }

    /// A command that begins with ssh or kubectl itself, such as `["ssh", "-p", "2222", "db1", "pgbackrest"]`. It is the
    /// operator's own text; only what is appended to it is quoted where the transport needs it.
    ///
    /// # Errors
    /// If it doesn't begin with the program of the transport, or names no tool at the other end.
    pub fn spelled_out(command: &[String], transport: Transport) -> Result<Self, ProcessError> {
        let via = match transport {
            Transport::Local => return Self::from_command(command),
            Transport::Ssh => Via::Ssh,
            Transport::Kubectl => Via::Kubectl,
        };
        let read = spelled::read(command, via)?;
        let remote = Remote::new(via, &read.place, read.tool);
        Ok(Self::elsewhere(command.iter().map(OsString::from).collect(), remote))
    }

    fn elsewhere(command: Vec<OsString>, remote: Remote) -> Self {
        Self {
            command,
            remote: Some(remote),
            run_as: None,
        }
    }

    /// Runs the tool as this user, which only root can. Of a tool elsewhere, this is who calls ssh or kubectl here.
    #[must_use]
    pub fn run_as(mut self, user: Option<RunAs>) -> Self {
        self.run_as = user;
        self
    }

    /// The command as a person types it on this host. `None`: the tool runs on another one.
    #[must_use]
    pub fn typed_here(&self) -> Option<Vec<String>> {
        let words = self.command.iter().map(|word| word.to_string_lossy().into_owned());
        self.remote.is_none().then(|| words.collect())
    }

    /// A call of the tool with these arguments behind the configured ones.
    pub fn invoke<A: Into<OsString>>(&self, arguments: impl IntoIterator<Item = A>) -> Invocation {
        let call = Invocation::new(self.command.clone(), self.run_as.clone(), self.remote.clone());
        arguments.into_iter().fold(call, Invocation::arg)
    }
}

fn program_of(command: &[String]) -> Result<&str, ProcessError> {
    let program = command.first().filter(|program| !program.is_empty());
    program.map(String::as_str).ok_or(ProcessError::EmptyCommand)
}

/// A host, namespace or pod must not be read as an option.
fn destination(name: &str, what: &'static str) -> Result<(), ProcessError> {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
        let name = name.to_owned();
        return Err(ProcessError::NoDestination { name, what });
    }
    Ok(())
}
