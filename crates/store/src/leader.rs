//! One process at a time does what must be done once: sequencing the audit log, expiring requests, collecting. The lock lives as long as
//! its connection, so a dead leader is replaced without anybody's doing.

use sqlx::Connection;

use crate::{LOCK_CLASS, Lock, PgConnection, Result, Store};

/// Held by the leader. Dropping it steps down.
#[derive(Debug)]
pub struct Leadership {
    conn: PgConnection,
    lock: Lock,
}

impl Leadership {
    /// Takes the lead if nobody has it.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn try_acquire(store: &Store) -> Result<Option<Self>> {
        Self::try_lock(store, Lock::Leader).await
    }

    async fn try_lock(store: &Store, lock: Lock) -> Result<Option<Self>> {
        // Never of the pool: a pooled connection is replaced unseen, and with it goes the lock.
        let mut conn = PgConnection::connect_with(&store.pool.connect_options()).await?;
        let acquired = sqlx::query_scalar!(
            r#"select pg_try_advisory_lock($1, $2) as "acquired!""#,
            LOCK_CLASS,
            lock as i32
        )
        .fetch_one(&mut conn)
        .await?;
        if acquired {
            return Ok(Some(Self { conn, lock }));
        }
        conn.close().await?;
        Ok(None)
    }

    /// Whether the lead is still ours. Asked before each act that only a leader may do; no answer means no.
    pub async fn still_held(&mut self) -> bool {
        let held = sqlx::query_scalar!(
            r#"select exists (
                 select from pg_locks
                 where locktype = 'advisory' and granted and pid = pg_backend_pid()
                   and classid::bigint = $1 and objid::bigint = $2 and objsubid = 2) as "held!""#,
            i64::from(LOCK_CLASS),
            self.lock as i64,
        )
        .fetch_one(&mut self.conn)
        .await;
        held.unwrap_or(false)
    }

    /// Steps down and waits until the lock is free for the next.
    ///
    /// # Errors
    /// If the connection was lost, with which the lock is gone as well.
    pub async fn release(self) -> Result<()> {
        Ok(self.conn.close().await?)
    }
}

impl Store {
    /// Takes the lead of writing runbooks, if nobody has it: of several workers one writes.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn try_lead_runbooks(&self) -> Result<Option<Leadership>> {
        Leadership::try_lock(self, Lock::Runbooks).await
    }
}
