//! The outbox: messages to people, written in the transaction of what they tell of, and delivered afterwards at least once. A delivery is
//! claimed by moving its next attempt into the future, so a sender that dies in the middle is followed by another.

use std::time::Duration;

use domain::ids::NoticeId;
use domain::notice::Notice;
use domain::time::Timestamp;

use crate::events::notify_work;
use crate::row::{inconsistent, one, text};
use crate::{PgConnection, Result, Store};

/// A delivery in the hands of a sender.
#[derive(Clone, PartialEq, Debug)]
pub struct Claimed {
    pub notice: Notice,
    /// The very text that is signed and sent.
    pub body: String,
    /// `webhook`, or `mail:` and the address.
    pub channel: String,
    /// Attempts so far, this one counted.
    pub attempts: u32,
}

/// What couldn't be delivered to one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undelivered {
    pub channel: String,
    /// Messages that nobody tries to deliver any more.
    pub given_up: i64,
    /// Messages that failed and are tried again.
    pub failing: i64,
    /// The oldest of them.
    pub since: Timestamp,
    /// What the other side said last.
    pub said: String,
}

/// Puts a message into the outbox, once for each place. One that is there already is left alone.
///
/// # Errors
/// If the database doesn't take it.
pub async fn put(conn: &mut PgConnection, notice: &Notice, channels: &[String]) -> Result<()> {
    if channels.is_empty() {
        return Ok(());
    }
    let body = notice.to_json();
    sqlx::query!(
        "with new as (
             insert into notices (id, at, body) values ($1, $2, $3)
             on conflict do nothing returning id)
         insert into deliveries (notice, channel, due_at)
         select id, channel, clock_timestamp() from new, unnest($4::text[]) as channel",
        notice.id.0,
        notice.at,
        body,
        channels,
    )
    .execute(&mut *conn)
    .await?;
    notify_work(conn).await
}

impl Store {
    /// Claims the delivery to one of `channels` that has been due longest, for as long as `lease`. `None`: nothing is due.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn delivery_claim(&self, channels: &[String], lease: Duration) -> Result<Option<Claimed>> {
        let row = sqlx::query!(
            r#"with next as (
                 select notice, channel from deliveries
                 where sent_at is null and given_up_at is null and due_at <= clock_timestamp() and channel = any($1)
                 order by due_at, notice, channel limit 1 for update skip locked)
               update deliveries set attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => $2)
               from next, notices
               where deliveries.notice = next.notice and deliveries.channel = next.channel and notices.id = next.notice
               returning notices.id, notices.body, deliveries.channel, deliveries.attempts"#,
            channels,
            lease.as_secs_f64(),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let notice = serde_json::from_str(&row.body).map_err(|error| inconsistent("notices", row.id, error))?;
        Ok(Some(Claimed {
            notice,
            body: row.body,
            channel: row.channel,
            attempts: row.attempts.try_into().unwrap_or(u32::MAX),
        }))
    }

    /// The other side has it.
    ///
    /// # Errors
    /// If the database doesn't take it: then it is sent once more.
    pub async fn delivery_sent(&self, notice: NoticeId, channel: &str) -> Result<()> {
        let result = sqlx::query!(
            "update deliveries set sent_at = clock_timestamp(), said = '' where notice = $1 and channel = $2",
            notice.0,
            channel,
        )
        .execute(&self.pool)
        .await?;
        one(&result, "noting a delivery")
    }

    /// It didn't arrive. It is tried again after `retry`, or never if there is none.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn delivery_failed(
        &self,
        notice: NoticeId,
        channel: &str,
        said: &str,
        retry: Option<Duration>,
    ) -> Result<()> {
        let said = text(said);
        let result = sqlx::query!(
            "update deliveries set said = $3,
                 due_at = clock_timestamp() + make_interval(secs => coalesce($4::float8, 0)),
                 given_up_at = case when $4::float8 is null then clock_timestamp() end
             where notice = $1 and channel = $2 and sent_at is null",
            notice.0,
            channel,
            said.as_ref(),
            retry.map(|retry| retry.as_secs_f64()),
        )
        .execute(&self.pool)
        .await?;
        one(&result, "noting a delivery that failed")
    }

    /// The places that messages of the time since `from` haven't reached, each with what it said last.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn undelivered(&self, from: Timestamp) -> Result<Vec<Undelivered>> {
        let rows = sqlx::query_as!(
            Undelivered,
            r#"select channel, count(*) filter (where given_up_at is not null) as "given_up!",
                      count(*) filter (where given_up_at is null) as "failing!",
                      min(at) as "since!", (array_agg(said order by at desc))[1] as "said!"
               from deliveries join notices on notices.id = deliveries.notice
               where sent_at is null and said <> '' and at >= $1
               group by channel order by channel"#,
            from,
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    /// Forgets messages that are older than `keep`, delivered or not. Answers how many.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn notices_prune(&self, keep: Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from notices where at < clock_timestamp() - make_interval(secs => $1)",
            keep.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
