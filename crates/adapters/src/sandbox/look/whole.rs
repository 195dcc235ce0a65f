//! What a copy that runs elsewhere was built with. One in a sandbox tells it by `pg_controldata`, before its server starts.

use sqlx::Row as _;

use super::super::{Control, Copy};
use super::Lookup;

/// A copy as its server tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whole {
    pub control: Control,
    /// Bytes of the database that was asked.
    pub size: u64,
    /// Databases that Muster's role may not connect to.
    pub closed: Vec<String>,
}

impl Copy {
    /// Asks for it.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn whole(&self) -> Result<Whole, Lookup> {
        let pool = self.home().await;
        let row = sqlx::query(
            "SELECT current_setting('data_checksums') = 'on', current_setting('block_size')::int,
                    (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'), pg_database_size(current_database())",
        )
        .fetch_one(&pool)
        .await?;
        let (block, segment, size): (i32, i64, i64) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let closed = sqlx::query_scalar(
            "SELECT datname::text FROM pg_database
             WHERE datallowconn AND NOT has_database_privilege(oid, 'CONNECT') AND datname <> 'rdsadmin' ORDER BY 1",
        );
        Ok(Whole {
            control: Control {
                checksums: Some(row.try_get(0)?),
                block_size: u32::try_from(block).ok(),
                segment_size: u32::try_from(segment).ok(),
                ..Control::default()
            },
            size: size.unsigned_abs(),
            closed: closed.fetch_all(&pool).await?,
        })
    }
}
