//! Which requests there are: page by page, how many wait, and whose time is over.

use domain::ids::RequestId;
use domain::time::Timestamp;

use super::{Row, Stored};
use crate::{Result, Store};

/// Which requests to list. Everything given must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Words of [`domain::approval::State::word`]; none means all.
    pub states: Vec<String>,
    pub deployment: Option<String>,
    /// Part of the title, the reason or the requester's name, in any case, or the whole number.
    pub text: Option<String>,
}

impl Store {
    /// At most `limit` requests below the number `before`, newest first.
    ///
    /// # Errors
    /// [`crate::StoreError::Inconsistent`] if the plan of one of them isn't the one with its digest.
    pub async fn requests_page(&self, filter: &Filter, before: Option<i64>, limit: i64) -> Result<Vec<Stored>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select number, id, deployment, digest as "digest: _", pinned, advisory, made_at,
                      requester_issuer, requester_subject, requester_name, reason, created_at, state
               from requests
               where ($1::bigint is null or number < $1)
                 and (cardinality($2::text[]) = 0 or word = any($2))
                 and ($3::text is null or deployment = $3)
                 and ($4::text is null or number::text = $4
                      or strpos(lower(concat_ws(E'\n', title, reason, requester_name)), lower($4)) > 0)
               order by number desc limit $5"#,
            before,
            &filter.states[..],
            filter.deployment,
            filter.text,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Stored::try_from).collect()
    }

    /// The numbers of these requests. Those that aren't there are left out.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn request_numbers(&self, ids: &[RequestId]) -> Result<Vec<(RequestId, i64)>> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query!("select id, number from requests where id = any($1)", &ids);
        let rows = rows.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|row| (RequestId(row.id), row.number)).collect())
    }

    /// How many requests of a deployment wait for a decision and can still get one.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn requests_waiting(&self, deployment: &str) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from requests
               where deployment = $1 and word = 'pending' and (state ->> 'expires_at')::timestamptz > clock_timestamp()"#,
            deployment,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Numbers of the requests whose time was over at `now` and that don't say so yet, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn requests_to_expire(&self, now: Timestamp) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar!(
            "select number from requests
             where word in ('pending', 'approved')
               and coalesce(state ->> 'expires_at', state ->> 'run_by')::timestamptz <= $1
             order by number",
            now,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
