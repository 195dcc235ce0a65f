//! What the script of `pg_restore --create` says about the database itself: its encoding and locale, and the settings that a restore
//! without `--create` leaves out.

use domain::locale::LocaleProvider;

/// The database as the dump describes it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Described {
    pub database: String,
    pub encoding: Option<String>,
    pub collate: Option<String>,
    pub ctype: Option<String>,
    /// Dumps from before PostgreSQL 15 name none: there was the C library alone.
    pub provider: LocaleProvider,
    /// `ALTER DATABASE … SET …` and `ALTER ROLE … IN DATABASE … SET …`, as written.
    pub settings: Vec<String>,
    pub server_version: Option<String>,
    pub tool_version: Option<String>,
}

impl Described {
    /// Takes one line of the script outside of table data.
    pub fn line(&mut self, line: &str) {
        if let Some(version) = line.strip_prefix("-- Dumped from database version ") {
            self.server_version = Some(first_word(version));
        } else if let Some(version) = line.strip_prefix("-- Dumped by pg_dump version ") {
            self.tool_version = Some(first_word(version));
        } else if let Some(rest) = line.strip_prefix("CREATE DATABASE ") {
            self.create(rest);
        } else if is_setting(line) {
            self.settings.push(line.to_owned());
        }
    }

    fn create(&mut self, rest: &str) {
        let name = rest.split(" WITH ").next().unwrap_or_default();
        name.trim_matches('"').clone_into(&mut self.database);
        let option = |key: &str| {
            let (_, value) = rest.split_once(&format!(" {key} = "))?;
            text(value)
        };
        self.encoding = option("ENCODING");
        let locale = option("LOCALE");
        self.collate = option("LC_COLLATE").or_else(|| locale.clone());
        self.ctype = option("LC_CTYPE").or_else(|| locale.clone());
        self.provider = match word(rest, "LOCALE_PROVIDER") {
            Some("icu") => LocaleProvider::Icu {
                locale: option("ICU_LOCALE").or(locale).unwrap_or_default(),
                rules: option("ICU_RULES"),
            },
            Some("builtin") => LocaleProvider::Builtin {
                locale: option("BUILTIN_LOCALE").or(locale).unwrap_or_default(),
            },
            _ => LocaleProvider::Libc,
        };
    }
}

/// The value of an option that is written without quotes.
fn word<'a>(rest: &'a str, key: &str) -> Option<&'a str> {
    let (_, value) = rest.split_once(&format!(" {key} = "))?;
    value.split([' ', ';']).next()
}

/// The literal that a text begins with: `'…'` with quotes doubled, or `E'…'` with backslashes doubled too.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS>
fn text(value: &str) -> Option<String> {
    let (escaped, value) = match value.strip_prefix('E') {
        Some(value) => (true, value),
        None => (false, value),
    };
    let (mut letters, mut read) = (value.strip_prefix('\'')?.chars().peekable(), String::new());
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.peek() != Some(&'\'') => return Some(read),
            '\'' => read.extend(letters.next()),
            '\\' if escaped => read.extend(letters.next()),
            other => read.push(other),
        }
    }
    None
}

/// Whole statements on one line; `pg_dump` writes them so. Anything else with these words is left to the person who reads the plan.
fn is_setting(line: &str) -> bool {
    let alters =
        line.starts_with("ALTER DATABASE ") || (line.starts_with("ALTER ROLE ") && line.contains(" IN DATABASE "));
    alters && line.contains(" SET ") && line.ends_with(';')
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_owned()
}
