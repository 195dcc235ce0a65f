//! The data inside a dump's script: `COPY schema.table (columns) FROM stdin;`, rows of tab-separated text, `\.` at the end.
//! Format: <https://www.postgresql.org/docs/current/sql-copy.html>, text format.

use std::collections::BTreeMap;

use domain::ids::Big;

/// Wrapped values kept of each column: enough for a proof, bounded for a dump of any size.
const SAMPLES: usize = 2000;

/// A value of a wrapped column, still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    pub table: String,
    pub column: String,
    /// The row's column called id, else its first, which is its key in Ampora's tables.
    pub id: String,
    pub tenant: String,
    /// The column's bytes, or its text for layouts in base64 or hex.
    pub stored: Vec<u8>,
}

/// Counts rows and picks what is looked for while the script goes by.
#[derive(Debug, Default)]
pub struct CopyReader {
    /// `(table, column)` pairs of wrapped values; a table may carry its schema.
    wanted: Vec<(String, String)>,
    /// `(table, column)` of the applied migrations.
    migrations: Option<(String, String)>,
    current: Option<Current>,
    /// Tables whose data has begun. `rows` has one entry for those of a partitioned table that go through their root.
    pub begun: u64,
    pub rows: BTreeMap<String, Big>,
    pub wrapped: Vec<Wrapped>,
    /// The newest of the applied migrations; their names begin with their time.
    pub migration_head: Option<String>,
}

#[derive(Debug)]
struct Current {
    /// `schema.table`, unquoted.
    name: String,
    table: String,
    /// Index and name of each wanted column.
    wanted: Vec<(usize, String)>,
    id: usize,
    tenant: Option<usize>,
    migration: Option<usize>,
    rows: u64,
}

impl CopyReader {
    pub fn new(wanted: Vec<(String, String)>, migrations: Option<(String, String)>) -> Self {
        Self {
            wanted,
            migrations,
            ..Self::default()
        }
    }

    /// Takes one line. `true`: it was part of a table's data.
    pub fn line(&mut self, line: &str) -> bool {
        let Some(current) = &mut self.current else {
            self.current = self.begin(line);
            self.begun += u64::from(self.current.is_some());
            return self.current.is_some();
        };
        if line == "\\." {
            self.rows.entry(current.name.clone()).or_insert(Big(0)).0 += current.rows;
            self.current = None;
            return true;
        }
        current.rows += 1;
        if let Some(name) = current.migration.and_then(|index| line.split('\t').nth(index))
            && self.migration_head.as_deref().is_none_or(|newest| newest < name)
        {
            self.migration_head = Some(name.to_owned());
        }
        if !current.wanted.is_empty() && self.wrapped.len() < SAMPLES * self.wanted.len() {
            self.wrapped.extend(current.wrapped(line));
        }
        true
    }

    /// A table's data hadn't ended when the script did.
    pub const fn is_torn(&self) -> bool {
        self.current.is_some()
    }

    fn begin(&self, line: &str) -> Option<Current> {
        let rest = line.strip_prefix("COPY ")?.strip_suffix(" FROM stdin;")?;
        let (name, columns) = rest
            .split_once(" (")
            .map_or((rest, ""), |(n, c)| (n, c.strip_suffix(')').unwrap_or(c)));
        let (schema, table) = name.trim_end().split_once('.')?;
        let (schema, table) = (unquote(schema), unquote(table));
        let columns: Vec<_> = columns.split(", ").map(unquote).collect();
        let wanted = columns.iter().enumerate().filter(|(_, column)| {
            let is_it = |(wanted, name): &(String, String)| name == *column && is_meant(wanted, &schema, &table);
            self.wanted.iter().any(is_it)
        });
        Some(Current {
            name: format!("{schema}.{table}"),
            wanted: wanted.map(|(index, column)| (index, column.clone())).collect(),
            id: columns
                .iter()
                .position(|column| column.eq_ignore_ascii_case("id"))
                .unwrap_or(0),
            tenant: columns
                .iter()
                .position(|column| column.replace('_', "").eq_ignore_ascii_case("tenantid")),
            migration: self
                .migrations
                .as_ref()
                .filter(|(list, _)| is_meant(list, &schema, &table))
                .and_then(|(_, id)| columns.iter().position(|column| column == id)),
            table,
            rows: 0,
        })
    }
}

impl Current {
    fn wrapped(&self, line: &str) -> Vec<Wrapped> {
        let fields: Vec<_> = line.split('\t').collect();
        let text = |index: usize| fields.get(index).map(|field| unescaped(field)).unwrap_or_default();
        let text = |index: usize| String::from_utf8_lossy(&text(index)).into_owned();
        let value = |(index, column): &(usize, String)| {
            let field = fields.get(*index).filter(|field| **field != "\\N")?;
            Some(Wrapped {
                table: self.table.clone(),
                column: column.clone(),
                id: text(self.id),
                tenant: self.tenant.map(text).unwrap_or_default(),
                stored: stored(field),
            })
        };
        self.wanted.iter().filter_map(value).collect()
    }
}

/// `bytea` is written `\\x…`; anything else is text.
fn stored(field: &str) -> Vec<u8> {
    let digits = field.strip_prefix("\\\\x");
    digits
        .and_then(|digits| hex::decode(digits).ok())
        .unwrap_or_else(|| unescaped(field))
}

/// A text as it was before COPY put a backslash before what ends a field or a line.
fn unescaped(field: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'b') => 8,
                Some(b't') => b'\t',
                Some(b'n') => b'\n',
                Some(b'v') => 11,
                Some(b'f') => 12,
                Some(b'r') => b'\r',
                Some(other) => other,
                None => byte,
            },
            plain => plain,
        });
    }
    bytes
}

/// Whether a table's configured name, with its schema or without, is this table's.
fn is_meant(written: &str, schema: &str, table: &str) -> bool {
    written == table || written.split_once('.') == Some((schema, table))
}

fn unquote(name: &str) -> String {
    name.strip_prefix('"')
        .and_then(|n| n.strip_suffix('"'))
        .map_or_else(|| name.to_owned(), |n| n.replace("\"\"", "\""))
}
