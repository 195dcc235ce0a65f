//! Drills: the queue and the history. A worker holds a drill by a lease, as it does a run; one whose worker is lost is not begun again but
//! closed, since a new one does no harm and costs nobody's approval.

use domain::drill::Drill;
use domain::ids::DrillId;
use domain::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::events::{notify, notify_work};
use crate::row::{json_clean, one, parse};
use crate::{LOCK_CLASS, Lock, PgConnection, Result, Store};

mod history;
mod keys;
mod lease;
mod log;
mod rehearsals;
mod schedule;

pub use history::{DrillFilter, DrillPlace};
pub use keys::{ReceiptKey, receipt_key_used};
pub use lease::{ClaimedDrill, drill_finish, drill_save};
pub use log::{DrillLine, StoredDrillLine};
pub use schedule::drill_schedule_move;

/// How far a drill came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DrillState {
    Queued,
    Running,
    Finished,
    Cancelled,
}

impl DrillState {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled)
    }
}

/// A drill with its place in the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredDrill {
    pub drill: Drill,
    pub state: DrillState,
    pub worker: Option<String>,
    pub cancel_wanted: bool,
    /// The signed receipt, as JSON.
    pub receipt: Option<String>,
}

struct Row {
    id: Uuid,
    record: Value,
    state: String,
    worker: Option<String>,
    cancel_wanted: bool,
    receipt: Option<String>,
}

impl Row {
    fn into_stored(self) -> Result<StoredDrill> {
        Ok(StoredDrill {
            drill: parse(self.record, "drills", self.id)?,
            state: parse(self.state.into(), "drills", self.id)?,
            worker: self.worker,
            cancel_wanted: self.cancel_wanted,
            receipt: self.receipt,
        })
    }
}

fn topic(drill: DrillId) -> String {
    format!("drill:{drill}")
}

/// Queues a drill and wakes the workers.
///
/// # Errors
/// If the database doesn't take it.
pub async fn drill_insert(conn: &mut PgConnection, drill: &Drill) -> Result<()> {
    let inserted = sqlx::query!(
        "insert into drills (id, deployment, record, queued_at) values ($1, $2, $3, $4)",
        drill.id.0,
        drill.deployment,
        json_clean(drill),
        drill.queued_at,
    )
    .execute(&mut *conn)
    .await?;
    one(&inserted, "queueing a drill")?;
    notify_work(conn).await?;
    notify(conn, &topic(drill.id)).await?;
    notify(conn, "drills").await
}

/// Makes sure that no drill of this deployment is queued beside the caller's: the one that waits already, if there is one.
///
/// # Errors
/// If the database doesn't answer.
pub async fn drill_waiting(conn: &mut PgConnection, deployment: &str) -> Result<Option<DrillId>> {
    sqlx::query!("select pg_advisory_xact_lock($1, $2)", LOCK_CLASS, Lock::Drills as i32)
        .execute(&mut *conn)
        .await?;
    let waiting = sqlx::query_scalar!(
        "select id from drills where deployment = $1 and state = 'queued' order by queued_at limit 1",
        deployment,
    )
    .fetch_optional(conn)
    .await?;
    Ok(waiting.map(DrillId))
}

/// Asks for a drill to be stopped. One that only waits is over at once. `false`: it is over already.
///
/// # Errors
/// If the database doesn't take it.
pub async fn drill_cancel(conn: &mut PgConnection, drill: DrillId) -> Result<bool> {
    let result = sqlx::query!(
        "update drills set cancel_wanted_at = coalesce(cancel_wanted_at, clock_timestamp())
         where id = $1 and state in ('queued', 'running')",
        drill.0,
    )
    .execute(&mut *conn)
    .await?;
    notify_work(conn).await?;
    notify(conn, &topic(drill)).await?;
    Ok(result.rows_affected() == 1)
}

impl Store {
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill(&self, drill: DrillId) -> Result<Option<StoredDrill>> {
        let row = sqlx::query_as!(
            Row,
            r#"select id, record, state, worker, cancel_wanted_at is not null as "cancel_wanted!", receipt from drills where id = $1"#,
            drill.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Row::into_stored).transpose()
    }

    /// The newest drill of each backup that tried keys on it: label, fingerprint of the key that opened it (`None`: none did), when.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drills_proofs(&self, deployment: &str) -> Result<Vec<(String, Option<String>, Timestamp)>> {
        let rows = sqlx::query!(
            r#"select distinct on (backup) backup as "backup!", key_fingerprint as fingerprint, finished_at as "at!"
               from drills
               where deployment = $1 and state = 'finished' and backup is not null and key_tried
               order by backup, finished_at desc"#,
            deployment,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.backup, row.fingerprint, row.at))
            .collect())
    }
}
