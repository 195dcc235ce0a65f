//! The log, page by page, newest first. It stays as fast with ten million entries as with ten: a page goes on from the last entry of the
//! one before (no offsets), each filter has an index that ends in the page's own order (`at`, `number`), and where a filter stands for
//! several values (a prefix of the action, a part of a name) the page merges the newest few of each value instead of sorting all.

use domain::audit::Outcome;
use domain::ids::RequestId;
use domain::time::Timestamp;

use super::{AuditRow, Row};
use crate::row::inconsistent;
use crate::{Result, Store};

/// What to look for. Everything given must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    pub deployment: Option<String>,
    /// Beginning of the action: `request.` finds all about requests.
    pub action: Option<String>,
    /// Part of the name, subject or issuer, in any case.
    pub person: Option<String>,
    pub outcome: Option<Outcome>,
    pub request: Option<RequestId>,
    /// First moment that counts.
    pub from: Option<Timestamp>,
    /// First moment that no longer counts.
    pub to: Option<Timestamp>,
}

/// Where a page begins: behind this entry.
#[derive(Default)]
struct Cursor {
    at: Option<Timestamp>,
    number: Option<i64>,
}

impl Store {
    /// At most `limit` entries behind the one with the number `before`, newest first; from the newest if `None`. Entries are in the order
    /// of their own time, so those without an index yet come first.
    ///
    /// # Errors
    /// If the database doesn't answer or an entry can't be read.
    pub async fn audit_page(&self, filter: &AuditFilter, before: Option<i64>, limit: i64) -> Result<Vec<AuditRow>> {
        let cursor = match before {
            Some(number) => self.audit_cursor(number).await?,
            None => Cursor::default(),
        };
        let people = match &filter.person {
            Some(text) => Some(self.audit_people(text).await?),
            None => None,
        };
        let rows = match (&filter.action, people) {
            (Some(prefix), people) => {
                let actions = self.audit_actions(prefix).await?;
                self.page_of_actions(filter, &actions, people.as_deref(), &cursor, limit)
                    .await?
            }
            (None, Some(people)) => self.page_of_people(filter, &people, &cursor, limit).await?,
            (None, None) => self.page_of_all(filter, &cursor, limit).await?,
        };
        rows.into_iter().map(AuditRow::try_from).collect()
    }

    async fn audit_cursor(&self, number: i64) -> Result<Cursor> {
        let at = sqlx::query_scalar!("select at from audit_entries where number = $1", number)
            .fetch_optional(&self.pool)
            .await?
            .ok_or_else(|| inconsistent("audit_entries", number, "the page before ended with it and it is gone"))?;
        Ok(Cursor {
            at: Some(at),
            number: Some(number),
        })
    }

    /// The actions in the log that begin with `prefix`. Hops from one value to the next in the index.
    async fn audit_actions(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!(
            r#"with recursive found (action) as (
                 (select action from audit_entries order by action limit 1)
                 union all
                 select (select e.action from audit_entries e where e.action > found.action order by e.action limit 1)
                 from found where found.action is not null)
               select action as "action!" from found where starts_with(action, $1)"#,
            prefix,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The people in the log of whom `text` is a part, as they are written there.
    async fn audit_people(&self, text: &str) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!(
            r#"with recursive found (person) as (
                 (select person from audit_entries order by person limit 1)
                 union all
                 select (select e.person from audit_entries e where e.person > found.person order by e.person limit 1)
                 from found where found.person is not null)
               select person as "person!" from found where strpos(lower(person), lower($1)) > 0"#,
            text,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    async fn page_of_all(
        &self,
        filter: &AuditFilter,
        cursor: &Cursor,
        limit: i64,
    ) -> std::result::Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from audit_entries e left join audit_sequence s on s.entry = e.number
               where (e.at, e.number) < (coalesce($1, 'infinity'::timestamptz), coalesce($2, 9223372036854775807))
                 and e.at >= coalesce($3, '-infinity'::timestamptz) and e.at < coalesce($4, 'infinity'::timestamptz)
                 and ($5::text is null or e.deployment = $5)
                 and ($6::text is null or e.outcome = $6)
                 and ($7::uuid is null or e.request = $7)
               order by e.at desc, e.number desc limit $8"#,
            cursor.at,
            cursor.number,
            filter.from,
            filter.to,
            filter.deployment,
            filter.outcome.map(Outcome::word),
            filter.request.map(|request| request.0),
            limit,
        )
        .fetch_all(&self.pool)
        .await
    }

    async fn page_of_actions(
        &self,
        filter: &AuditFilter,
        actions: &[String],
        people: Option<&[String]>,
        cursor: &Cursor,
        limit: i64,
    ) -> std::result::Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from unnest($9::text[]) as wanted (action)
               cross join lateral (
                 select * from audit_entries e
                 where e.action = wanted.action
                   and (e.at, e.number) < (coalesce($1, 'infinity'::timestamptz), coalesce($2, 9223372036854775807))
                   and e.at >= coalesce($3, '-infinity'::timestamptz) and e.at < coalesce($4, 'infinity'::timestamptz)
                   and ($5::text is null or e.deployment = $5)
                   and ($6::text is null or e.outcome = $6)
                   and ($7::uuid is null or e.request = $7)
                   and ($10::text[] is null or e.person = any($10))
                 order by e.at desc, e.number desc limit $8) e
               left join audit_sequence s on s.entry = e.number
               order by e.at desc, e.number desc limit $8"#,
            cursor.at,
            cursor.number,
            filter.from,
            filter.to,
            filter.deployment,
            filter.outcome.map(Outcome::word),
            filter.request.map(|request| request.0),
            limit,
            actions,
            people,
        )
        .fetch_all(&self.pool)
        .await
    }

    async fn page_of_people(
        &self,
        filter: &AuditFilter,
        people: &[String],
        cursor: &Cursor,
        limit: i64,
    ) -> std::result::Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from unnest($9::text[]) as wanted (person)
               cross join lateral (
                 select * from audit_entries e
                 where e.person = wanted.person
                   and (e.at, e.number) < (coalesce($1, 'infinity'::timestamptz), coalesce($2, 9223372036854775807))
                   and e.at >= coalesce($3, '-infinity'::timestamptz) and e.at < coalesce($4, 'infinity'::timestamptz)
                   and ($5::text is null or e.deployment = $5)
                   and ($6::text is null or e.outcome = $6)
                   and ($7::uuid is null or e.request = $7)
                 order by e.at desc, e.number desc limit $8) e
               left join audit_sequence s on s.entry = e.number
               order by e.at desc, e.number desc limit $8"#,
            cursor.at,
            cursor.number,
            filter.from,
            filter.to,
            filter.deployment,
            filter.outcome.map(Outcome::word),
            filter.request.map(|request| request.0),
            limit,
            people,
        )
        .fetch_all(&self.pool)
        .await
    }
}
