//! Names and texts inside SQL that can't be bound as parameters.

/// An identifier in double quotes, whatever is in it.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>
#[must_use]
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
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
    fn nothing_gets_out_of_its_quotes() {
        assert_eq!(quote("\"; drop database x"), "\"\"\"; drop database x\"");
        assert_eq!(literal("'; drop database x"), "'''; drop database x'");
        assert_eq!(quote("a\0b"), "\"ab\"");
    }
}
