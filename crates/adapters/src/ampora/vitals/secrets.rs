//! What is secret, without the secrets: key ids of wrapped values, and identities of tokens and peers as a number and a digest.

use std::collections::BTreeMap;

use domain::envelope::Layout;
use domain::ids::Big;
use domain::vitals::{Count, Identities};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::AmporaError;
use crate::ampora::{Column, Tokens};
use crate::postgres::{quote, relation};

/// Values of each wrapped column whose key id is read; the proof of the keys reads more, and less often.
const VALUES: u32 = 500;
/// Identities that are taken into a digest; the number counts them all.
const DIGESTED: u32 = 10_000;
/// Stands for values that are no envelope of the configured layout.
const NO_ENVELOPE: &str = "not understood";
/// Stands for envelopes of a layout that has no key id.
const NO_KEY_ID: &str = "not told";

/// Key ids with how many of the values have each.
pub(super) async fn key_ids(
    conn: &mut PgConnection,
    columns: &[Column],
    layout: &Layout,
) -> Result<BTreeMap<String, Big>, AmporaError> {
    let mut found: BTreeMap<String, Big> = BTreeMap::new();
    for column in columns {
        let value = value(conn, column).await?;
        let sql = format!(
            "SELECT {value} FROM {} WHERE {} IS NOT NULL LIMIT {VALUES}",
            relation(&column.table),
            quote(&column.column),
        );
        let values: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *conn).await?;
        let mut scratch = Vec::new();
        for value in values {
            let key_id = layout.parse(&value, &mut scratch).map_or_else(
                || NO_ENVELOPE.to_owned(),
                |envelope| {
                    let id = envelope.key_id();
                    id.map_or_else(|| NO_KEY_ID.to_owned(), |id| id.to_string())
                },
            );
            found.entry(key_id).or_default().0 += 1;
        }
    }
    Ok(found)
}

/// The column as bytes, whatever its type; a domain counts as what is beneath it.
async fn value(conn: &mut PgConnection, column: &Column) -> Result<String, AmporaError> {
    let kind: Option<String> = sqlx::query_scalar(
        "SELECT coalesce(nullif(y.typbasetype, 0), y.oid)::regtype::text FROM pg_attribute JOIN pg_type y ON y.oid = atttypid
         WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped",
    )
    .bind(relation(&column.table))
    .bind(&column.column)
    .fetch_optional(conn)
    .await?;
    let kind = kind.ok_or_else(|| AmporaError::Missing(format!("column {}", column.name())))?;
    let name = quote(&column.column);
    Ok(if kind == "bytea" {
        name
    } else {
        format!("convert_to({name}::text, 'UTF8')")
    })
}

/// Tokens that can still be redeemed.
pub(super) async fn tokens(conn: &mut PgConnection, names: &Tokens) -> Result<Identities, AmporaError> {
    let mut open = format!("{} > now()", quote(&names.expires));
    if let Some(redeemed) = &names.redeemed {
        open.push_str(&format!(" AND {} IS NULL", quote(redeemed)));
    }
    identities(conn, &names.table, &names.id, &open).await
}

/// Tokens that were redeemed.
pub(super) async fn redeemed(conn: &mut PgConnection, names: &Tokens) -> Result<Count, AmporaError> {
    let Some(redeemed) = &names.redeemed else {
        return Err(AmporaError::NotConfigured(
            "a column that tells when a token was redeemed (Ampora deletes the row)",
        ));
    };
    let sql = format!("SELECT count({}) FROM {}", quote(redeemed), relation(&names.table));
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(Count::exactly(rows.unsigned_abs()))
}

/// Federation peers.
pub(super) async fn peers(conn: &mut PgConnection, names: &Column) -> Result<Identities, AmporaError> {
    identities(conn, &names.table, &names.column, "true").await
}

/// How many rows fulfil `condition`, and the digest of their identities.
pub(super) async fn identities(
    conn: &mut PgConnection,
    table: &str,
    id: &str,
    condition: &str,
) -> Result<Identities, AmporaError> {
    let (table, id) = (relation(table), quote(id));
    let sql = format!(
        "SELECT (SELECT count(*) FROM {table} WHERE {condition}),
                (SELECT encode(sha256(convert_to(coalesce(string_agg(id, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex')
                 FROM (SELECT {id}::text AS id FROM {table} WHERE {condition} ORDER BY 1 LIMIT {DIGESTED}) AS ids)"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(conn).await?;
    let number: i64 = row.try_get(0)?;
    Ok(Identities {
        number: Big(number.unsigned_abs()),
        digest: row.try_get(1)?,
    })
}
