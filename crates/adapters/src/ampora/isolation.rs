//! What Ampora's own role sees of other tenants in a restored database. Ampora documents neither the policies nor the setting that names
//! the tenant, so both are taken from the database: the setting is the one that a table's policy reads.

use std::time::Duration;

use domain::gap::{Isolation, Sight};
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _};
use tokio::time::timeout;

use super::{AmporaError, CONNECT};
use crate::postgres::quote;

/// Tables that hold tenants' rows, with what guards them. Who has the privileges of a table's owner is exempt unless it is forced:
/// <https://www.postgresql.org/docs/current/ddl-rowsecurity.html>.
const TABLES: &str = "SELECT n.nspname::text, c.relname::text, a.attname::text, c.relrowsecurity,
        pg_has_role($1, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity AS exempt,
        (SELECT string_agg(pg_get_expr(p.polqual, p.polrelid), ' ') FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN LATERAL (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
        AND lower(replace(attname, '_', '')) = 'tenantid' ORDER BY attnum LIMIT 1) a ON true
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2";
/// The owner of the database is who Ampora connects as.
const ROLE: &str =
    "SELECT r.rolname::text, CASE WHEN r.rolsuper THEN 'SUPERUSER' WHEN r.rolbypassrls THEN 'BYPASSRLS' END
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()";

/// A table that holds tenants' rows.
struct Table {
    name: String,
    /// For statements.
    relation: String,
    column: String,
    guarded: bool,
    /// It belongs to the role and isn't forced.
    exempt: bool,
    /// What its policies let through, as SQL.
    policies: Option<String>,
}

/// Looks at each table as the owner of the database, with one and then another tenant set. `reader` is a role that no policy hides rows
/// from, `looker` one that may become the owner. Nothing is written.
///
/// # Errors
/// If one of them can't connect, or what the database is made of can't be read. What can't be told of one table is so for this table.
pub async fn isolation(reader: &PgConnectOptions, looker: &PgConnectOptions) -> Result<Isolation, AmporaError> {
    let mut all = connect(reader, "off").await?;
    let mut as_role = connect(looker, "on").await?;
    let role = sqlx::query(ROLE).fetch_one(&mut all).await?;
    let (role, exempt): (String, Option<String>) = (role.try_get(0)?, role.try_get(1)?);
    let rows = sqlx::query(TABLES).bind(&role).fetch_all(&mut all).await?;
    let found: Vec<_> = rows.iter().map(Table::read).collect::<Result<_, _>>()?;
    let usual = found.iter().find_map(Table::setting);
    let mut tables = Vec::new();
    for table in &found {
        let sight = match (table.guarded, table.setting().or(usual)) {
            (false, _) => Ok(Sight::Unguarded),
            (true, Some(setting)) => sight(&mut all, (&mut as_role, &role), setting, table).await,
            (true, None) => unproven("no policy of any table reads a setting that names the tenant"),
        };
        let sight = sight.unwrap_or_else(|error| Sight::Unproven(error.to_string()));
        tables.push((table.name.clone(), sight));
    }
    all.close().await?;
    as_role.close().await?;
    Ok(Isolation { role, exempt, tables })
}

async fn connect(options: &PgConnectOptions, row_security: &str) -> Result<PgConnection, AmporaError> {
    let options = options.clone().application_name("muster").options([
        ("row_security", row_security),
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "10s"),
        ("lock_timeout", "2s"),
    ]);
    match timeout(CONNECT + Duration::from_secs(5), options.connect()).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(AmporaError::Unreachable(sqlx::Error::PoolTimedOut)),
    }
}

async fn sight(
    all: &mut PgConnection,
    (as_role, role): (&mut PgConnection, &str),
    setting: &str,
    table: &Table,
) -> Result<Sight, AmporaError> {
    let Some((first, second)) = two_tenants(all, table).await? else {
        return unproven("fewer than two tenants have rows in it");
    };
    for tenant in [&first, &second] {
        let (own, others) = visible(as_role, role, (setting, tenant), table).await?;
        match (own, others) {
            (_, true) if table.exempt => return Ok(Sight::OthersAsOwner),
            (_, true) => return Ok(Sight::Others),
            (false, false) if table.policies.is_none() => {
                return unproven("row security is on and there is no policy: Ampora sees no row of it");
            }
            (false, false) => {
                return unproven("not even the rows of the tenant that is set are visible through its policy");
            }
            (true, false) => {}
        }
    }
    Ok(Sight::Own)
}

fn unproven(why: &str) -> Result<Sight, AmporaError> {
    Ok(Sight::Unproven(why.into()))
}

/// Two tenants that have rows. Each statement ends at the first row that fits.
async fn two_tenants(all: &mut PgConnection, table: &Table) -> Result<Option<(String, String)>, AmporaError> {
    let (relation, column) = (&table.relation, &table.column);
    let sql = format!("SELECT {column}::text FROM {relation} WHERE {column} IS NOT NULL LIMIT 1");
    let first: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(&mut *all).await?;
    let Some(first) = first else { return Ok(None) };
    let sql = format!("SELECT {column}::text FROM {relation} WHERE {column}::text <> $1 LIMIT 1");
    let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(&first);
    let second: Option<String> = query.fetch_optional(all).await?;
    Ok(second.map(|second| (first, second)))
}

/// Whether the role sees rows of this tenant, and rows of others.
async fn visible(
    conn: &mut PgConnection,
    role: &str,
    (setting, tenant): (&str, &str),
    table: &Table,
) -> Result<(bool, bool), AmporaError> {
    let mut tx = conn.begin_with("BEGIN READ ONLY").await?;
    let become_role = format!("SET LOCAL ROLE {}", quote(role));
    sqlx::query(AssertSqlSafe(become_role)).execute(&mut *tx).await?;
    let set = sqlx::query("SELECT set_config($1, $2, true)")
        .bind(setting)
        .bind(tenant);
    set.execute(&mut *tx).await?;
    let (relation, column) = (&table.relation, &table.column);
    let sql = format!(
        "SELECT EXISTS (SELECT FROM {relation} WHERE {column}::text = $1), EXISTS (SELECT FROM {relation} WHERE {column}::text <> $1)"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(tenant).fetch_one(&mut *tx).await?;
    let seen = (row.try_get(0)?, row.try_get(1)?);
    tx.rollback().await?;
    Ok(seen)
}

/// The setting that a policy compares with, as PostgreSQL writes its expression: `current_setting('ampora.tenant_id'::text, true)`.
fn setting(policies: &str) -> Option<&str> {
    let (_, rest) = policies.split_once("current_setting('")?;
    let (name, _) = rest.split_once('\'')?;
    (!name.is_empty()).then_some(name)
}

impl Table {
    fn setting(&self) -> Option<&str> {
        self.policies.as_deref().and_then(setting)
    }

    fn read(row: &PgRow) -> Result<Self, AmporaError> {
        let (schema, table, column): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Self {
            relation: format!("{}.{}", quote(&schema), quote(&table)),
            name: if schema == "public" {
                table
            } else {
                format!("{schema}.{table}")
            },
            column: quote(&column),
            guarded: row.try_get(3)?,
            exempt: row.try_get(4)?,
            policies: row.try_get(5)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::setting;

    #[test]
    fn the_setting_is_the_one_that_the_policy_reads() {
        let policy = r#"("TenantId" = (NULLIF(current_setting('ampora.tenant_id'::text, true), ''::text))::uuid)"#;
        assert_eq!(setting(policy), Some("ampora.tenant_id"));
        for other in [
            "true",
            "(owner = CURRENT_USER)",
            "current_setting('",
            "current_setting('')",
        ] {
            assert_eq!(setting(other), None);
        }
    }
}
