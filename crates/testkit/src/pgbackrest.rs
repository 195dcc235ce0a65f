//! A PostgreSQL cluster whose WAL and backups go to two repositories of pgBackRest, and what can go wrong with them.

mod layout;
mod neighbour;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use adapters::pgbackrest::PgBackRest;
use adapters::postgres::{Cluster, ClusterSpec, PgConnectOptions};
use adapters::process::Tool;
use domain::ids::{Big, SystemIdentifier};
use domain::time::Timestamp;
use domain::wal::Lsn;
use domain::window::Commit;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use crate::installation::Installation;
use crate::postgres::{ClusterFolder, SUPERUSER};
use layout::{below, config, configure, home, private, spec};

pub use neighbour::Neighbour;

/// Opens repo2 of [`Stanza::encrypted`].
pub const PASSPHRASE: &str = "correct horse battery staple";

/// Database of the cluster in which it writes.
const DATABASE: &str = "postgres";
/// A machine that is busy with a build archives slowly.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running cluster with a stanza in two repositories. Gone, with everything in them, when it is dropped or its process ends.
pub struct Stanza {
    pub name: String,
    installation: Installation,
    cluster: Cluster,
    folder: ClusterFolder,
}

/// What a backup copies.
#[derive(Clone, Copy, Debug)]
pub enum Copies {
    Everything,
    /// What changed since the backup before.
    Changes,
}

impl Stanza {
    /// Two repositories that need no passphrase.
    pub async fn start() -> Self {
        Self::start_on(Installation::packaged()).await
    }

    /// The same of a cluster of this PostgreSQL.
    pub async fn start_on(installation: Installation) -> Self {
        Self::made("demo", false, installation).await
    }

    /// The second repository is encrypted with [`PASSPHRASE`].
    pub async fn encrypted() -> Self {
        Self::encrypted_on(Installation::packaged()).await
    }

    /// The same of a cluster of this PostgreSQL.
    pub async fn encrypted_on(installation: Installation) -> Self {
        Self::made("demo", true, installation).await
    }

    /// A stanza of this name, with a table to write to.
    ///
    /// # Panics
    /// If PostgreSQL or pgBackRest isn't installed, or doesn't do as it is told.
    pub async fn start_as(name: &str, encrypted: bool) -> Self {
        Self::made(name, encrypted, Installation::packaged()).await
    }

    async fn made(name: &str, encrypted: bool, installation: Installation) -> Self {
        let folder = ClusterFolder::create();
        let cluster = start(spec(&folder, name, &installation)).await;
        configure(&folder, &cluster, name, encrypted);
        let stanza = Self {
            name: name.to_owned(),
            installation,
            cluster,
            folder,
        };
        stanza.call(&["stanza-create"]).await;
        stanza
            .execute("CREATE TABLE written (at timestamptz NOT NULL DEFAULT clock_timestamp())")
            .await;
        stanza
    }

    /// What it runs on.
    #[must_use]
    pub const fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The cluster itself.
    #[must_use]
    pub const fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Lets the server's user put directories beside the data directory, as it may on a database's own host.
    ///
    /// # Panics
    /// If the folder can't be given away.
    pub fn own_the_folder(&self) {
        layout::own(self.folder.path(), self.cluster.run_as());
    }

    /// The stanza as a source.
    #[must_use]
    pub fn source(&self) -> PgBackRest {
        self.source_with(self.tool())
    }

    /// The stanza as a source that is reached in another way.
    #[must_use]
    pub fn source_with(&self, tool: Tool) -> PgBackRest {
        PgBackRest {
            name: "pgbr-main".into(),
            stanza: self.name.clone(),
            tool,
        }
    }

    /// How its superuser connects to the database in which it writes.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.cluster.connect_options(DATABASE, SUPERUSER)
    }

    /// PostgreSQL's data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.cluster.data_dir()
    }

    /// Every file of a repository, by path below it.
    #[must_use]
    pub fn files(&self, repo: u32) -> Vec<PathBuf> {
        let (root, mut found) = (self.repo(repo), Vec::new());
        below(&root, &mut |path| {
            found.extend(path.strip_prefix(&root).map(std::path::Path::to_owned))
        });
        found.sort();
        found
    }

    /// Runs a statement as superuser.
    ///
    /// # Panics
    /// If the server refuses it.
    pub async fn run(&self, statement: &str) {
        self.execute(statement).await;
    }

    /// pgBackRest with this configuration, as the user that runs tools.
    ///
    /// # Panics
    /// If there is no such user.
    #[must_use]
    pub fn tool(&self) -> Tool {
        let tool = Tool::from_command(&self.command()).expect("a program is named");
        tool.run_as(self.cluster.run_as().cloned())
    }

    /// The same as an argument vector.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        vec![
            self.installation.pgbackrest.display().to_string(),
            format!("--config={}", config(&self.folder).display()),
        ]
    }

    /// Makes a backup in one repository; answers its label.
    pub async fn backup(&self, repo: u32, copies: Copies) -> String {
        let kind = match copies {
            Copies::Everything => "--type=full",
            Copies::Changes => "--type=incr",
        };
        self.call(&["backup", kind, &format!("--repo={repo}")]).await;
        let read = self.source().read().await.unwrap_or_else(|error| panic!("{error}"));
        let own = read.backups.into_iter().filter(|backup| backup.repo == Some(repo));
        own.map(|backup| backup.label)
            .next_back()
            .expect("the backup that was made")
    }

    /// Commits a row; answers where and when.
    pub async fn write(&self) -> Commit {
        let mut connection = self.connect().await;
        let at: Timestamp = sqlx::query_scalar("INSERT INTO written DEFAULT VALUES RETURNING at")
            .fetch_one(&mut connection)
            .await
            .expect("the table takes rows");
        // What is inserted may not be written yet: these clusters don't wait for it. And the control file learns of a timeline later
        // than the names of its segments tell.
        let (lsn, name, system): (String, String, String) = sqlx::query_as(
            "SELECT pg_current_wal_insert_lsn()::text, pg_walfile_name(pg_current_wal_lsn()), system_identifier::text
             FROM pg_control_system()",
        )
        .fetch_one(&mut connection)
        .await
        .expect("a server that isn't in recovery");
        Commit {
            system: Some(SystemIdentifier(Big(system.parse().expect("a number")))),
            timeline: u32::from_str_radix(&name[..8], 16).ok(),
            lsn: lsn.parse().expect("a position"),
            at,
        }
    }

    /// Commits a row, ends the segment that it is in, and waits until that is in both repositories; answers its name too.
    pub async fn write_and_archive(&self) -> (Commit, String) {
        // A segment that nothing was written to wouldn't be ended.
        let commit = self.write().await;
        let mut connection = self.connect().await;
        let name: String = sqlx::query_scalar("SELECT pg_walfile_name(pg_switch_wal())")
            .fetch_one(&mut connection)
            .await
            .expect("a superuser switches segments");
        let query = "SELECT count(*) > 0 FROM pg_ls_archive_statusdir() WHERE name = $1 || '.ready'";
        let asked = Instant::now();
        while sqlx::query_scalar::<_, bool>(query)
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .expect("a superuser sees what waits")
        {
            assert!(asked.elapsed() < PATIENCE, "{name} was not archived");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        (commit, name)
    }

    /// Has segments wait on the server, so that a backup waits for them too, or lets them go.
    pub async fn hold_archiving(&self, hold: bool) {
        // pgBackRest refuses to begin where its own name isn't part of the command.
        let change = if hold {
            "SET archive_command = '/bin/false pgbackrest'"
        } else {
            "RESET archive_command"
        };
        self.execute(&format!("ALTER SYSTEM {change}")).await;
        self.execute("SELECT pg_reload_conf()").await;
    }

    /// Restores the cluster from one repository to a position and lets it go on from there, on a new timeline that is archived too.
    ///
    /// # Panics
    /// If it can't be restored or doesn't get out of recovery.
    pub async fn rewind(&mut self, repo: u32, label: &str, to: Lsn) {
        let (repo, set, target) = (
            format!("--repo={repo}"),
            format!("--set={label}"),
            format!("--target={to}"),
        );
        let to_position = [&repo, &set, "--type=lsn", &target, "--target-action=promote"];
        self.restore(&to_position).await;
    }

    /// Restores the cluster as far as its WAL can be had, and lets it go on from there.
    ///
    /// # Panics
    /// If it can't be restored or doesn't get out of recovery.
    pub async fn restore_latest(&mut self) {
        self.restore(&["--type=default"]).await;
    }

    async fn restore(&mut self, how: &[&str]) {
        self.cluster.stop().await.unwrap_or_else(|error| panic!("{error}"));
        let data = self.cluster.data_dir();
        fs::remove_dir_all(&data).expect("the old data can go");
        private(&data, self.cluster.run_as());
        self.call(&[&["restore"], how].concat()).await;
        self.start_again(async || ()).await;
    }

    /// Stops the server, has something done to its files, and starts it again; back when it takes writes.
    ///
    /// # Panics
    /// If it doesn't stop, or doesn't get out of recovery.
    pub async fn restart(&mut self, meanwhile: impl AsyncFnOnce()) {
        self.restart_waiting(meanwhile, async || ()).await;
    }

    /// The same, where the server needs somebody to end its recovery: `promote` is tried again and again until it has.
    ///
    /// # Panics
    /// If it doesn't stop, start or end its recovery.
    pub async fn restart_waiting(&mut self, meanwhile: impl AsyncFnOnce(), promote: impl AsyncFn()) {
        self.cluster.stop().await.unwrap_or_else(|error| panic!("{error}"));
        meanwhile().await;
        self.start_again(promote).await;
    }

    async fn start_again(&mut self, promote: impl AsyncFn()) {
        self.cluster = start(spec(&self.folder, &self.name, &self.installation)).await;
        let started = Instant::now();
        while self.in_recovery().await {
            assert!(started.elapsed() < PATIENCE, "recovery doesn't end");
            promote().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Folder of a repository.
    #[must_use]
    pub fn repo(&self, number: u32) -> PathBuf {
        home(&self.folder).join(format!("repo{number}"))
    }

    /// The one file below a folder of a repository whose name begins so. Names of segments go on with a checksum.
    ///
    /// # Panics
    /// If there is none, or several.
    #[must_use]
    pub fn file(&self, repo: u32, folder: &str, name: &str) -> PathBuf {
        let folder = self.repo(repo).join(folder);
        let mut found = Vec::new();
        below(&folder, &mut |path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            if file.starts_with(name) && !file.ends_with(".backup") {
                found.push(path.to_owned());
            }
        });
        assert_eq!(found.len(), 1, "{name} in {}: {found:?}", folder.display());
        found.remove(0)
    }

    /// Takes a WAL segment or a history away from one repository.
    pub fn lose_wal(&self, repo: u32, name: &str) {
        let archive = format!("archive/{}", self.name);
        fs::remove_file(self.file(repo, &archive, name)).expect("it can be removed");
    }

    async fn call(&self, arguments: &[&str]) {
        self.call_with(&[format!("--stanza={}", self.name)], arguments).await;
    }

    async fn call_with(&self, options: &[String], arguments: &[&str]) {
        let arguments = options.iter().map(String::as_str).chain(arguments.iter().copied());
        let call = self.tool().invoke(arguments);
        call.output().await.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn connect(&self) -> PgConnection {
        let options = self.cluster.connect_options(DATABASE, SUPERUSER);
        options.connect().await.expect("the cluster accepts connections")
    }

    async fn execute(&self, statement: &str) {
        let mut connection = self.connect().await;
        let done = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        connection.close().await.expect("closes");
    }

    async fn in_recovery(&self) -> bool {
        let mut connection = self.connect().await;
        let asked = sqlx::query_scalar("SELECT pg_is_in_recovery()")
            .fetch_one(&mut connection)
            .await;
        asked.expect("any role may ask")
    }
}

async fn start(spec: ClusterSpec) -> Cluster {
    Cluster::start(spec).await.unwrap_or_else(|error| panic!("{error}"))
}
