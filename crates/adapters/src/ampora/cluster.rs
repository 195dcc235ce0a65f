//! The cluster around the Ampora database: what a physical restore takes back with it, and who would notice.

use sqlx::Row as _;

use super::{AmporaDb, AmporaError};

/// The cluster as its own server tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveCluster {
    /// Ampora's own database.
    pub database: String,
    /// All databases but templates, with their sizes where this role may know them.
    pub databases: Vec<(String, Option<i64>)>,
    /// Sessions of clients, Muster's own left out.
    pub sessions: i64,
    /// Servers and slots that follow it.
    pub standbys: Vec<String>,
    /// The role that the cluster was made with.
    pub superuser: String,
}

impl AmporaDb {
    /// Asks the server about its cluster.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn cluster(&self) -> Result<LiveCluster, AmporaError> {
        let mut tx = self.pool.begin().await?;
        let databases = sqlx::query(
            "SELECT datname::text, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END
             FROM pg_database WHERE NOT datistemplate ORDER BY 1",
        )
        .fetch_all(&mut *tx)
        .await?;
        let databases = databases.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let databases = databases.collect::<Result<_, sqlx::Error>>()?;
        let row = sqlx::query(
            "SELECT current_database()::text,
                    (SELECT rolname::text FROM pg_roles WHERE oid = 10),
                    (SELECT count(*) FROM pg_stat_activity
                     WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datname IS NOT NULL
                       AND pid <> pg_backend_pid() AND coalesce(application_name, '') NOT LIKE 'muster%')",
        )
        .fetch_one(&mut *tx)
        .await?;
        let standbys = sqlx::query_scalar(
            "SELECT 'the standby ' || coalesce(nullif(application_name, ''), client_addr::text, 'pid ' || pid) FROM pg_stat_replication
             WHERE coalesce(application_name, '') <> 'pg_basebackup'
             UNION SELECT 'whatever holds the replication slot ' || slot_name FROM pg_replication_slots WHERE NOT temporary ORDER BY 1",
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.rollback().await?;
        Ok(LiveCluster {
            database: row.try_get(0)?,
            superuser: row.try_get(1)?,
            sessions: row.try_get(2)?,
            databases,
            standbys,
        })
    }
}
