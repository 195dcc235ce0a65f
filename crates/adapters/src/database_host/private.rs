//! The copy's own server: on a socket that nobody else can reach, without archiving, without network. It outlives its worker, and whoever
//! takes the run over finds it again by its names.

use super::settings::{self, Place};
use super::socket::Socket;
use super::{DatabaseHost, HostError, Recovery, Replay};
use crate::process::quote;

/// Bytes of the server's log that are quoted.
const QUOTED: &str = "4000";

/// Seconds that a server is given to write down that it runs.
const FIRST_LOOK: &str = "5";

/// A private server over one data directory.
#[derive(Clone, Debug)]
pub struct PrivateServer<'a> {
    pub host: &'a DatabaseHost,
    pub bin_dir: &'a str,
    /// The data directory of the copy.
    pub data: &'a str,
    /// Where its socket, settings and log are: short, since a socket's path may have 107 bytes.
    pub folder: String,
    pub superuser: &'a str,
}

/// How it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerState {
    Stopped,
    /// It runs and doesn't answer yet.
    Starting,
    Answers(Replay),
}

impl PrivateServer<'_> {
    /// Writes its settings and starts it, unless it runs. Returns without waiting for it.
    ///
    /// # Errors
    /// If the host doesn't do it.
    pub async fn start(&self, major: u32, recovery: &Recovery) -> Result<(), HostError> {
        if self.host.is_running(self.bin_dir, self.data).await? {
            return Ok(());
        }
        self.prepare().await?;
        let control = self.host.control_data(self.bin_dir, self.data).await?;
        let restore_command = recovery.restore_command(self.data);
        let restore_command =
            restore_command.ok_or_else(|| HostError::odd("the command of [deployment.restore]", ""))?;
        let place = Place {
            folder: &self.folder,
            major,
        };
        let settings = settings::private(&place, &control, &restore_command);
        // pg_ctl hands these on to a shell that it calls the server by.
        let quoted = settings
            .iter()
            .map(|setting| quote::quoted(setting.as_ref())?.into_string().ok());
        let quoted: Option<Vec<_>> = quoted.collect();
        let line = quoted.ok_or_else(|| HostError::odd("the command of [deployment.restore]", ""))?;
        let line: Vec<_> = line.iter().map(|setting| format!("-c {setting}")).collect();
        let program = format!("{}/pg_ctl", self.bin_dir);
        let (log, line) = (self.log(), line.join(" "));
        let begin = ["-l", &log, "-o", &line, "-w", "-t", FIRST_LOOK, "start"];
        let words = [&[program.as_str(), "-D", self.data], &begin[..]].concat();
        // It ends badly too if recovery isn’t through in that time; how the server is, its state tells.
        self.host.call(&words)?.outcome().await?;
        Ok(())
    }

    /// The folder, ours alone, and the files in it.
    async fn prepare(&self) -> Result<(), HostError> {
        let folder = self.folder.as_str();
        if !self.host.holds(&["mkdir", "-m", "0700", "--", folder]).await? {
            let owner = self.host.ask(&["stat", "--format=%u %a", "--", folder]).await?;
            let own = self.host.ask(&["id", "-u"]).await?;
            if owner != format!("{own} 700") || self.host.holds(&["test", "-L", folder]).await? {
                return Err(HostError::InTheWay(folder.to_owned()));
            }
        }
        let (hba, ident) = settings::only(&self.host.ask(&["id", "-un"]).await?, self.superuser);
        self.host
            .write(&format!("{folder}/postgresql.conf"), &["".into()])
            .await?;
        self.host.write(&format!("{folder}/pg_hba.conf"), &hba).await?;
        self.host.write(&format!("{folder}/pg_ident.conf"), &ident).await
    }

    fn log(&self) -> String {
        format!("{}/log", self.folder)
    }

    /// How it is now.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn state(&self) -> Result<ServerState, HostError> {
        if !self.host.is_running(self.bin_dir, self.data).await? {
            return Ok(ServerState::Stopped);
        }
        match self.host.replay(&self.socket()).await {
            Ok(replay) => Ok(ServerState::Answers(replay)),
            Err(HostError::Refused(_)) => Ok(ServerState::Starting),
            Err(error) => Err(error),
        }
    }

    /// What it wrote last, for a person.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn last_words(&self) -> Result<String, HostError> {
        let log = self.log();
        if !self.host.holds(&["test", "-f", &log]).await? {
            return Ok(String::new());
        }
        self.host.ask(&["tail", "-c", QUOTED, "--", &log]).await
    }

    /// The rows of one statement, fields parted by `|`.
    ///
    /// # Errors
    /// If the server refuses it.
    pub async fn sql(&self, database: &str, statement: &str) -> Result<String, HostError> {
        self.host.sql(&self.socket(), database, statement).await
    }

    /// How it is reached on the host.
    #[must_use]
    pub fn socket(&self) -> Socket {
        Socket {
            bin_dir: self.bin_dir.to_owned(),
            folder: self.folder.clone(),
            port: "5432".into(),
            superuser: self.superuser.to_owned(),
        }
    }

    /// Stops it, if it runs, and removes its folder.
    ///
    /// # Errors
    /// If it doesn't stop.
    pub async fn stop(&self) -> Result<(), HostError> {
        // Of a directory that isn't a whole cluster pg_ctl says nothing but that.
        let begun = self
            .host
            .holds(&["test", "-f", &format!("{}/postmaster.pid", self.data)])
            .await?;
        if begun && self.host.is_running(self.bin_dir, self.data).await? {
            let program = format!("{}/pg_ctl", self.bin_dir);
            self.host
                .ask(&[&program, "-D", self.data, "-m", "fast", "-w", "stop"])
                .await?;
        }
        if self.folder.starts_with("/tmp/muster-") {
            self.host.ask(&["rm", "-rf", "--", &self.folder]).await?;
        }
        Ok(())
    }
}
