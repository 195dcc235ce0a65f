//! Facts over time. A deployment is looked at thousands of times a day and changes a few times a month, so what is kept is runs: a value,
//! when it was first seen, when last.

use std::time::Duration;

use chrono::TimeDelta;
use domain::history::Seen;
use domain::time::Timestamp;

use crate::row::text;
use crate::{Result, Store};

struct Row {
    fact: String,
    value: String,
    since: Timestamp,
    until: Timestamp,
}

impl Row {
    fn into_seen(self) -> (String, Seen) {
        let Self {
            fact,
            value,
            since,
            until,
        } = self;
        (fact, Seen { value, since, until })
    }
}

impl Store {
    /// Writes down what `facts` (name and value) were at `at`. A fact that still has its value, and was looked at no longer than `pause`
    /// ago, goes on with its run; else a new run begins. Looks that come out of order are passed over.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn facts_seen(
        &self,
        deployment: &str,
        facts: &[(String, String)],
        at: Timestamp,
        pause: TimeDelta,
    ) -> Result<()> {
        let (names, values): (Vec<_>, Vec<_>) = facts
            .iter()
            .map(|(name, value)| (text(name).into_owned(), text(value).into_owned()))
            .unzip();
        sqlx::query!(
            r#"with given as (
                 select * from unnest($2::text[], $3::text[]) as given (fact, value)),
             latest as (
                 select given.fact, given.value as now, latest.value, latest.since, latest.until
                 from given left join lateral (
                     select value, since, until from facts
                     where facts.deployment = $1 and facts.fact = given.fact order by since desc limit 1) latest on true),
             extended as (
                 update facts set until = $4 from latest
                 where facts.deployment = $1 and facts.fact = latest.fact and facts.since = latest.since
                   and latest.value = latest.now and latest.until <= $4 and latest.until >= $5
                 returning facts.fact)
             insert into facts (deployment, fact, value, since, until)
             select $1, fact, now, $4, $4 from latest
             where fact not in (select fact from extended) and (until is null or until < $4)"#,
            deployment,
            &names,
            &values,
            at,
            at - pause,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The run of each fact that was seen last, by the fact's name.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn facts_now(&self, deployment: &str) -> Result<Vec<(String, Seen)>> {
        let rows = sqlx::query_as!(
            Row,
            r#"with recursive names as (
                 (select fact from facts where deployment = $1 order by fact limit 1)
                 union all
                 select (select fact from facts where deployment = $1 and fact > names.fact order by fact limit 1)
                 from names where names.fact is not null)
             select names.fact as "fact!", latest.value as "value!", latest.since as "since!", latest.until as "until!"
             from names cross join lateral (
                 select value, since, until from facts
                 where facts.deployment = $1 and facts.fact = names.fact order by since desc limit 1) latest
             where names.fact is not null"#,
            deployment,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(Row::into_seen).collect())
    }

    /// The runs of one fact that were seen after `from`, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn fact_runs(&self, deployment: &str, fact: &str, from: Timestamp) -> Result<Vec<Seen>> {
        let rows = sqlx::query_as!(
            Row,
            "select fact, value, since, until from facts
             where deployment = $1 and fact = $2 and until >= $3 order by since",
            deployment,
            fact,
            from,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| row.into_seen().1).collect())
    }

    /// Forgets runs that were seen last longer than `keep` ago, but never the last one of a fact. Answers how many.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn facts_prune(&self, keep: Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from facts old
             where until < clock_timestamp() - make_interval(secs => $1)
               and exists (select from facts newer
                           where newer.deployment = old.deployment and newer.fact = old.fact and newer.since > old.since)",
            keep.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
