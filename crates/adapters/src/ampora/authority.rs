//! Since when this Ampora has its own certificate authority: it makes one at its first start, so the oldest certificate tells the least age
//! of the deployment.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use x509_parser::pem::Pem;

use super::schema::Column;
use crate::postgres::{quote, relation};

/// Certificates that are looked at; an Ampora has a handful.
const MOST: u32 = 200;

/// The oldest `notBefore` of the authority's certificates. `None` where there are none, or the column isn't there: its name is Muster's own
/// guess, so its absence says nothing.
pub async fn since(conn: &mut PgConnection, certificates: &Column) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM information_schema.columns
                        WHERE table_schema = ANY (current_schemas(false)) AND table_name = $1 AND column_name = $2)",
    )
    .bind(&certificates.table)
    .bind(&certificates.column)
    .fetch_one(&mut *conn)
    .await?;
    if !there {
        return Ok(None);
    }
    let (table, column) = (relation(&certificates.table), quote(&certificates.column));
    let sql = format!("SELECT {column}::text FROM {table} WHERE {column} IS NOT NULL LIMIT {MOST}");
    let stored: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn).await?;
    Ok(stored.iter().filter_map(|text| not_before(text)).min())
}

/// Of a PEM text, or of DER bytes as PostgreSQL writes them.
fn not_before(stored: &str) -> Option<DateTime<Utc>> {
    let der = match stored.strip_prefix("\\x") {
        Some(digits) => hex::decode(digits).ok()?,
        None => Pem::iter_from_buffer(stored.as_bytes()).next()?.ok()?.contents,
    };
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).ok()?;
    DateTime::from_timestamp(certificate.validity().not_before.timestamp(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_stored_text_makes_it_panic(text in ".*", bytes: Vec<u8>) {
            let _ = not_before(&text);
            let _ = not_before(&format!("\\x{}", hex::encode(bytes)));
        }
    }
}
