//! One line a deployment, written by the collector: a page that lists hundreds of deployments reads these and no backups.

use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::row::json_text;
use crate::{Result, Store};

impl Store {
    /// Keeps the line of this deployment, in place of the one before.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn summary_put(&self, deployment: &str, summary: &impl Serialize, at: Timestamp) -> Result<()> {
        sqlx::query!(
            "insert into summaries (deployment, summary, at, first_at) values ($1, $2::text::json, $3, $3)
             on conflict (deployment) do update set summary = excluded.summary, at = excluded.at",
            deployment,
            json_text(summary),
            at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// When Muster first looked at this deployment; `None`: it hasn't yet.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn known_since(&self, deployment: &str) -> Result<Option<Timestamp>> {
        let first_at = sqlx::query_scalar!("select first_at from summaries where deployment = $1", deployment);
        Ok(first_at.fetch_optional(&self.pool).await?)
    }

    /// The line of one deployment, with when it was drawn up. `None` if there is none, or it is of another version of Muster.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn summary<T: DeserializeOwned>(&self, deployment: &str) -> Result<Option<(T, Timestamp)>> {
        let row = sqlx::query!(
            r#"select summary::text as "summary!", at from summaries where deployment = $1"#,
            deployment,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.and_then(|row| Some((serde_json::from_str(&row.summary).ok()?, row.at))))
    }

    /// The lines of all deployments by name, with when each was drawn up. One of another version of Muster is left out.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn summaries<T: DeserializeOwned>(&self) -> Result<Vec<(String, T, Timestamp)>> {
        let rows =
            sqlx::query!(r#"select deployment, summary::text as "summary!", at from summaries order by deployment"#)
                .fetch_all(&self.pool)
                .await?;
        let line = |(deployment, summary, at): (String, String, Timestamp)| {
            Some((deployment, serde_json::from_str(&summary).ok()?, at))
        };
        Ok(rows
            .into_iter()
            .filter_map(|row| line((row.deployment, row.summary, row.at)))
            .collect())
    }
}
