//! What the script of `pg_restore --create` says about the database itself: its encoding and locale, and the settings that a restore
//! without `--create` leaves out.

/// The database as the dump describes it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Described {
    pub database: String,
    pub encoding: Option<String>,
    pub collate: Option<String>,
    pub ctype: Option<String>,
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
            let at = rest.find(&format!(" {key} = '"))? + key.len() + 5;
            rest[at..].split('\'').next().map(ToOwned::to_owned)
        };
        self.encoding = option("ENCODING");
        let locale = option("LOCALE");
        self.collate = option("LC_COLLATE").or_else(|| locale.clone());
        self.ctype = option("LC_CTYPE").or(locale);
    }
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
