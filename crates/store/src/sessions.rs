//! Sessions. The id in the cookie is stored as its hash only; saving never creates, so a session that was revoked while a request was
//! under way stays revoked; idle and absolute limits run by the database's clock.

use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{Person, Sha256};
use domain::time::Timestamp;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result as StoreResult};

use crate::row::json_text;
use crate::{Result, Store};

/// Session rows with their two limits, for the session layer.
#[derive(Clone, Debug)]
pub struct SessionRows {
    store: Store,
    idle: Duration,
    absolute: Duration,
}

/// What a session is called outside the cookie: SHA-256 of its id's 22 characters.
#[must_use]
pub fn session_hash(id: &Id) -> Sha256 {
    Sha256::of(&[id.to_string().as_bytes()])
}

impl SessionRows {
    /// `idle` is the longest pause between two requests, `absolute` the longest life.
    #[must_use]
    pub const fn new(store: Store, idle: Duration, absolute: Duration) -> Self {
        Self { store, idle, absolute }
    }

    async fn insert(&self, record: &Record) -> Result<bool> {
        let result = sqlx::query!(
            "insert into sessions (hash, data, created_at, last_seen_at, ends_at)
             values ($1, $2::text::json, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => $3))
             on conflict do nothing",
            &session_hash(&record.id).0[..],
            json_text(&record.data),
            self.absolute.as_secs_f64(),
        )
        .execute(&self.store.pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }

    async fn update(&self, record: &Record) -> Result<()> {
        sqlx::query!(
            "update sessions set data = $2::text::json, last_seen_at = clock_timestamp() where hash = $1",
            &session_hash(&record.id).0[..],
            json_text(&record.data),
        )
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }

    /// Reads a live session and marks it as seen, but not at every request: a tenth of the idle limit is exact enough.
    async fn read(&self, id: &Id) -> Result<Option<(serde_json::Value, Timestamp)>> {
        let row = sqlx::query!(
            r#"with live as (
                 select hash, data, last_seen_at, least(ends_at, last_seen_at + make_interval(secs => $2)) as expires_at
                 from sessions where hash = $1),
               seen as (
                 update sessions set last_seen_at = clock_timestamp() from live
                 where sessions.hash = live.hash and live.expires_at > clock_timestamp()
                   and live.last_seen_at < clock_timestamp() - make_interval(secs => $2 / 10))
               select data, expires_at as "expires_at!" from live where expires_at > clock_timestamp()"#,
            &session_hash(id).0[..],
            self.idle.as_secs_f64(),
        )
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.map(|row| (row.data, row.expires_at)))
    }
}

#[async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        while !self.insert(record).await.map_err(backend)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        self.update(record).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let Some((data, expires_at)) = self.read(id).await.map_err(backend)? else {
            return Ok(None);
        };
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires_at.timestamp())
            .map_err(|error| Error::Decode(error.to_string()))?;
        let data = serde_json::from_value(data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        self.store.session_revoke(&session_hash(id)).await.map_err(backend)?;
        Ok(())
    }
}

fn backend(error: crate::StoreError) -> Error {
    tracing::error!(error = &error as &dyn std::error::Error, "the session store failed");
    Error::Backend(error.to_string())
}

impl Store {
    /// Writes down whose session it is, so that all of a person's can be ended. `false`: the session was revoked meanwhile.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn session_bind(&self, session: &Sha256, person: &Person) -> Result<bool> {
        let result = sqlx::query!(
            "update sessions set person_issuer = $2, person_subject = $3 where hash = $1",
            &session.0[..],
            person.issuer,
            person.subject,
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Whether a session hasn't been revoked and hasn't reached its end. Doesn't count as being seen.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn session_alive(&self, session: &Sha256) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from sessions where hash = $1 and ends_at > clock_timestamp()) as "alive!""#,
            &session.0[..],
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Ends a session. `false`: it was gone already.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn session_revoke(&self, session: &Sha256) -> Result<bool> {
        let result = sqlx::query!("delete from sessions where hash = $1", &session.0[..])
            .execute(&self.pool)
            .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Ends all sessions of a person and answers how many there were.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn sessions_revoke_person(&self, person: &Person) -> Result<u64> {
        let result = sqlx::query!(
            "delete from sessions where person_issuer = $1 and person_subject = $2",
            person.issuer,
            person.subject,
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }

    /// Sessions of signed-in people that were seen within `idle` and haven't reached their end.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn sessions_active_count(&self, idle: Duration) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from sessions
               where person_subject is not null and ends_at > clock_timestamp()
                 and last_seen_at > clock_timestamp() - make_interval(secs => $1)"#,
            idle.as_secs_f64(),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Forgets sessions past one of their limits and answers how many.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn sessions_prune(&self, idle: Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from sessions
             where ends_at <= clock_timestamp() or last_seen_at <= clock_timestamp() - make_interval(secs => $1)",
            idle.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
