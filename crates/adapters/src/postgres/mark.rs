//! The comment by which a database is known as one run's: without it, or with another one, Muster neither drops the database nor writes
//! into it.
//!
//! `CREATE DATABASE` can't set a comment, so a worker may die between the two. What it leaves is told from somebody else's database by being
//! exactly what was approved, and empty: it is marked then, never dropped.

use domain::ids::RunId;
use domain::plan::{DatabaseName, Target};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::identifier::{literal, quote};

/// The first number of objects that aren't the server's own.
/// <https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT>
const FIRST_OF_USERS: i64 = 16384;

/// The mark of a database that is being made.
pub fn incomplete(run: RunId) -> String {
    format!("muster run {run}, incomplete")
}

/// The mark of one that Muster doesn't touch any more.
pub fn whole(run: RunId) -> String {
    format!("restored by muster run {run}")
}

/// `None`: no such database. `Some(comment)`: there is one, with or without a comment.
pub async fn read(conn: &mut PgConnection, database: &DatabaseName) -> Result<Option<Option<String>>, sqlx::Error> {
    let sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
    let row = sqlx::query(sql).bind(database.as_str()).fetch_optional(conn).await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// The comment is the owner's to set, so it is set as the owner.
pub async fn set(conn: &mut PgConnection, target: &Target, text: &str) -> Result<(), sqlx::Error> {
    let role = format!("SET ROLE {}", quote(&target.owner));
    sqlx::query(AssertSqlSafe(role)).execute(&mut *conn).await?;
    let comment = format!(
        "COMMENT ON DATABASE {} IS {}",
        quote(target.database.as_str()),
        literal(text)
    );
    sqlx::query(AssertSqlSafe(comment)).execute(&mut *conn).await?;
    sqlx::query("RESET ROLE").execute(conn).await?;
    Ok(())
}

/// Whether a statement failed because the database is there: before it looked, or while it was being made.
pub fn is_there_already(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.is_some_and(|code| code == "42P04" || code == "23505")
}

/// Whether the database is without a comment, and its owner, encoding and locale are the approved ones.
pub async fn is_as_approved(conn: &mut PgConnection, target: &Target) -> Result<bool, sqlx::Error> {
    let sql = "SELECT pg_get_userbyid(datdba)::text = $2 AND pg_encoding_to_char(encoding)::text = $3 \
               AND datcollate::text = $4 AND datctype::text = $5 AND datallowconn AND NOT datistemplate AND shobj_description(oid, 'pg_database') IS NULL \
               FROM pg_database WHERE datname = $1";
    let same = sqlx::query_scalar(sql)
        .bind(target.database.as_str())
        .bind(&target.owner)
        .bind(&target.encoding)
        .bind(&target.collate)
        .bind(&target.ctype)
        .fetch_optional(conn)
        .await?;
    Ok(same.unwrap_or(false))
}

/// Whether nobody has made anything in the database that this is a connection to.
pub async fn is_empty(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT NOT EXISTS (SELECT FROM (SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_namespace \
               UNION ALL SELECT oid FROM pg_proc UNION ALL SELECT oid FROM pg_type UNION ALL SELECT oid FROM pg_extension \
               UNION ALL SELECT oid FROM pg_largeobject_metadata) AS made WHERE oid::bigint >= $1)";
    sqlx::query_scalar(sql).bind(FIRST_OF_USERS).fetch_one(conn).await
}
