//! The log, page by page, newest first. It stays as fast with ten million entries as with ten: a page goes on from the last entry of the
//! one before (no offsets), and each filter has an index that ends in the page's own order (`at`, `number`). Where one filter stands for
//! several values (a beginning of the action, a part of a name) the page merges the newest few of each value instead of sorting all. Of
//! several filters together the planner takes the rarest, by its statistics, and checks the others entry by entry.

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

/// The range of the order (`at`, `number`) that a page is taken from, as one condition for the index: `to` and the page before, whichever
/// ends earlier.
struct Range {
    from: Option<Timestamp>,
    before_at: Option<Timestamp>,
    before_number: Option<i64>,
}

impl Range {
    fn new(filter: &AuditFilter, last: Option<(Timestamp, i64)>) -> Self {
        let to = filter.to.map(|to| (to, i64::MIN));
        let before = [last, to].into_iter().flatten().min();
        Self {
            from: filter.from,
            before_at: before.map(|(at, _)| at),
            before_number: before.map(|(_, number)| number),
        }
    }
}

/// The values in the log that a filter stands for.
struct Values {
    actions: Option<Vec<String>>,
    people: Option<Vec<String>>,
}

impl Store {
    /// At most `limit` entries behind the one with the number `before`, newest first; from the newest if `None`. Entries are in the order
    /// of their own time, so those without an index yet come first.
    ///
    /// # Errors
    /// If the database doesn't answer or an entry can't be read.
    pub async fn audit_page(&self, filter: &AuditFilter, before: Option<i64>, limit: i64) -> Result<Vec<AuditRow>> {
        let last = match before {
            Some(number) => Some(self.audit_place(number).await?),
            None => None,
        };
        let range = Range::new(filter, last);
        let values = Values {
            actions: match &filter.action {
                Some(prefix) => Some(self.audit_actions(prefix).await?),
                None => None,
            },
            people: match &filter.person {
                Some(part) => Some(self.audit_people(part).await?),
                None => None,
            },
        };
        let alone = filter.deployment.is_none() && filter.outcome.is_none() && filter.request.is_none();
        let rows = match (&values.actions, &values.people) {
            (Some(actions), None) if alone => self.page_of_actions(actions, &range, limit).await?,
            (None, Some(people)) if alone => self.page_of_people(people, &range, limit).await?,
            _ => self.page_of_all(filter, &values, &range, limit).await?,
        };
        rows.into_iter().map(AuditRow::try_from).collect()
    }

    async fn audit_place(&self, number: i64) -> Result<(Timestamp, i64)> {
        let at = sqlx::query_scalar!("select at from audit_entries where number = $1", number)
            .fetch_optional(&self.pool)
            .await?
            .ok_or_else(|| inconsistent("audit_entries", number, "the page before ended with it and it is gone"))?;
        Ok((at, number))
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

    /// The people in the log of whom `part` is a part, as they are written there.
    async fn audit_people(&self, part: &str) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!(
            r#"with recursive found (person) as (
                 (select person from audit_entries order by person limit 1)
                 union all
                 select (select e.person from audit_entries e where e.person > found.person order by e.person limit 1)
                 from found where found.person is not null)
               select person as "person!" from found where strpos(lower(person), lower($1)) > 0"#,
            part,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    async fn page_of_all(&self, filter: &AuditFilter, values: &Values, range: &Range, limit: i64) -> Result<Vec<Row>> {
        Ok(sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from audit_entries e left join audit_sequence s on s.entry = e.number
               where (e.at, e.number) < (coalesce($1, 'infinity'::timestamptz), coalesce($2, 9223372036854775807))
                 and e.at >= coalesce($3, '-infinity'::timestamptz)
                 and ($4::text is null or e.deployment = $4)
                 and ($5::text is null or e.outcome = $5)
                 and ($6::uuid is null or e.request = $6)
                 and ($7::text[] is null or e.action = any($7))
                 and ($8::text[] is null or e.person = any($8))
               order by e.at desc, e.number desc limit $9"#,
            range.before_at,
            range.before_number,
            range.from,
            filter.deployment,
            filter.outcome.map(Outcome::word),
            filter.request.map(|request| request.0),
            values.actions.as_deref(),
            values.people.as_deref(),
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    async fn page_of_actions(&self, actions: &[String], range: &Range, limit: i64) -> Result<Vec<Row>> {
        Ok(sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from unnest($1::text[]) as wanted (action)
               cross join lateral (
                 select * from audit_entries e
                 where e.action = wanted.action
                   and (e.at, e.number) < (coalesce($2, 'infinity'::timestamptz), coalesce($3, 9223372036854775807))
                   and e.at >= coalesce($4, '-infinity'::timestamptz)
                 order by e.at desc, e.number desc limit $5) e
               left join audit_sequence s on s.entry = e.number
               order by e.at desc, e.number desc limit $5"#,
            actions,
            range.before_at,
            range.before_number,
            range.from,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    async fn page_of_people(&self, people: &[String], range: &Range, limit: i64) -> Result<Vec<Row>> {
        Ok(sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from unnest($1::text[]) as wanted (person)
               cross join lateral (
                 select * from audit_entries e
                 where e.person = wanted.person
                   and (e.at, e.number) < (coalesce($2, 'infinity'::timestamptz), coalesce($3, 9223372036854775807))
                   and e.at >= coalesce($4, '-infinity'::timestamptz)
                 order by e.at desc, e.number desc limit $5) e
               left join audit_sequence s on s.entry = e.number
               order by e.at desc, e.number desc limit $5"#,
            people,
            range.before_at,
            range.before_number,
            range.from,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
