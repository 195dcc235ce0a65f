//! The bare SQL of a page: what PostgreSQL logged while it was made, sent again with nothing around it. So a page is compared with exactly
//! the statements that it sends, whatever they are this week.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, PgConnection};

/// What makes a server log each statement of a connection, for a superuser to ask for.
pub const LOGGED: [(&str, &str); 2] = [("log_statement", "all"), ("log_parameter_max_length", "-1")];

/// The server's log.
pub struct ServerLog {
    path: PathBuf,
}

impl ServerLog {
    /// Of the cluster with this data directory.
    pub fn of(data: &Path) -> Self {
        Self {
            path: data.with_file_name("server.log"),
        }
    }

    /// What is logged from here on is told apart from what was logged before.
    pub fn end(&self) -> u64 {
        self.path.metadata().expect("the server writes a log").len()
    }

    /// The statements that were logged since, with their parameters in place.
    pub fn since(&self, end: u64) -> Vec<String> {
        let mut file = File::open(&self.path).expect("the server writes a log");
        file.seek(SeekFrom::Start(end)).expect("it only grows");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("UTF-8");
        statements(&text)
    }
}

/// Sends them one after the other and takes all rows, reading nothing out of them.
pub async fn send(conn: &mut PgConnection, statements: &[String]) {
    for statement in statements {
        let sent = sqlx::raw_sql(AssertSqlSafe(statement.as_str()));
        sent.fetch_all(&mut *conn)
            .await
            .unwrap_or_else(|error| panic!("{statement}\n{error}"));
    }
}

/// Format: <https://www.postgresql.org/docs/current/runtime-config-logging.html>. Lines that go on begin with a tab.
fn statements(log: &str) -> Vec<String> {
    let joined = log.replace("\n\t", "\n");
    let mut found: Vec<String> = Vec::new();
    let mut entries = Vec::new();
    for line in joined.split('\n') {
        match line.split_once("] LOG:  ").or_else(|| line.split_once("] DETAIL:  ")) {
            Some((_, message)) => entries.push(message.to_owned()),
            None => {
                if let Some(entry) = entries.last_mut() {
                    entry.push('\n');
                    entry.push_str(line);
                }
            }
        }
    }
    for entry in entries {
        let parameters = entry
            .strip_prefix("parameters: ")
            .or_else(|| entry.strip_prefix("Parameters: "));
        if let (Some(parameters), Some(statement)) = (parameters, found.last_mut()) {
            *statement = filled(statement, &literals(parameters));
        } else if let Some(statement) = entry.strip_prefix("statement: ") {
            found.push(statement.to_owned());
        } else if let Some((_, statement)) = entry.strip_prefix("execute ").and_then(|rest| rest.split_once(": ")) {
            found.push(statement.to_owned());
        }
    }
    found
}

/// `$1 = 'a''b', $2 = NULL` as literals.
fn literals(parameters: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = parameters;
    while let Some((_, value)) = rest.split_once(" = ") {
        let end = match value.strip_prefix('\'') {
            None => value.find(", ").unwrap_or(value.trim_end().len()),
            Some(text) => 1 + closing(text) + 1,
        };
        found.push(value[..end].to_owned());
        rest = &value[end..];
    }
    found
}

/// Where the quote is that isn't doubled.
fn closing(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return at,
            _ => at += 1,
        }
    }
    bytes.len().saturating_sub(1)
}

/// The highest first, since `$1` is part of `$12`.
fn filled(statement: &str, literals: &[String]) -> String {
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    let bytes = statement.as_bytes();
    for (at, _) in statement.match_indices('$') {
        let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number: usize = statement[at + 1..at + 1 + digits].parse().unwrap_or(0);
        if let Some(literal) = number.checked_sub(1).and_then(|index| literals.get(index)) {
            places.push((at, at + 1 + digits, literal));
        }
    }
    let mut filled = statement.to_owned();
    for (from, to, literal) in places.into_iter().rev() {
        filled.replace_range(from..to, literal);
    }
    filled
}
