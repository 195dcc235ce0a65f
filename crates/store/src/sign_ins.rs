//! Sign-ins under way. One-time tokens have a table of their own: a session change is lost when its response fails, and what guards a
//! login must not depend on that.

use domain::ids::Sha256;
use domain::time::Timestamp;

use crate::{Result, Store};

/// Seconds from the start of a sign-in to the provider's answer.
const LIFETIME: f64 = 600.0;

/// What the provider's answer is checked against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignInAttempt {
    /// SHA-256 of the `state` parameter.
    pub state_hash: Sha256,
    /// SHA-256 of the cookie that ties the answer to the browser that asked.
    pub browser_hash: Sha256,
    pub nonce: String,
    pub pkce_verifier: String,
    /// Local path to go to afterwards.
    pub return_to: String,
    pub at: Timestamp,
}

impl Store {
    /// Remembers a sign-in, and forgets those that were never answered.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn sign_in_begin(&self, attempt: &SignInAttempt) -> Result<()> {
        sqlx::query!(
            "with old as (delete from sign_ins where at < clock_timestamp() - make_interval(secs => $7))
             insert into sign_ins (state_hash, browser_hash, nonce, pkce_verifier, return_to, at)
             values ($1, $2, $3, $4, $5, $6)",
            &attempt.state_hash.0[..],
            &attempt.browser_hash.0[..],
            attempt.nonce,
            attempt.pkce_verifier,
            attempt.return_to,
            attempt.at,
            LIFETIME,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes a sign-in out, so that its answer counts once. `None`: unknown, answered already, or older than ten minutes.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn sign_in_take(&self, state_hash: &Sha256) -> Result<Option<SignInAttempt>> {
        let row = sqlx::query!(
            r#"delete from sign_ins where state_hash = $1
               returning browser_hash as "browser_hash: [u8; 32]", nonce, pkce_verifier, return_to, at,
                         at >= clock_timestamp() - make_interval(secs => $2) as "fresh!""#,
            &state_hash.0[..],
            LIFETIME,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.filter(|row| row.fresh).map(|row| SignInAttempt {
            state_hash: *state_hash,
            browser_hash: Sha256(row.browser_hash),
            nonce: row.nonce,
            pkce_verifier: row.pkce_verifier,
            return_to: row.return_to,
            at: row.at,
        }))
    }
}
