//! The statements that read a wrapped column. Its table is looked up rather than its key and types assumed.

use domain::envelope::{Encoding, Layout};
use sqlx::{PgConnection, Row as _};

use crate::ampora::{AmporaError, Column};
use crate::postgres::{quote, relation};

/// Larger values are no wrapped secrets. They are counted and stay where they are.
const LARGEST: usize = 1 << 20;

/// Of a column: its type (of a domain the one beneath), and of its table whether rows have a place of their own, the column that names its
/// rows (of a key of several the one called id, else one that isn't the tenant's; without a key the one called id) and the tenant's column.
const LOOK_UP: &str = "
    WITH RECURSIVE kind AS (
        SELECT y.oid, y.typbasetype FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
        WHERE a.attrelid = to_regclass($1) AND a.attname = $2
        UNION ALL SELECT y.oid, y.typbasetype FROM kind JOIN pg_type y ON y.oid = kind.typbasetype)
    SELECT c.oid::text AS relation, c.relkind IN ('r', 'p', 'm') AS is_stored,
           (SELECT oid::regtype::text FROM kind WHERE typbasetype = 0) AS type,
           (SELECT k.attname::text FROM pg_attribute k
            LEFT JOIN (SELECT indkey FROM pg_index WHERE indrelid = to_regclass($1) AND indisprimary) AS i ON k.attnum = ANY (i.indkey)
            WHERE k.attrelid = a.attrelid AND k.attnum > 0 AND NOT k.attisdropped
              AND (i.indkey IS NOT NULL OR (lower(k.attname) = 'id' AND NOT c.has_key))
            ORDER BY lower(k.attname) <> 'id', lower(replace(k.attname, '_', '')) = 'tenantid', array_position(i.indkey::int2[], k.attnum)
            LIMIT 1) AS key,
           (SELECT t.attname::text FROM pg_attribute t
            WHERE t.attrelid = a.attrelid AND lower(replace(t.attname, '_', '')) = 'tenantid' AND NOT t.attisdropped LIMIT 1) AS tenant
    FROM pg_attribute a
    JOIN (SELECT oid, relkind, EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary) AS has_key FROM pg_class) AS c
        ON c.oid = a.attrelid
    WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped";

/// How the rows of one column are named, read and ordered.
pub struct Statements {
    /// The table's identifier, a number.
    relation: String,
    table: String,
    name: String,
    /// Key of the row as text, tenant, which row it is, and the value: the columns of every statement that reads values.
    columns: String,
    /// The order in which the rows were written.
    oldest: String,
    newest: String,
    /// The key id inside the value, if it has one place.
    id: Option<String>,
    /// Bytes that such an id has.
    pub id_length: usize,
}

impl Statements {
    /// # Errors
    /// If the column isn't there, or the table can't be looked up.
    pub async fn of(conn: &mut PgConnection, column: &Column, layout: &Layout) -> Result<Self, AmporaError> {
        let table = relation(&column.table);
        let found = sqlx::query(LOOK_UP)
            .bind(&table)
            .bind(&column.column)
            .fetch_optional(conn);
        let about = found
            .await?
            .ok_or_else(|| AmporaError::Missing(format!("column {}", column.name())))?;
        let (kind, key): (String, Option<String>) = (about.try_get("type")?, about.try_get("key")?);
        let (is_stored, tenant): (bool, Option<String>) = (about.try_get("is_stored")?, about.try_get("tenant")?);
        let is_bytes = kind == "bytea";
        // Qualified, since a result's column may be named as one of the table's.
        let name = format!("t.{}", quote(&column.column));
        let key = match key {
            Some(key) => format!("t.{}", quote(&key)),
            None if is_stored => "t.ctid".into(),
            None => "NULL::text".into(),
        };
        // The transaction that wrote a row tells when that was, whatever the key looks like.
        let (row, written) = if is_stored {
            ("t.tableoid::text || t.ctid::text", "age(t.xmin)")
        } else {
            ("NULL::text", "0::int8")
        };
        Ok(Self {
            relation: about.try_get("relation")?,
            columns: columns(&name, &key, tenant.as_deref(), row, is_bytes),
            oldest: format!("{written} DESC, {key}"),
            newest: format!("{written}, {key} DESC"),
            id: layout
                .key_id_at()
                .and_then(|(at, length)| id(&name, is_bytes, layout.encoding(), at, length)),
            id_length: layout.key_id_at().map_or(0, |(_, length)| length),
            table: format!("{table} AS t"),
            name,
        })
    }

    /// Whether there are more than `limit` values, without counting them all.
    pub fn more_than(&self, limit: usize) -> String {
        let Self { table, name, .. } = self;
        format!(
            "SELECT count(*) > {limit} FROM (SELECT FROM {table} WHERE {name} IS NOT NULL LIMIT {limit} + 1) AS first"
        )
    }

    pub fn count(&self) -> String {
        format!("SELECT count({}) FROM {}", self.name, self.table)
    }

    /// The planner's own idea of how many rows there are.
    pub fn estimate(&self) -> String {
        let Self { relation, .. } = self;
        format!("SELECT greatest(reltuples, 0)::int8 FROM pg_class WHERE oid = {relation}")
    }

    /// How many different ids the first thousand values have: those of keys are few.
    pub fn ids_of_first(&self) -> Option<String> {
        let Self { table, name, id, .. } = self;
        let id = id.as_ref()?;
        Some(format!(
            "SELECT count(DISTINCT id) FROM (SELECT {id} AS id FROM {table} WHERE {name} IS NOT NULL LIMIT 1000) AS first"
        ))
    }

    /// Values of each id, the most frequent first; `NULL` for those that can have none.
    pub fn by_id(&self, limit: usize) -> Option<String> {
        let Self { table, name, id, .. } = self;
        let id = id.as_ref()?;
        Some(format!(
            "SELECT {id} AS id, count(*) FROM {table} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT {limit}"
        ))
    }

    pub fn all(&self) -> String {
        let Self {
            table, name, columns, ..
        } = self;
        format!("SELECT {columns} FROM {table} WHERE {name} IS NOT NULL")
    }

    /// About this part of all values.
    pub fn random(&self, part: f64) -> String {
        format!("{} AND random() < {part:.9}", self.all())
    }

    /// The oldest and the newest values.
    pub fn ends(&self, count: usize) -> String {
        let Self { oldest, newest, .. } = self;
        let all = self.all();
        format!("({all} ORDER BY {oldest} LIMIT {count}) UNION ALL ({all} ORDER BY {newest} LIMIT {count})")
    }

    /// The oldest and the newest values of each of the ids in `$1`.
    pub fn ends_of_ids(&self, count: usize) -> Option<String> {
        let Self { oldest, newest, id, .. } = self;
        let of_id = format!("{} AND {} = wanted.id", self.all(), id.as_ref()?);
        Some(format!(
            "SELECT ends.* FROM unnest($1::bytea[]) AS wanted (id) CROSS JOIN LATERAL (
                 ({of_id} ORDER BY {oldest} LIMIT {count}) UNION ALL ({of_id} ORDER BY {newest} LIMIT {count})) AS ends"
        ))
    }
}

fn columns(name: &str, key: &str, tenant: Option<&str>, row: &str, is_bytes: bool) -> String {
    let tenant = tenant.map_or("''".into(), |tenant| format!("coalesce(t.{}::text, '')", quote(tenant)));
    let (length, value) = if is_bytes {
        (format!("octet_length({name})"), name.to_owned())
    } else {
        (
            format!("octet_length({name}::text)"),
            format!("convert_to({name}::text, 'UTF8')"),
        )
    };
    format!(
        "coalesce({key}::text, '') AS id, {tenant} AS tenant, {row} AS row, CASE WHEN {length} <= {LARGEST} THEN {value} END AS value"
    )
}

/// The key id as bytes, cut out of a value without reading the rest of it. `NULL` where the value isn't written as it should be.
fn id(name: &str, is_bytes: bool, encoding: Encoding, at: usize, length: usize) -> Option<String> {
    let letters = |from: usize, count: usize| {
        if is_bytes {
            format!("encode(substring({name} FROM {from} FOR {count}), 'escape')")
        } else {
            format!("substring({name}::text FROM {from} FOR {count})")
        }
    };
    let decoded = |from: usize, count: usize, allowed: &str, form: &str| {
        let text = letters(from, count);
        format!("CASE WHEN {text} ~ '^[{allowed}]{{{count}}}$' THEN decode({text}, '{form}') END")
    };
    match encoding {
        Encoding::Bytea if is_bytes => Some(format!("substring({name} FROM {} FOR {length})", at + 1)),
        Encoding::Bytea => None,
        Encoding::Hex => Some(decoded(at * 2 + 1, length * 2, "0-9A-Fa-f", "hex")),
        Encoding::Base64 => {
            // Three bytes are four letters.
            let (first, last) = (at / 3, (at + length).div_ceil(3));
            let bytes = decoded(first * 4 + 1, (last - first) * 4, "A-Za-z0-9+/", "base64");
            Some(format!("substring({bytes} FROM {} FOR {length})", at % 3 + 1))
        }
    }
}
