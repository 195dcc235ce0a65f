//! Ampora as a service of a machine: the env file that tells it where its databases are, and the commands that stop it, start it and tell
//! whether it runs. The file is replaced as a whole, by a rename; what is in it goes by pipes and never through an argument.

mod file;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::database_host::{DatabaseHost, HostError};
use crate::env_text::BadEnvText;
use crate::npgsql::{BadConnectionString, CONNECTIONS, Connection, ConnectionString};
use crate::process::{Invocation, ProcessError, Secrets};

/// A question to the host.
const PATIENCE: Duration = Duration::from_secs(60);
/// Stopping may take as long as the last request.
const HOOK: Duration = Duration::from_secs(600);

/// A service of one machine.
#[derive(Clone, Debug)]
pub struct Service {
    host: DatabaseHost,
    env_file: String,
    commands: Commands,
}

/// What an operator would type to change its state, such as `systemctl stop ampora`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commands {
    pub stop: Vec<String>,
    pub start: Vec<String>,
    /// Ends with 0 while it runs, and with anything else while it doesn't.
    pub status: Option<Vec<String>>,
}

/// How it is set up.
pub struct SetUp {
    /// The user that the env file belongs to.
    pub owner: String,
    pub connections: Vec<Connection>,
}

/// Why it can't be read or changed. Never quotes what is in its file.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("{0} is no file of its own: name the file itself, not a link to it")]
    NoFile(String),
    #[error("others than its owner can read {file} (mode {mode:o}): chmod 600 it, and take what is in it for known")]
    TooOpen { file: String, mode: u32 },
    #[error("{0} is larger than a megabyte, which no env file is")]
    TooLarge(String),
    #[error(
        "{file} belongs to {owner}, and {user} can’t give a new file to somebody else: log in as {owner} or as root"
    )]
    Foreign { file: String, owner: String, user: String },
    #[error("{variable} in {file} can’t be read: {source}")]
    Text {
        variable: String,
        file: String,
        source: BadEnvText,
    },
    #[error("{variable} in {file} can’t be understood: {source}")]
    Connection {
        variable: String,
        file: String,
        source: BadConnectionString,
    },
    #[error("{0} has no {first}, so Muster doesn’t know how Ampora finds its database", first = CONNECTIONS[0])]
    NoConnection(String),
}

impl Service {
    #[must_use]
    pub const fn new(host: DatabaseHost, env_file: String, commands: Commands) -> Self {
        Self {
            host,
            env_file,
            commands,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("service of {} on {}", self.env_file, self.host.name())
    }

    #[must_use]
    pub fn host(&self) -> &str {
        self.host.name()
    }

    #[must_use]
    pub fn env_file(&self) -> &str {
        &self.env_file
    }

    #[must_use]
    pub const fn commands(&self) -> &Commands {
        &self.commands
    }

    /// # Errors
    /// If the file can't be read or replaced by whoever Muster is there, others can read it, or it isn't understood.
    pub async fn read(&self) -> Result<SetUp, ServiceError> {
        let (owner, text) = self.file().await?;
        let mut connections = Vec::new();
        for variable in CONNECTIONS {
            let value = text.get(variable).map_err(|source| self.unreadable(variable, source))?;
            let Some(value) = value else { continue };
            let value = ConnectionString::parse(&value).map_err(|source| ServiceError::Connection {
                variable: variable.into(),
                file: self.env_file.clone(),
                source,
            })?;
            connections.push(Connection {
                variable: variable.into(),
                value,
                place: self.env_file.clone(),
            });
        }
        if connections.first().is_none_or(|first| first.variable != CONNECTIONS[0]) {
            return Err(ServiceError::NoConnection(self.env_file.clone()));
        }
        Ok(SetUp { owner, connections })
    }

    /// The configured programs that the host doesn't have.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn missing_programs(&self) -> Result<Vec<String>, ServiceError> {
        let Commands { stop, start, status } = &self.commands;
        let mut missing = Vec::new();
        for command in [Some(stop), Some(start), status.as_ref()].into_iter().flatten() {
            let program = command.first().map_or("", String::as_str);
            const FIND: &str = r#"command -v "$1" > /dev/null"#;
            let found = self.call(&["sh", "-c", FIND, "muster", program])?.outcome().await?;
            if !found.status.success() && !missing.iter().any(|name| name == program) {
                missing.push(program.to_owned());
            }
        }
        Ok(missing)
    }

    /// Whether it runs; `None` where no command tells.
    ///
    /// # Errors
    /// If the command can't be run.
    pub async fn runs(&self) -> Result<Option<bool>, ServiceError> {
        let Some(status) = &self.commands.status else {
            return Ok(None);
        };
        let call = self.host.command(status)?.invoke(Vec::<String>::new());
        let output = call.time_limit(PATIENCE).outcome().await?;
        Ok(Some(output.status.success()))
    }

    /// # Errors
    /// In the words of the command, without what Ampora's connection strings hold.
    pub async fn stop(&self, end: &CancellationToken) -> Result<(), ServiceError> {
        self.hook(&self.commands.stop, end).await
    }

    /// # Errors
    /// As [`Self::stop`].
    pub async fn start(&self, end: &CancellationToken) -> Result<(), ServiceError> {
        self.hook(&self.commands.start, end).await
    }

    /// Writes these values into the file, wherever it has the variables, and keeps the file that was there as [`Self::kept`]. Doing it again
    /// changes nothing.
    ///
    /// # Errors
    /// Then the file is as it was.
    pub async fn lead(&self, run: &str, values: &[(String, Zeroizing<String>)]) -> Result<(), ServiceError> {
        let (_, mut text) = self.file().await?;
        for (variable, value) in values {
            text = text
                .with(variable, value)
                .map_err(|source| self.unreadable(variable, source))?;
        }
        self.replace(&self.kept(run), &text).await
    }

    /// Where the file is kept that a run replaced.
    #[must_use]
    pub fn kept(&self, run: &str) -> String {
        format!("{}.before-{run}", self.env_file)
    }

    async fn hook(&self, command: &[String], end: &CancellationToken) -> Result<(), ServiceError> {
        let mut secrets = Secrets::default();
        for connection in self.read().await?.connections {
            connection.value.hide(&mut secrets);
        }
        let call = self.host.command(command)?.invoke(Vec::<String>::new());
        let call = call.redacting(&secrets).cancelled_by(end.clone()).time_limit(HOOK);
        call.output().await?;
        Ok(())
    }

    fn call(&self, words: &[&str]) -> Result<Invocation, ServiceError> {
        let english = ["env", "LC_ALL=C"].map(str::to_owned);
        let tool = self.host.command(&english)?;
        Ok(tool.invoke(words.iter().copied()).time_limit(PATIENCE))
    }

    fn unreadable(&self, variable: &str, source: BadEnvText) -> ServiceError {
        ServiceError::Text {
            variable: variable.into(),
            file: self.env_file.clone(),
            source,
        }
    }
}
