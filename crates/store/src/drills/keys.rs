//! The keys that receipts were signed with, current and retired.

use domain::time::Timestamp;

use crate::{PgConnection, Result, Store};

/// The public half of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptKey {
    pub key_id: String,
    /// In PEM.
    pub public_key: String,
    pub first_used_at: Timestamp,
    pub last_used_at: Timestamp,
}

/// Notes that a key signs. `true`: for the first time.
///
/// # Errors
/// If the database doesn't take it.
pub async fn receipt_key_used(conn: &mut PgConnection, key_id: &str, public_key: &str, at: Timestamp) -> Result<bool> {
    let new = sqlx::query_scalar!(
        r#"insert into receipt_keys (key_id, public_key, first_used_at, last_used_at) values ($1, $2, $3, $3)
           on conflict (key_id) do update set last_used_at = greatest(receipt_keys.last_used_at, excluded.last_used_at)
           returning first_used_at = last_used_at as "new!""#,
        key_id,
        public_key,
        at,
    )
    .fetch_one(conn)
    .await?;
    Ok(new)
}

impl Store {
    /// All of them, the newest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn receipt_keys(&self) -> Result<Vec<ReceiptKey>> {
        let keys = sqlx::query_as!(
            ReceiptKey,
            "select key_id, public_key, first_used_at, last_used_at from receipt_keys order by first_used_at desc",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(keys)
    }
}
