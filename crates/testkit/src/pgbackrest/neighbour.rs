//! A second server that archives into somebody else's stanza: a copy that was started with the settings of its original, or another cluster
//! that was told the wrong stanza.

use std::fs;
use std::time::{Duration, Instant};

use adapters::postgres::{Cluster, PgConnectOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};

use super::layout::{archiving, config, private};
use super::{PATIENCE, Stanza, start};
use crate::postgres::{ClusterFolder, SUPERUSER};

/// The second server. Gone when it is dropped.
pub struct Neighbour {
    cluster: Cluster,
    /// Options with which pgBackRest is called for it.
    options: Vec<String>,
    folder: ClusterFolder,
}

impl Neighbour {
    /// A cluster of its own that makes the stanza its own too.
    ///
    /// # Panics
    /// If it doesn't start, or pgBackRest refuses.
    pub async fn stranger(of: &Stanza) -> Self {
        let neighbour = Self::beside(of).await;
        let socket = format!("--pg1-socket-path={}", neighbour.cluster.socket_dir().display());
        of.call_with(&neighbour.options, &["stanza-upgrade", &socket]).await;
        neighbour.write_and_archive().await;
        neighbour
    }

    /// A replica that follows the archive.
    ///
    /// # Panics
    /// If it can't be restored, or doesn't start.
    pub async fn standby(of: &Stanza) -> Self {
        Self::restored(of, &["restore", "--type=standby"]).await
    }

    /// How its superuser connects to the same database as its original's.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.cluster.connect_options("postgres", SUPERUSER)
    }

    /// A copy out of the newest backup, promoted with its original's archive.
    ///
    /// # Panics
    /// If it can't be restored, or doesn't start.
    pub async fn copy(of: &Stanza) -> Self {
        let copy = Self::restored(of, &["restore", "--type=immediate", "--target-action=promote"]).await;
        let started = Instant::now();
        while copy.asks::<bool>("SELECT pg_is_in_recovery()").await {
            assert!(started.elapsed() < PATIENCE, "the copy doesn't end its recovery");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        copy.write_and_archive().await;
        copy
    }

    async fn restored(of: &Stanza, how: &[&str]) -> Self {
        let fresh = Self::beside(of).await;
        fresh.cluster.stop().await.unwrap_or_else(|error| panic!("{error}"));
        let data = fresh.cluster.data_dir();
        fs::remove_dir_all(&data).expect("the fresh data can go");
        private(&data, fresh.cluster.run_as());
        of.call_with(&fresh.options, how).await;
        let spec = archiving(&fresh.folder, &config(&of.folder), &fresh.options, &of.installation);
        Self {
            cluster: start(spec).await,
            ..fresh
        }
    }

    async fn beside(of: &Stanza) -> Self {
        let folder = ClusterFolder::create();
        let data = folder.path().join("data");
        let options = vec![
            format!("--stanza={}", of.name),
            format!("--pg1-path={}", data.display()),
        ];
        let cluster = start(archiving(&folder, &config(&of.folder), &options, &of.installation)).await;
        Self {
            cluster,
            options,
            folder,
        }
    }

    /// Ends a segment and waits until it is in the archive.
    async fn write_and_archive(&self) {
        let name: String = self
            .asks("SELECT pg_walfile_name(pg_switch_wal()) FROM pg_create_restore_point('a neighbour')")
            .await;
        let waits = format!("SELECT count(*) > 0 FROM pg_ls_archive_statusdir() WHERE name = '{name}.ready'");
        let asked = Instant::now();
        while self.asks::<bool>(&waits).await {
            assert!(asked.elapsed() < PATIENCE, "{name} was not archived");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn asks<T>(&self, question: &str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let options = self.cluster.connect_options("postgres", SUPERUSER);
        let mut connection: PgConnection = options.connect().await.expect("the cluster accepts connections");
        sqlx::query_scalar(AssertSqlSafe(question.to_owned()))
            .fetch_one(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{question}: {error}"))
    }

    /// Somebody found it and stopped it.
    ///
    /// # Panics
    /// If it doesn't stop.
    pub async fn stop(self) {
        self.cluster.stop().await.unwrap_or_else(|error| panic!("{error}"));
    }
}
