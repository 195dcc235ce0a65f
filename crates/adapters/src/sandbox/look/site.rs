//! The site's own question to the copy: one statement, one value.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::time::timeout;

use super::super::Copy;
use super::Lookup;

/// Bytes of an answer that are kept.
const LONGEST: usize = 200;

/// What the statement answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SiteAnswer {
    /// The first column of the only row, as text.
    Value(Option<String>),
    NoRow,
    TooSlow,
}

impl Copy {
    /// Asks it, in a transaction that is rolled back and writes nothing.
    ///
    /// # Errors
    /// If the server refuses it.
    pub async fn ask(&self, database: &str, query: &str, limit: Duration) -> Result<SiteAnswer, Lookup> {
        let pool = self.pool(database).await;
        let mut conn = pool.acquire().await?;
        let mut tx = conn.begin().await?;
        sqlx::query("SET TRANSACTION READ ONLY").execute(&mut *tx).await?;
        let query = query.trim().trim_end_matches(';');
        // As text, whatever its type; and a single row, or the server says that there were more.
        let sql = format!("SELECT (SELECT answer::text FROM ({query}) AS asked (answer))");
        let asked = timeout(limit, sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut *tx)).await;
        let Ok(asked) = asked else {
            return Ok(SiteAnswer::TooSlow);
        };
        let Some(row) = asked? else {
            return Ok(SiteAnswer::NoRow);
        };
        let value: Option<String> = row.try_get(0)?;
        Ok(SiteAnswer::Value(value.map(|text| cut(&text))))
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}
