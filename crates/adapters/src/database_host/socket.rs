//! SQL on the host itself: over a socket there, by the superuser, through psql. It works alike here and over ssh.

use domain::set_back::Promotion;
use domain::wal::Lsn;

use super::{DatabaseHost, HostError};
use crate::pgbackrest::newest_branch;

/// How far recovery came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    pub in_recovery: bool,
    /// Stopped at its target; nothing is replayed until somebody says so.
    pub paused: bool,
    pub lsn: Option<Lsn>,
    /// Commit time of the last transaction that was replayed, in microseconds since 1970.
    pub last_commit: Option<i64>,
}

/// How a server on the host is reached from the host itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Socket {
    pub bin_dir: String,
    /// Folder of the socket.
    pub folder: String,
    pub port: String,
    pub superuser: String,
}

impl DatabaseHost {
    /// How far the server there came.
    ///
    /// # Errors
    /// [`HostError::Refused`] if it doesn't answer yet.
    pub async fn replay(&self, at: &Socket) -> Result<Replay, HostError> {
        const STATEMENT: &str = "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END, \
             CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, \
             (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000000)::bigint";
        let said = self.sql(at, "postgres", STATEMENT).await?;
        let fields: Vec<_> = said.split('|').collect();
        let [in_recovery, paused, lsn, last] = fields.as_slice() else {
            return Err(HostError::odd("the copy’s server", said));
        };
        Ok(Replay {
            in_recovery: *in_recovery == "t",
            paused: *paused == "t",
            lsn: lsn.parse().ok(),
            last_commit: last.parse().ok(),
        })
    }

    /// Where the recovery of the server there ended, by the history file of the timeline that it writes.
    /// <https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES>
    ///
    /// # Errors
    /// If the server doesn’t answer, or was never promoted.
    pub async fn promotion(&self, at: &Socket) -> Result<Promotion, HostError> {
        const STATEMENT: &str = "SELECT digits, pg_read_file('pg_wal/' || digits || '.history') \
             FROM (SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS digits) AS written";
        let said = self.sql(at, "postgres", STATEMENT).await?;
        let promotion = said.split_once('|').and_then(|(digits, history)| {
            let branch = newest_branch(history.as_bytes())?;
            Some(Promotion {
                timeline: u32::from_str_radix(digits, 16).ok()?,
                parent: branch.parent,
                switch: branch.switch,
            })
        });
        promotion.ok_or_else(|| HostError::odd("the history of its timeline", said))
    }

    /// The rows of one statement, fields parted by `|`.
    ///
    /// # Errors
    /// [`HostError::Refused`] with what psql said.
    pub async fn sql(&self, at: &Socket, database: &str, statement: &str) -> Result<String, HostError> {
        let psql = format!("{}/psql", at.bin_dir);
        let (host, port) = (format!("--host={}", at.folder), format!("--port={}", at.port));
        let (user, database) = (format!("--username={}", at.superuser), format!("--dbname={database}"));
        let words = [
            "--no-psqlrc",
            "--no-password",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--field-separator=|",
        ];
        let ends = [
            "--set=ON_ERROR_STOP=1",
            &host,
            &port,
            &user,
            &database,
            "--command",
            statement,
        ];
        let output = self
            .call(&[&[psql.as_str()], &words[..], &ends].concat())?
            .outcome()
            .await?;
        if output.status.success() {
            return Ok(output.text().trim_end().to_owned());
        }
        Err(HostError::Refused(
            output.error_text().trim().chars().take(600).collect(),
        ))
    }
}
