//! Which values of a column are read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use domain::envelope::Layout;
use domain::key::KeyId;
use domain::proof::ColumnRows;
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _};
use tokio::sync::mpsc;

use super::batch::Batch;
use super::statements::Statements;
use crate::ampora::{AmporaError, Column};

/// A column with at most this many values is read whole; of a larger one a random sample of about this size.
const WHOLE: usize = 10_000;
/// Values at either end of the order of writing that are read of each key id besides: a rotation begins at one of them.
const ENDS: usize = 100;
/// The same of all, where ids can't be told apart.
const ENDS_OF_ALL: usize = 200;
/// Key ids that are told apart. No Ampora has so many; bytes that aren't ids are.
const IDS: usize = 64;
/// So many values are read at ends at most, and not once more by chance.
const AT_ENDS: usize = 2 * ENDS * IDS;

/// Reads one column and sends what it reads.
pub async fn read(
    conn: &mut PgConnection,
    column: &Column,
    layout: &Layout,
    batches: &mpsc::Sender<Batch>,
) -> Result<ColumnRows, AmporaError> {
    let statements = Statements::of(conn, column, layout).await?;
    let mut reading = Reading {
        conn,
        statements,
        batch: Batch::new(Arc::new(column.clone())),
        column: Arc::new(column.clone()),
        batches,
        seen: HashSet::new(),
        sent: 0,
    };
    let is_large: bool = reading.number(reading.statements.more_than(WHOLE)).await?;
    let mut rows = ColumnRows {
        column: column.name(),
        rows: 0,
        by_id: BTreeMap::new(),
    };
    if is_large {
        reading.large(&mut rows).await?;
    } else {
        let all = reading.statements.all();
        reading.stream(sqlx::query(AssertSqlSafe(all))).await?;
        rows.rows = reading.sent;
    }
    reading.flush().await;
    Ok(rows)
}

struct Reading<'a> {
    conn: &'a mut PgConnection,
    statements: Statements,
    column: Arc<Column>,
    batch: Batch,
    batches: &'a mpsc::Sender<Batch>,
    /// Rows at the ends that were sent already.
    seen: HashSet<String>,
    sent: u64,
}

impl Reading<'_> {
    async fn large(&mut self, rows: &mut ColumnRows) -> Result<(), AmporaError> {
        let by_id = in_time(self.by_id().await)?.flatten();
        rows.rows = match &by_id {
            Some(by_id) => by_id.iter().map(|(_, count)| count).sum(),
            None => self.count().await?,
        };
        let ids: Vec<_> = by_id.iter().flatten().filter_map(|(id, _)| id.clone()).collect();
        let of_ids = match self.statements.ends_of_ids(ENDS) {
            Some(sql) if !ids.is_empty() => {
                let read = self.stream(sqlx::query(AssertSqlSafe(sql)).bind(ids)).await;
                in_time(read)?
            }
            _ => None,
        };
        if of_ids.is_none() {
            let ends = self.statements.ends(ENDS_OF_ALL);
            self.stream(sqlx::query(AssertSqlSafe(ends))).await?;
        }
        let part = WHOLE as f64 / rows.rows.max(1) as f64;
        let random = self.statements.random(part);
        self.stream(sqlx::query(AssertSqlSafe(random))).await?;
        rows.by_id = by_id
            .into_iter()
            .flatten()
            .filter_map(|(id, count)| Some((KeyId(hex::encode(id?)), count)))
            .collect();
        Ok(())
    }

    /// How many values each id has. `None`: ids can't be told apart.
    async fn by_id(&mut self) -> Result<Option<Vec<(Option<Vec<u8>>, u64)>>, AmporaError> {
        let (Some(first), Some(sql)) = (self.statements.ids_of_first(), self.statements.by_id(IDS + 1)) else {
            return Ok(None);
        };
        let different: i64 = self.number(first).await?;
        if usize::try_from(different).is_ok_and(|different| different > IDS) {
            return Ok(None);
        }
        let counted = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *self.conn).await?;
        if counted.len() > IDS {
            return Ok(None);
        }
        let length = self.statements.id_length;
        let id = |row: &PgRow| -> Result<_, sqlx::Error> {
            let (id, count): (Option<Vec<u8>>, i64) = (row.try_get(0)?, row.try_get(1)?);
            let whole = id.filter(|id| id.len() == length);
            Ok((whole, u64::try_from(count).unwrap_or_default()))
        };
        let ids: Result<Vec<_>, _> = counted.iter().map(id).collect();
        Ok(Some(ids?))
    }

    /// All values, or what the planner takes them for if counting takes too long.
    async fn count(&mut self) -> Result<u64, AmporaError> {
        let count = self.statements.count();
        let counted: Option<i64> = in_time(self.number(count).await)?;
        let rows = match counted {
            Some(rows) => rows,
            None => {
                let estimate = self.statements.estimate();
                self.number(estimate).await?
            }
        };
        Ok(u64::try_from(rows).unwrap_or_default().max(WHOLE as u64))
    }

    async fn number<T>(&mut self, sql: String) -> Result<T, AmporaError>
    where
        T: sqlx::Type<Postgres> + for<'r> sqlx::Decode<'r, Postgres> + Send + Unpin,
    {
        Ok(sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *self.conn)
            .await?)
    }

    /// Sends the rows of a statement while they arrive.
    async fn stream(&mut self, query: Query<'_, Postgres, sqlx::postgres::PgArguments>) -> Result<(), AmporaError> {
        let mut rows = query.fetch(&mut *self.conn);
        while let Some(row) = rows.try_next().await? {
            let (id, tenant, which): (&str, &str, Option<&str>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if which.is_some_and(|which| self.seen.contains(which)) {
                continue;
            }
            if self.seen.len() < AT_ENDS {
                self.seen.extend(which.map(str::to_owned));
            }
            self.batch.push(id, tenant, row.try_get(3)?);
            self.sent += 1;
            if self.batch.is_full() {
                let next = Batch::new(Arc::clone(&self.column));
                let full = std::mem::replace(&mut self.batch, next);
                // Whoever no longer listens needs no rest.
                if self.batches.send(full).await.is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn flush(self) {
        if !self.batch.is_empty() {
            let _ = self.batches.send(self.batch).await;
        }
    }
}

/// What was ended for taking too long is `None`, and something cheaper stands in.
fn in_time<T>(read: Result<T, AmporaError>) -> Result<Option<T>, AmporaError> {
    // query_canceled: https://www.postgresql.org/docs/current/errcodes-appendix.html
    let is_cancelled = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(|db| db.code());
        code.as_deref() == Some("57014")
    };
    match read {
        Ok(value) => Ok(Some(value)),
        Err(AmporaError::Query(error)) if is_cancelled(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
