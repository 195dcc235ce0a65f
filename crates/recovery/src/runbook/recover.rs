//! Recovery of a restored data directory by hand: watched where nobody else gets in, and ended only where it should be.

use domain::runbook::Step;
use domain::wal::Lsn;

use super::{Book, database};
use crate::by_hand::{PROMOTE, reached, shell};

/// Data directory where no other is configured.
const NEW_DATA: &str = "/var/lib/postgresql/restored";

/// Settings of the first start, which beat those that came with the backup: no network, nothing archived, no primary followed.
const ALONE: &str = "-c listen_addresses= -c port=5432 -c ssl=off -c archive_mode=off -c primary_conninfo= -c shared_preload_libraries= \
                     -c logging_collector=off -c hot_standby=on";
/// A standby may not undercut the limits of the server it replays, which stand in its control file under other names.
/// <https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN>
const LIMITS: &str = "s/^(max_connections|max_worker_processes|max_wal_senders) setting: */\\1 = /p; \
                      s/^max_prepared_xacts setting: */max_prepared_transactions = /p; s/^max_locks_per_xact setting: */max_locks_per_transaction = /p";

/// The server that a data directory is recovered by.
pub(super) struct Server {
    pub(super) data: String,
    bin: String,
    /// As it is started every day.
    start: String,
}

impl Server {
    pub(super) fn of(book: &Book<'_>) -> Self {
        let host = book.deployment.host.as_ref();
        let data = host.map_or(NEW_DATA, |host| &host.pgdata).to_owned();
        let bin = host.and_then(|host| host.bin_dir.clone());
        let start = host.and_then(|host| host.start.as_ref());
        let usual = || format!("systemctl start postgresql   # as root, once its data_directory is {data}");
        Self {
            start: start.map_or_else(usual, |words| shell::line(words.iter().map(String::as_str))),
            bin: bin.unwrap_or_else(|| format!("/usr/lib/postgresql/{}/bin", major(book))),
            data,
        }
    }

    /// From the restored files to a server that takes writes. `end`: where the archive ends.
    pub(super) fn recover(&self, book: &Book<'_>, end: Option<Lsn>) -> [Step; 4] {
        [
            self.start_alone(),
            self.position(end),
            database::gate_of(book, Some(&self.data), &book.database()),
            self.end_recovery(),
        ]
    }

    /// With a configuration of its own: on Debian that of the server isn't part of a backup.
    fn start_alone(&self) -> Step {
        let (pg_ctl, control) = (self.tool("pg_ctl"), self.tool("pg_controldata"));
        let [config, hba, log] = ["conf", "hba", "log"].map(|kind| self.file(kind));
        let data = shell::word(&self.data);
        let options = format!("-c config_file={config} -c hba_file={hba} -c unix_socket_directories={data} {ALONE}");
        Step::told(
            "Start it with nobody let in",
            "No network and no archiving until it is known to be the right one; its socket lies in the data directory, which is closed to others.",
        )
        .by(format!("chmod 700 {data}\nLC_ALL=C {control} {data} | sed -nE '{LIMITS}' > {config}\necho 'local all all trust' > {hba}"))
        .by(format!("{pg_ctl} -D {data} -l {log} -o {} -w -t 86400 start", shell::word(&options)))
    }

    fn position(&self, end: Option<Lsn>) -> Step {
        let query = reached(end);
        let enough = end.map_or_else(
            || "How far it has to come isn’t known".to_owned(),
            |end| format!("Of a restore to the latest state enough has to be t: the WAL reaches {end}"),
        );
        Step::told(
            "See how far it came",
            format!(
                "Again and again, until it doesn’t move any more. {enough}; of a restore to a time, recovery has to be paused. Less is a hole in the \
                 WAL: go on only if that loss is accepted, and write it down."
            ),
        )
        .by(shell::sql_on(Some(&self.data), "postgres", &query))
    }

    /// Under its own settings: the archive gets the history of the new timeline only where archiving is on.
    fn end_recovery(&self) -> Step {
        let (pg_ctl, data) = (self.tool("pg_ctl"), shell::word(&self.data));
        let files = ["conf", "hba", "log"].map(|kind| self.file(kind)).join(" ");
        Step::told(
            "End recovery, under its own settings",
            "Only now, and only with Ampora still stopped: it is open to others from here on, and writes a new timeline.",
        )
        .by(format!("{pg_ctl} -D {data} -m fast -w stop && rm {files}"))
        .by(self.start.clone())
        .by(shell::sql("postgres", PROMOTE))
    }

    fn tool(&self, name: &str) -> String {
        shell::word(&format!("{}/{name}", self.bin))
    }

    /// A file of the first start.
    fn file(&self, kind: &str) -> String {
        shell::word(&format!("{}/first-start.{kind}", self.data))
    }
}

fn major(book: &Book<'_>) -> String {
    let version = book.vitals().ok().map(|vitals| vitals.server_version.clone());
    let major = version.and_then(|version| Some(version.split('.').next()?.to_owned()));
    major.unwrap_or_else(|| "16".into())
}
