//! The log of a drill, bounded more tightly than that of a run: there are many drills.

use domain::ids::DrillId;
use domain::time::Timestamp;

use super::topic;
use crate::events::notify;
use crate::row::{parse, text};
use crate::runs::LogStream;
use crate::{Result, Store, StoreError};

/// Bytes of log that a drill may have; a last line says so.
const LOG_LIMIT: i64 = 8 * 1024 * 1024;
/// Bytes of one line.
const LINE_LIMIT: usize = 4096;

/// One line to be written down. Secrets are taken out before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrillLine {
    pub at: Timestamp,
    /// The phase's word.
    pub phase: String,
    pub stream: LogStream,
    pub text: String,
}

/// One line with its place. `seq` grows within a drill, with holes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredDrillLine {
    pub seq: i64,
    pub line: DrillLine,
}

impl Store {
    /// Adds lines; what comes beyond the limit is left out, and a last line says so.
    ///
    /// # Errors
    /// [`StoreError::DrillLost`] if `fence` isn't the drill's.
    pub async fn drill_log_append(&self, drill: DrillId, fence: i64, lines: &[DrillLine]) -> Result<()> {
        let mut tx = self.begin().await?;
        let room = sqlx::query!(
            "select log_bytes, log_full from drills where id = $1 and fence = $2 and state = 'running' for update",
            drill.0,
            fence,
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::DrillLost(drill))?;
        if room.log_full || lines.is_empty() {
            return Ok(());
        }
        let (mut at, mut phase, mut stream, mut texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut size, mut full) = (room.log_bytes, false);
        for line in lines {
            let shown = text(&line.text);
            let mut shown = shown[..shown.floor_char_boundary(LINE_LIMIT)].to_owned();
            size += i64::try_from(shown.len()).unwrap_or(i64::MAX / 2);
            full = size > LOG_LIMIT;
            if full {
                shown = "The log ends here: it is full. The drill goes on.".into();
            }
            at.push(line.at);
            phase.push(line.phase.clone());
            stream.push(line.stream.word().to_owned());
            texts.push(shown);
            if full {
                break;
            }
        }
        sqlx::query!(
            "insert into drill_log (drill, at, phase, stream, line)
             select $1, * from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[])",
            drill.0,
            &at,
            &phase,
            &stream,
            &texts,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "update drills set log_bytes = $2, log_full = $3 where id = $1",
            drill.0,
            size,
            full
        )
        .execute(&mut *tx)
        .await?;
        notify(&mut tx, &topic(drill)).await?;
        Ok(tx.commit().await?)
    }

    /// At most `limit` lines behind `after_seq` (0 to begin), oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_log(&self, drill: DrillId, after_seq: i64, limit: i64) -> Result<Vec<StoredDrillLine>> {
        let rows = sqlx::query!(
            "select seq, at, phase, stream, line from drill_log where drill = $1 and seq > $2 order by seq limit $3",
            drill.0,
            after_seq,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let lines = rows.into_iter().map(|row| {
            Ok(StoredDrillLine {
                seq: row.seq,
                line: DrillLine {
                    at: row.at,
                    phase: row.phase,
                    stream: parse(row.stream.into(), "drill_log", row.seq)?,
                    text: row.line,
                },
            })
        });
        lines.collect()
    }

    /// At most `limit` lines from the one at `offset` on, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_log_page(&self, drill: DrillId, offset: i64, limit: i64) -> Result<Vec<StoredDrillLine>> {
        let first = sqlx::query_scalar!(
            "select seq from drill_log where drill = $1 order by seq offset $2 limit 1",
            drill.0,
            offset.max(0),
        )
        .fetch_optional(&self.pool)
        .await?;
        match first {
            None => Ok(Vec::new()),
            Some(first) => self.drill_log(drill, first - 1, limit).await,
        }
    }

    /// How many lines there are.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_log_size(&self, drill: DrillId) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from drill_log where drill = $1"#,
            drill.0
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Forgets logs of drills that ended so long ago: they may quote rows. The drills themselves stay. Answers how many lines went.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_logs_prune(&self, keep: std::time::Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from drill_log using drills
             where drills.id = drill_log.drill and drills.finished_at < clock_timestamp() - make_interval(secs => $1)",
            keep.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
