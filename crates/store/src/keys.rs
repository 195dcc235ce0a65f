//! What was ever proven about keys, by fingerprint: a layout counts only after it opened something, and a key that once opened this
//! deployment's envelopes is remembered when it is gone.

use domain::custody::exposure::Opening;
use domain::ids::Sha256;
use domain::key::Fingerprint;
use domain::time::Timestamp;

use crate::{Result, Store};

impl Store {
    /// When this layout of envelopes first opened something here.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn layout_proven(&self, deployment: &str, layout: &Sha256) -> Result<Option<Timestamp>> {
        Ok(sqlx::query_scalar!(
            "select proven_at from layout_proofs where deployment = $1 and layout = $2",
            deployment,
            &layout.0[..],
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Remembers that this layout opened something; the first time counts.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn layout_prove(&self, deployment: &str, layout: &Sha256, at: Timestamp) -> Result<()> {
        sqlx::query!(
            "insert into layout_proofs (deployment, layout, proven_at) values ($1, $2, $3) on conflict do nothing",
            deployment,
            &layout.0[..],
            at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Remembers that this key opened envelopes of the deployment.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn opening_record(&self, deployment: &str, fingerprint: &Fingerprint, at: Timestamp) -> Result<()> {
        sqlx::query!(
            "insert into key_openings (deployment, fingerprint, first_at, last_at) values ($1, $2, $3, $3)
             on conflict (deployment, fingerprint) do update set last_at = greatest(key_openings.last_at, excluded.last_at)",
            deployment,
            fingerprint.to_string(),
            at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Every key that ever opened envelopes of the deployment.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn openings(&self, deployment: &str) -> Result<Vec<Opening>> {
        let rows = sqlx::query!(
            "select fingerprint, first_at, last_at from key_openings where deployment = $1 order by first_at",
            deployment,
        )
        .fetch_all(&self.pool)
        .await?;
        let opening = |(fingerprint, first_at, last_at): (String, _, _)| Opening {
            fingerprint: fingerprint.into(),
            first_at,
            last_at,
        };
        let rows = rows.into_iter().map(|row| (row.fingerprint, row.first_at, row.last_at));
        Ok(rows.map(opening).collect())
    }

    /// Whether this key ever opened envelopes of the deployment. A weak key has no name of its own, so it never did.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn opened_before(&self, deployment: &str, fingerprint: &Fingerprint) -> Result<bool> {
        if *fingerprint == Fingerprint::Weak {
            return Ok(false);
        }
        Ok(sqlx::query_scalar!(
            r#"select exists (select from key_openings where deployment = $1 and fingerprint = $2) as "exists!""#,
            deployment,
            fingerprint.to_string(),
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
