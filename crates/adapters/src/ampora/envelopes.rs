//! Reading the wrapped columns. What comes back is ciphertext; opening it is the business of whoever holds keys.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{AmporaDb, AmporaError, Column};
use crate::dumps::Wrapped;
use crate::postgres::quote;

/// A column with at most this many rows is read whole; of a larger one a sample of about this size.
const WHOLE: i64 = 10_000;
/// Rows at either end of a large table that are read besides the sample: a rotation begins at one of them.
const ENDS: i64 = 200;

/// One wrapped column and what was read of it.
#[derive(Clone, Debug)]
pub struct WrappedColumn {
    pub column: Column,
    /// Rows with a value.
    pub rows: i64,
    pub values: Vec<Wrapped>,
}

impl AmporaDb {
    /// Reads the values of every wrapped column, bounded, in short read-only transactions.
    ///
    /// # Errors
    /// If a column can't be read. None is left out silently: a verdict from a part would be no verdict.
    pub async fn wrapped(&self) -> Result<Vec<WrappedColumn>, AmporaError> {
        let mut columns = Vec::new();
        for column in &self.schema.wrapped {
            let mut conn = self.pool.acquire().await?;
            columns.push(read(&mut conn, column).await?);
        }
        Ok(columns)
    }
}

/// How a table's rows are named and its column read.
struct Access {
    key: String,
    tenant: String,
    value: String,
}

async fn read(conn: &mut PgConnection, column: &Column) -> Result<WrappedColumn, AmporaError> {
    let access = access(conn, column).await?;
    let (table, name) = (quote(&column.table), quote(&column.column));
    let count = format!("SELECT count({name}) FROM {table}");
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *conn).await?;
    let select = format!(
        "SELECT {}::text, {}, {} FROM {table}",
        access.key, access.tenant, access.value
    );
    let sql = if rows <= WHOLE {
        format!("{select} WHERE {name} IS NOT NULL")
    } else {
        let percent = 100.0 * WHOLE as f64 / rows as f64;
        format!(
            "({select} WHERE {name} IS NOT NULL ORDER BY {key} LIMIT {ENDS}) UNION
             ({select} WHERE {name} IS NOT NULL ORDER BY {key} DESC LIMIT {ENDS}) UNION
             ({select} TABLESAMPLE BERNOULLI ({percent:.6}) WHERE {name} IS NOT NULL)",
            key = access.key,
        )
    };
    let read = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await?;
    let mut values = Vec::with_capacity(read.len());
    for row in read {
        values.push(Wrapped {
            table: column.table.clone(),
            column: column.column.clone(),
            id: row.try_get(0)?,
            tenant: row.try_get(1)?,
            stored: row.try_get(2)?,
        });
    }
    Ok(WrappedColumn {
        column: column.clone(),
        rows,
        values,
    })
}

/// Looks the table up rather than assuming its key and types.
async fn access(conn: &mut PgConnection, column: &Column) -> Result<Access, AmporaError> {
    let quoted = quote(&column.table);
    let found = sqlx::query(
        "SELECT a.atttypid::regtype::text AS type,
                (SELECT k.attname::text FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
                 WHERE i.indrelid = a.attrelid AND i.indisprimary) AS key,
                EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = a.attrelid AND t.attname = 'TenantId' AND NOT t.attisdropped) AS has_tenant
         FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .bind(&quoted)
    .bind(&column.column)
    .fetch_optional(conn)
    .await?;
    let row = found.ok_or_else(|| AmporaError::Missing(format!("column {}", column.name())))?;
    let kind: String = row.try_get("type")?;
    let key: Option<String> = row.try_get("key")?;
    let has_tenant: bool = row.try_get("has_tenant")?;
    let name = quote(&column.column);
    Ok(Access {
        key: key.map_or_else(|| "ctid".to_owned(), |key| quote(&key)),
        tenant: if has_tenant {
            "coalesce(\"TenantId\"::text, '')".into()
        } else {
            "''".into()
        },
        value: if kind == "bytea" {
            name
        } else {
            format!("convert_to({name}::text, 'UTF8')")
        },
    })
}
