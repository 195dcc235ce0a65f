//! Throw-away PostgreSQL: one fast cluster a test process, an empty database a test.
//!
//! Durability is off: these clusters lose nothing that anybody would miss. Needs an installed PostgreSQL; a
//! test that can't have one fails.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use adapters::postgres::{Binaries, Cluster, ClusterSpec};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::{Mutex, OnceCell};

use crate::installation::Installation;
use crate::watchdog::Watchdog;

/// Superuser of every throw-away cluster.
pub const SUPERUSER: &str = "tester";

static SHARED: OnceCell<ThrowawayCluster> = OnceCell::const_new();
/// One more for each other version that a test of this process asks for.
static OTHERS: Mutex<BTreeMap<u32, &'static ThrowawayCluster>> = Mutex::const_new(BTreeMap::new());

/// A fresh, empty database on the cluster that all tests of this process share.
///
/// # Panics
/// If PostgreSQL isn't installed or doesn't start.
pub async fn database() -> Database {
    SHARED.get_or_init(ThrowawayCluster::start).await.database().await
}

/// The same on a cluster of this PostgreSQL.
///
/// # Panics
/// If it doesn't start.
pub async fn database_on(installation: &Installation) -> Database {
    if *installation == Installation::packaged() {
        return database().await;
    }
    let mut others = OTHERS.lock().await;
    let cluster = match others.get(&installation.binaries.major) {
        Some(cluster) => cluster,
        None => {
            let started = ThrowawayCluster::start_with(|spec| installation.run(spec)).await;
            let kept: &'static ThrowawayCluster = Box::leak(Box::new(started));
            others.insert(installation.binaries.major, kept);
            kept
        }
    };
    drop(others);
    cluster.database().await
}

/// An empty database of one test.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// How to connect to it as superuser, without a password.
    pub options: PgConnectOptions,
    /// The same for programs that take a URL.
    pub url: String,
    /// The programs of its server.
    pub binaries: Binaries,
}

impl Database {
    /// A connection of one's own.
    ///
    /// # Panics
    /// If the server refuses it.
    pub async fn connect(&self) -> PgConnection {
        self.options
            .connect()
            .await
            .expect("the throw-away cluster accepts connections")
    }
}

/// A folder for one cluster. Dropped, or when its process ends in any way, the server in it is ended and all
/// files are removed.
pub struct ClusterFolder {
    path: PathBuf,
    _watchdog: Watchdog,
}

impl ClusterFolder {
    /// A new, empty folder that the server's user can enter.
    ///
    /// # Panics
    /// If `/tmp` isn't writable.
    #[must_use]
    pub fn create() -> Self {
        // Not where TMPDIR points: that may be closed to the server's user.
        let root = tempfile::Builder::new()
            .prefix("muster-test-")
            .tempdir_in("/tmp")
            .expect("/tmp is writable");
        fs::set_permissions(root.path(), Permissions::from_mode(0o711)).expect("our own folder");
        let path = root.path().join("cluster");
        let watchdog = Watchdog::over(&path, root.path()).expect("/bin/sh starts");
        let _ = root.keep();
        Self {
            path,
            _watchdog: watchdog,
        }
    }

    /// Where the cluster goes. Doesn't exist yet.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A fast, careless cluster in this folder.
    ///
    /// # Panics
    /// If PostgreSQL isn't installed.
    #[must_use]
    pub fn spec(&self) -> ClusterSpec {
        fast_spec(&self.path).socket_dir(self.path.with_file_name("socket"))
    }
}

/// A fast, careless cluster in a folder that somebody else removes.
///
/// # Panics
/// If PostgreSQL isn't installed.
#[must_use]
pub fn fast_spec(folder: &Path) -> ClusterSpec {
    let spec = ClusterSpec::new(folder, SUPERUSER).unwrap_or_else(|error| panic!("{error}"));
    [
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        ("max_connections", "300"),
    ]
    .into_iter()
    .fold(spec, |spec, (name, value)| {
        spec.setting(name, value).expect("a plain setting")
    })
}

/// A running cluster that is gone, with its files, when this is dropped or its process ends in any way.
pub struct ThrowawayCluster {
    cluster: Cluster,
    databases: AtomicU32,
    _folder: ClusterFolder,
}

impl ThrowawayCluster {
    /// Starts a cluster with the usual settings.
    ///
    /// # Panics
    /// If PostgreSQL isn't installed or doesn't start.
    pub async fn start() -> Self {
        Self::start_with(|spec| spec).await
    }

    /// Starts a cluster with other settings than the usual.
    ///
    /// # Panics
    /// If PostgreSQL isn't installed or doesn't start.
    pub async fn start_with(adjust: impl FnOnce(ClusterSpec) -> ClusterSpec) -> Self {
        let folder = ClusterFolder::create();
        let cluster = Cluster::start(adjust(folder.spec()))
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        Self {
            cluster,
            databases: AtomicU32::new(0),
            _folder: folder,
        }
    }

    /// The cluster itself.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A fresh, empty database.
    ///
    /// # Panics
    /// If the server refuses to make one.
    pub async fn database(&self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = self
            .cluster
            .connect_options("postgres", SUPERUSER)
            .connect()
            .await
            .expect("connects");
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"));
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .expect("a superuser creates databases");
        connection.close().await.expect("closes");
        let options = self.cluster.connect_options(&name, SUPERUSER);
        let url = self.cluster.url(SUPERUSER, &name);
        Database {
            name,
            options,
            url,
            binaries: self.cluster.binaries().clone(),
        }
    }
}
