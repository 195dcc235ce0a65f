//! The host of a database: its data directory, its server, and what restores do there. Every command is an argument vector that works alike
//! here and over ssh; where text has to get into a file, a fixed script of `sh` takes it as its arguments.

mod aside;
mod control;
mod directory;
mod error;
mod facts;
mod fence;
mod held;
mod lock;
mod managers;
mod private;
mod settings;
mod socket;

use std::time::Duration;

use crate::process::{Invocation, RunAs, Tool};

pub use control::ControlData;
pub use directory::Swap;
pub use error::HostError;
pub use facts::{DataDirectory, Kind};
pub use held::{Held, Holder};
pub use private::{PrivateServer, ServerState};
pub use settings::Recovery;
pub use socket::{Replay, Socket};

/// A question to the host. What takes longer is a step of its own, with its own limit.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a database runs: this machine, or one that is reached over ssh.
#[derive(Clone, Debug)]
pub struct DatabaseHost {
    ssh: Option<(Vec<String>, String)>,
    run_as: Option<RunAs>,
}

impl DatabaseHost {
    /// This machine, its commands run as this user.
    #[must_use]
    pub const fn local(run_as: Option<RunAs>) -> Self {
        Self { ssh: None, run_as }
    }

    /// Another one. `ssh` is the local program with leading arguments; whoever it logs in as has to own the data directory.
    #[must_use]
    pub const fn over_ssh(ssh: Vec<String>, host: String, run_as: Option<RunAs>) -> Self {
        Self {
            ssh: Some((ssh, host)),
            run_as,
        }
    }

    /// As people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.ssh.as_ref().map_or("this machine", |(_, host)| host)
    }

    /// Whether what runs there outlives its worker here.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        self.ssh.is_some()
    }

    /// A command there.
    ///
    /// # Errors
    /// If it is empty or can't be passed on.
    pub fn command(&self, command: &[String]) -> Result<Tool, HostError> {
        let tool = match &self.ssh {
            None => Tool::from_command(command)?,
            Some((ssh, host)) => Tool::over_ssh(ssh, host, command)?,
        };
        Ok(tool.run_as(self.run_as.clone()))
    }

    /// A call there. Its messages are in English, whatever the host speaks.
    fn call(&self, words: &[&str]) -> Result<Invocation, HostError> {
        let english = ["env", "LC_ALL=C"].map(str::to_owned);
        Ok(self
            .command(&english)?
            .invoke(words.iter().copied())
            .time_limit(PATIENCE))
    }

    /// What a command prints, without the line break at its end. Any exit status but 0 is an error.
    async fn ask(&self, words: &[&str]) -> Result<String, HostError> {
        let output = self.call(words)?.output().await?;
        Ok(output.text().trim_end().to_owned())
    }

    /// Whether a command ends well; one that could not be run is an error, not a no.
    async fn holds(&self, words: &[&str]) -> Result<bool, HostError> {
        Ok(self.call(words)?.outcome().await?.status.success())
    }

    /// Runs a fixed script with arguments. Nothing of an argument is read by the shell.
    async fn script(&self, script: &'static str, arguments: &[&str]) -> Result<String, HostError> {
        self.ask(&[&["sh", "-c", script, "muster"], arguments].concat()).await
    }

    /// Runs a hook that an operator configured, such as `systemctl stop postgresql`.
    ///
    /// # Errors
    /// If it ends badly or takes longer than ten minutes.
    pub async fn hook(&self, command: &[String]) -> Result<(), HostError> {
        let call = self.command(command)?.invoke(Vec::<String>::new());
        call.time_limit(Duration::from_secs(600)).output().await?;
        Ok(())
    }
}
