//! The history of drills, page by page. Its place in the order is time and id together: several may be queued in one instant.

use domain::drill::Verdict;
use domain::ids::DrillId;
use domain::time::Timestamp;

use super::{Row, StoredDrill};
use crate::{Result, Store};

/// What of the history is asked for. What isn't given filters nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DrillFilter {
    pub deployment: Option<String>,
    pub verdict: Option<Verdict>,
    /// Part of a backup's label.
    pub backup: Option<String>,
    /// Name of the source that the backup is from.
    pub source: Option<String>,
    /// Queued at this time or later.
    pub from: Option<Timestamp>,
    /// Queued before this time.
    pub until: Option<Timestamp>,
}

/// Where a drill stands in the history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DrillPlace {
    pub queued_at: Timestamp,
    pub id: DrillId,
}

impl StoredDrill {
    #[must_use]
    pub const fn place(&self) -> DrillPlace {
        DrillPlace {
            queued_at: self.drill.queued_at,
            id: self.drill.id,
        }
    }
}

impl Store {
    /// Drills, newest first, `before` excluded.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drills(
        &self,
        filter: &DrillFilter,
        before: Option<DrillPlace>,
        limit: i64,
    ) -> Result<Vec<StoredDrill>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, record, state, worker, cancel_wanted_at is not null as "cancel_wanted!", receipt from drills
               where ($1::text is null or deployment = $1) and ($2::text is null or verdict = $2)
                 and ($3::text is null or strpos(backup, $3) > 0) and ($4::text is null or source = $4)
                 and ($5::timestamptz is null or queued_at >= $5) and ($6::timestamptz is null or queued_at < $6)
                 and ($7::timestamptz is null or (queued_at, id) < ($7, $8::uuid))
               order by queued_at desc, id desc limit $9"#,
            filter.deployment,
            filter.verdict.map(Verdict::word),
            filter.backup,
            filter.source,
            filter.from,
            filter.until,
            before.map(|place| place.queued_at),
            before.map(|place| place.id.0),
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_stored).collect()
    }

    /// Names of the sources whose backups were rehearsed.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_sources(&self) -> Result<Vec<String>> {
        // From each name to the next one in the index: there are few of them, however many drills there were.
        let sources = sqlx::query_scalar!(
            r#"with recursive names as (
                 (select source from drills where source is not null order by source limit 1)
                 union all
                 select (select source from drills where source > names.source order by source limit 1)
                 from names where names.source is not null)
               select source as "source!" from names where source is not null limit 200"#
        );
        Ok(sources.fetch_all(&self.pool).await?)
    }

    /// Drills that wait or run now, the oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drills_open(&self) -> Result<Vec<StoredDrill>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, record, state, worker, cancel_wanted_at is not null as "cancel_wanted!", receipt from drills
               where state in ('queued', 'running') order by queued_at, id limit 500"#,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_stored).collect()
    }
}
