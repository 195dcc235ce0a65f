//! Who changed what, as it happens: PostgreSQL's notifications, handed to everybody in this process who waits for them. A notification
//! names a topic and nothing else; whoever cares reads the rows.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use crate::{PgConnection, Result, Store};

/// Channel of topics: `audit`, `observation:<deployment>`, `request:<number>`, `run:<id>`.
const TOPICS: &str = "muster_events";
/// Channel that wakes workers.
const WORK: &str = "muster_work";
/// Events that a slow receiver may fall behind before it is told to refresh everything.
const BACKLOG: usize = 256;
/// Pause between two attempts to reach the database.
const RETRY: Duration = Duration::from_secs(1);
/// A quiet connection is asked for a sign of life this often: a silent network partition would otherwise look like silence.
const QUIET: Duration = Duration::from_secs(30);
/// How long it may take to give one.
const ANSWER: Duration = Duration::from_secs(10);

/// Something happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// What this topic stands for changed.
    Changed(String),
    /// A run waits for a worker.
    Work,
    /// Events may have been lost: anything may have changed.
    Refresh,
}

/// Announces a change of `topic` when the transaction commits.
///
/// # Errors
/// If the database doesn't take it.
pub async fn notify(conn: &mut PgConnection, topic: &str) -> Result<()> {
    send(conn, TOPICS, topic).await
}

/// Wakes workers when the transaction commits.
pub(crate) async fn notify_work(conn: &mut PgConnection) -> Result<()> {
    send(conn, WORK, "").await
}

async fn send(conn: &mut PgConnection, channel: &str, payload: &str) -> Result<()> {
    sqlx::query!("select pg_notify($1, $2)", channel, payload)
        .execute(conn)
        .await?;
    Ok(())
}

/// The stream of events, listened to on a connection of its own until this is dropped.
#[derive(Debug)]
pub struct Events {
    sender: broadcast::Sender<Event>,
    listener: JoinHandle<()>,
}

/// One receiver of events.
#[derive(Debug)]
pub struct Subscription(broadcast::Receiver<Event>);

impl Events {
    /// Starts to listen, and goes on whatever happens to the database: a lost connection is made anew and announced as
    /// [`Event::Refresh`], the first one too.
    #[must_use]
    pub fn listen(store: &Store) -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with((*store.pool.connect_options()).clone());
        let listener = tokio::spawn(listen_forever(pool, sender.clone()));
        Self { sender, listener }
    }

    /// A receiver of everything from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription(self.sender.subscribe())
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Subscription {
    /// Waits for the next event. A receiver that fell behind is told to refresh. `None`: [`Events`] is gone.
    pub async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Refresh),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

async fn listen_forever(pool: PgPool, sender: broadcast::Sender<Event>) {
    loop {
        if let Err(error) = listen_until_lost(&pool, &sender).await {
            tracing::warn!(%error, "the connection that listens for events was lost; trying again");
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn listen_until_lost(pool: &PgPool, sender: &broadcast::Sender<Event>) -> std::result::Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen_all([TOPICS, WORK]).await?;
    loop {
        // Nobody may be there to receive, which is no error.
        let _ = sender.send(Event::Refresh);
        while let Some(event) = next(&mut listener).await? {
            let _ = sender.send(event);
        }
    }
}

/// The next notification; `None` if the connection was lost and made anew, so that some may be missing.
async fn next(listener: &mut PgListener) -> std::result::Result<Option<Event>, sqlx::Error> {
    loop {
        match tokio::time::timeout(QUIET, listener.try_recv()).await {
            Ok(received) => {
                return Ok(received?.map(|notification| match notification.channel() {
                    WORK => Event::Work,
                    _ => Event::Changed(notification.payload().into()),
                }));
            }
            Err(_quiet) => {
                let alive = sqlx::query_scalar!(r#"select true as "alive!""#).fetch_one(&mut *listener);
                tokio::time::timeout(ANSWER, alive)
                    .await
                    .map_err(|_| sqlx::Error::PoolTimedOut)??;
            }
        }
    }
}
