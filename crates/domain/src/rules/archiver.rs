//! The tool that archives WAL, as the commands of a recovery call it.

use crate::shell::word;

/// Which tool, as a person types it on the database's machine, with the options that always come first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Archiver {
    /// `pgbackrest --stanza=main`
    PgBackRest { command: String },
    /// `wal-g --config /etc/wal-g.json`
    WalG { command: String },
}

impl Default for Archiver {
    /// Where no source is configured that could be named.
    fn default() -> Self {
        Self::PgBackRest {
            command: "pgbackrest --stanza=STANZA".into(),
        }
    }
}

impl Archiver {
    /// What it has.
    pub(super) fn list(&self) -> String {
        match self {
            Self::PgBackRest { command } => format!("{command} info"),
            Self::WalG { command } => format!("{command} backup-list --detail"),
        }
    }

    /// A full backup, into one repository where the tool has several.
    pub(super) fn full_backup(&self, repo: Option<u32>) -> String {
        match self {
            Self::PgBackRest { command } => format!("{command}{} backup --type=full", of(repo)),
            Self::WalG { command } => format!("{command} backup-push --full \"$PGDATA\""),
        }
    }

    /// Whether WAL and backups are whole.
    pub(super) fn verify(&self) -> String {
        match self {
            Self::PgBackRest { command } => format!("{command} verify"),
            Self::WalG { command } => format!("{command} wal-verify integrity timeline"),
        }
    }

    /// Whether a segment gets through from the server to the archive.
    pub(super) fn check(&self) -> String {
        match self {
            Self::PgBackRest { command } => format!("{command} check"),
            Self::WalG { command } => format!("{command} wal-show"),
        }
    }

    /// How PostgreSQL gets a segment back: <https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-RESTORE-COMMAND>.
    pub(super) fn restore_command(&self) -> String {
        match self {
            Self::PgBackRest { command } => format!("{} archive-get %f \"%p\"", command.replace('%', "%%")),
            Self::WalG { command } => format!("{} wal-fetch %f \"%p\"", command.replace('%', "%%")),
        }
    }

    /// The newest backup along a timeline, into a directory beside the server's own, to be swapped with it. It recovers as a standby: at a
    /// hole in the WAL it waits, where any other recovery to the end would promote itself.
    pub(super) fn restore_beside(&self, timeline: u32) -> String {
        let (into, fetch) = ("\"$PGDATA.restored\"", self.restore_command());
        match self {
            Self::PgBackRest { command } => {
                let fetch = word(&format!("restore_command={fetch}"));
                format!(
                    "mkdir -m 700 {into}\n{command} restore --type=standby --target-timeline={timeline} --pg1-path={into} --recovery-option={fetch}"
                )
            }
            Self::WalG { command } => {
                let setting = word(&format!("restore_command = '{}'", fetch.replace('\'', "''")));
                format!(
                    "{command} backup-fetch {into} LATEST\ntouch {into}/standby.signal\n\
                     printf '%s\\n' {setting} \"recovery_target_timeline = '{timeline}'\" >> {into}/postgresql.auto.conf"
                )
            }
        }
    }

    /// What it recorded of one backup.
    pub(super) fn details(&self, repo: Option<u32>, label: &str) -> String {
        match self {
            Self::PgBackRest { command } => format!("{command}{} info --set={label}", of(repo)),
            Self::WalG { command } => format!("{command} backup-list --detail"),
        }
    }

    /// Removes one backup and what depends on it.
    pub(super) fn remove(&self, repo: Option<u32>, label: &str) -> String {
        match self {
            Self::PgBackRest { command } => format!("{command}{} expire --set={label}", of(repo)),
            Self::WalG { command } => format!("{command} delete target {label} --confirm"),
        }
    }

    /// Tells the archive of the cluster that is live now; `None`: the tool keeps no account of clusters.
    pub(super) fn adopt(&self) -> Option<String> {
        match self {
            Self::PgBackRest { command } => Some(format!("{command} stanza-upgrade")),
            Self::WalG { .. } => None,
        }
    }
}

fn of(repo: Option<u32>) -> String {
    repo.map_or_else(String::new, |repo| format!(" --repo={repo}"))
}
