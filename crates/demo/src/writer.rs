//! Keeps the demo's Ampora alive: people edit and publish, agents report, and every few seconds a heartbeat is written. Without it the
//! newest commit would grow old and a restore would never lose anything.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

const HEARTBEAT: Duration = Duration::from_secs(5);
/// Shortest and longest pause between two events, in milliseconds.
const PAUSE: std::ops::Range<u64> = 900..2100;

/// Writes until it is stopped or dropped.
pub(crate) struct Writer {
    stopping: DropGuard,
    writing: JoinHandle<()>,
}

impl Writer {
    /// Starts to write as the role that Ampora uses.
    pub fn start(options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let stopping = CancellationToken::new();
        let writing = tokio::spawn(write(pool, stopping.clone()));
        Self {
            stopping: stopping.drop_guard(),
            writing,
        }
    }

    /// Stops after the statement under way.
    pub async fn stop(self) {
        drop(self.stopping);
        if let Err(error) = self.writing.await {
            tracing::error!(%error, "the demo's writer ended badly");
        }
    }
}

async fn write(pool: PgPool, stopping: CancellationToken) {
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut next = Instant::now();
    let mut failing = false;
    loop {
        let written = tokio::select! {
            () = stopping.cancelled() => break,
            _ = beat.tick() => heartbeat(&pool).await,
            () = sleep_until(next) => {
                next = Instant::now() + Duration::from_millis(rand::random_range(PAUSE));
                something(&pool).await
            }
        };
        // Said once when it begins and once when it ends: a server that restarts is no news every second.
        match &written {
            Err(error) if !failing => tracing::warn!(%error, "the demo's Ampora can't write to its database"),
            Ok(()) if failing => tracing::info!("the demo's Ampora writes again"),
            _ => {}
        }
        failing = written.is_err();
    }
    pool.close().await;
}

async fn heartbeat(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query(
        r#"INSERT INTO "heartbeats" ("InstanceId", "BeatUtc") VALUES ('ampora-web-0', now()), ('ampora-web-1', now())
           ON CONFLICT ("InstanceId") DO UPDATE SET "BeatUtc" = excluded."BeatUtc""#,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// One thing that happens in one tenant.
async fn something(pool: &PgPool) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    let tenant: Uuid = sqlx::query_scalar(r#"SELECT "Id" FROM "tenants" ORDER BY random() LIMIT 1"#)
        .fetch_one(&mut *transaction)
        .await?;
    let statement = match rand::random_range(0..10) {
        0 => include_str!("writer/publish.sql"),
        1..=3 => include_str!("writer/report.sql"),
        _ => include_str!("writer/edit.sql"),
    };
    sqlx::query(statement).bind(tenant).execute(&mut *transaction).await?;
    transaction.commit().await
}
