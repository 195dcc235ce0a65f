//! wal-g as a source: what its storage holds. Only reads (`backup-list`, `wal-show`, `wal-verify`), and judged by formats that wal-g's own
//! source and documentation show: no wal-g has run against this code, so nothing is restored through it.

mod answer;
mod backups;
mod chain;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod judge;
mod storage;
mod verify;
mod wal;

use std::time::Duration;

use crate::process::{ProcessError, Tool};

pub use backups::BackupList;
pub use storage::Storage;
pub use verify::WalVerify;
pub use wal::{Coverage, WalShow};

/// 10 000 backups are 6 megabytes, a million missing segments 27.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(300);

/// One configured storage.
#[derive(Clone, Debug)]
pub struct WalG {
    /// Name of the source.
    pub name: String,
    /// The configured command; reads only. Tools inherit no environment, so it names its configuration file, as in
    /// `wal-g --config /etc/wal-g.json`.
    pub tool: Tool,
}

/// Why nothing is known of a storage, or of a part of it.
#[derive(Debug, thiserror::Error)]
pub enum WalGError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("wal-g {command} printed no JSON that Muster understands; {said}")]
    NoJson { command: &'static str, said: String },
    #[error("wal-g {command} printed more than {LARGEST_ANSWER} bytes, which were not read to the end")]
    TooLong { command: String },
}

impl WalGError {
    fn no_json(command: &'static str, said: &str) -> Self {
        Self::NoJson {
            command,
            said: answer::last_words(said),
        }
    }
}

/// What a command answered, with the errors that it logged and didn't end for.
struct Answer<T> {
    read: T,
    errors: Vec<String>,
}

impl WalG {
    /// Reads backups and WAL. Without `wal-show` windows are unknown, without `wal-verify` a missing segment counts as lost.
    ///
    /// # Errors
    /// If the backups can't be listed.
    pub async fn read(&self) -> Result<Storage, WalGError> {
        let list = self
            .ask(&["backup-list", "--detail", "--json"], BackupList::parse)
            .await?;
        let size = list.read.segment_size();
        let show = self
            .ask(&["wal-show", "--detailed-json"], |said| WalShow::parse(said, size))
            .await;
        let verify = self
            .ask(&["wal-verify", "integrity", "timeline", "--json"], |said| {
                WalVerify::parse(said, size)
            })
            .await;
        Ok(Storage::assemble(
            &self.name,
            list,
            show,
            verify.map(|answer| answer.read),
        ))
    }

    async fn ask<T>(
        &self,
        arguments: &[&str],
        read: impl FnOnce(&[u8]) -> Result<T, WalGError>,
    ) -> Result<Answer<T>, WalGError> {
        let call = self.tool.invoke(arguments.iter().copied());
        let output = call.time_limit(PATIENCE).keep(LARGEST_ANSWER).outcome().await?;
        if output.stdout_dropped > 0 {
            let command = arguments.join(" ");
            return Err(WalGError::TooLong { command });
        }
        let said = [output.stdout.as_slice(), b"\n", &output.stderr].concat();
        let text = String::from_utf8_lossy(&said);
        match output.succeeded() {
            // An empty storage ends some versions with an error.
            Err(error) if !text.contains(backups::NO_BACKUPS) => Err(error.into()),
            _ => Ok(Answer {
                read: read(&said)?,
                errors: answer::logged_errors(&text),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
