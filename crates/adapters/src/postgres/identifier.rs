//! Names and texts inside SQL that can't be bound as parameters.

/// An identifier in double quotes, whatever is in it.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>
#[must_use]
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

/// A table's name as it is configured, with the schema before a dot if it has one, each part in double quotes.
#[must_use]
pub fn relation(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, table)) => format!("{}.{}", quote(schema), quote(table)),
        None => quote(name),
    }
}

/// A text as a literal, for statements that take no parameters. Needs `standard_conforming_strings`, on since PostgreSQL 9.1.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_carry_its_schema() {
        assert_eq!(relation("agents"), "\"agents\"");
        assert_eq!(relation("Fleet.agents"), "\"Fleet\".\"agents\"");
        assert_eq!(relation("a\".b"), "\"a\"\"\".\"b\"");
    }

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        assert_eq!(quote("\"; drop database x"), "\"\"\"; drop database x\"");
        assert_eq!(literal("'; drop database x"), "'''; drop database x'");
        assert_eq!(quote("a\0b"), "\"ab\"");
    }
}
