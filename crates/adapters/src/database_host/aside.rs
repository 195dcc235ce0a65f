//! What is kept of a cluster that is replaced where it stands: its directory or its WAL, copied beside it, and the segments that its archive
//! doesn't have yet.

use domain::plan::Kept;

use super::{DatabaseHost, HostError, Kind, Recovery};

/// Where PostgreSQL notes which segments wait. <https://www.postgresql.org/docs/current/storage-file-layout.html>
const WAITING: &str = "pg_wal/archive_status";

/// A copy that was made as a whole gets its name at the end: one that broke off never has it.
const KEEP: &str =
    r#"from=$1; copy=$2; what=$3; mkdir -m 0700 -- "$copy" && cp -a --reflink=auto -- "$from/$what" "$copy" && sync"#;

impl DatabaseHost {
    /// WAL files of a stopped cluster that wait to be archived, oldest first.
    ///
    /// # Errors
    /// If they can't be listed, or have names that no WAL file has.
    pub async fn unarchived(&self, pgdata: &str) -> Result<Vec<String>, HostError> {
        let listed = self.ask(&["ls", "-A", "--", &format!("{pgdata}/{WAITING}")]).await?;
        let mut names: Vec<_> = listed.lines().filter_map(|name| name.strip_suffix(".ready")).collect();
        names.sort_unstable();
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
        match names.iter().find(|name| !plain(name)) {
            Some(odd) => Err(HostError::odd(WAITING, *odd)),
            None => Ok(names.into_iter().map(ToOwned::to_owned).collect()),
        }
    }

    /// Copies what is to be kept of a cluster to `copy`, which isn't there yet. The words of the command, to be run by [`Self::held`].
    #[must_use]
    pub fn keeping(kept: Kept, pgdata: &str, copy: &str) -> Vec<String> {
        let what = match kept {
            Kept::Everything => ".",
            Kept::Wal => "pg_wal",
        };
        ["sh", "-c", KEEP, "muster", pgdata, copy, what]
            .map(str::to_owned)
            .into()
    }

    /// Gives what was copied its name.
    ///
    /// # Errors
    /// If the name is taken, or the host doesn't do it.
    pub async fn rename(&self, from: &str, to: &str) -> Result<(), HostError> {
        if self.kind(to).await? != Kind::Nothing {
            return Err(HostError::InTheWay(to.to_owned()));
        }
        self.ask(&["mv", "-nT", "--", from, to]).await.map(drop)
    }
}

impl Recovery {
    /// The command that hands a WAL file of a stopped cluster to all repositories. One that is there already with the same content does no harm.
    #[must_use]
    pub fn push(&self, pgdata: &str, name: &str) -> Vec<String> {
        let mut command = self.tool.clone();
        command.extend([
            format!("--stanza={}", self.stanza),
            format!("--pg1-path={pgdata}"),
            "--no-archive-async".into(),
            "--log-level-file=off".into(),
            "archive-push".into(),
            format!("{pgdata}/pg_wal/{name}"),
        ]);
        command
    }
}
