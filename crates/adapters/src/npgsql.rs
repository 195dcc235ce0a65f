//! Connection strings as Ampora reads them: `Host=db1;Database=ampora;Password="a;b"`. Muster changes where one points to and leaves
//! everything else in it as it is. Format: <https://www.npgsql.org/doc/connection-string-parameters.html>, quoting:
//! <https://learn.microsoft.com/dotnet/api/system.data.common.dbconnectionstringbuilder>.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use zeroize::Zeroizing;

use crate::process::Secrets;

/// Names by which Ampora reads where its databases are, the second one for its optional replica.
pub const CONNECTIONS: [&str; 2] = ["ConnectionStrings__Ampora", "ConnectionStrings__AmporaRead"];

/// One connection string that Ampora was given.
pub struct Connection {
    pub variable: String,
    pub value: ConnectionString,
    /// Where it stands, in words.
    pub place: String,
}

/// A parsed connection string, in memory that is wiped: it holds a password.
#[derive(Clone)]
pub struct ConnectionString {
    /// As written, first to last.
    entries: Vec<(String, Zeroizing<String>)>,
}

/// Why a text is no connection string. Never quotes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadConnectionString {
    #[error("it isn’t a list of Key=Value parts")]
    Form,
    #[error("a quoted value in it has no end")]
    Unended,
    #[error("it names no Host")]
    NoHost,
    #[error("it names no Database")]
    NoDatabase,
    #[error("its Port is no port")]
    Port,
    #[error("it names several hosts, and which of them is in use can’t be told")]
    SeveralHosts,
}

const HOST: [&str; 2] = ["host", "server"];
const PORT: [&str; 1] = ["port"];
const DATABASE: [&str; 2] = ["database", "db"];
const USER: [&str; 4] = ["username", "user name", "userid", "user id"];
const PASSWORD: [&str; 2] = ["password", "psw"];
const SSL: [&str; 2] = ["ssl mode", "sslmode"];

impl ConnectionString {
    /// # Errors
    /// If it isn't one, or doesn't name one host and one database.
    pub fn parse(text: &str) -> Result<Self, BadConnectionString> {
        let mut entries = Vec::new();
        let mut rest = text.chars().peekable();
        while let Some(key) = key(&mut rest)? {
            entries.push((key, value(&mut rest)?));
        }
        let parsed = Self { entries };
        let host = parsed.get(&HOST).ok_or(BadConnectionString::NoHost)?;
        if host.contains(',') {
            return Err(BadConnectionString::SeveralHosts);
        }
        parsed.get(&DATABASE).ok_or(BadConnectionString::NoDatabase)?;
        let port = parsed.get(&PORT).unwrap_or("5432");
        port.parse::<u16>().map_err(|_| BadConnectionString::Port)?;
        Ok(parsed)
    }

    /// Host name, address, or the folder of a socket.
    #[must_use]
    pub fn host(&self) -> &str {
        self.get(&HOST).unwrap_or_default()
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.get(&PORT).and_then(|port| port.parse().ok()).unwrap_or(5432)
    }

    #[must_use]
    pub fn database(&self) -> &str {
        self.get(&DATABASE).unwrap_or_default()
    }

    /// The role Ampora signs in as.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.get(&USER)
    }

    /// The same connection to another database; role, password and everything else stay.
    #[must_use]
    pub fn pointed_at(&self, host: &str, port: u16, database: &str) -> Self {
        let mut moved = self.clone();
        moved.set(&HOST, "Host", host);
        moved.set(&PORT, "Port", &port.to_string());
        moved.set(&DATABASE, "Database", database);
        moved
    }

    /// The text that Ampora is given.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        // Room for every value quoted, so that no copy is left behind by growing.
        let room = self
            .entries
            .iter()
            .map(|(key, value)| key.len() + 2 * value.len() + 4)
            .sum();
        let mut text = Zeroizing::new(String::with_capacity(room));
        for (index, (key, value)) in self.entries.iter().enumerate() {
            let between = if index == 0 { "" } else { ";" };
            let _ = write!(text, "{between}{key}=");
            if is_plain(value) {
                text.push_str(value);
            } else {
                quoted(&mut text, value);
            }
        }
        text
    }

    /// Adds what a tool must not repeat of it: the password, and the whole.
    pub fn hide(&self, secrets: &mut Secrets) {
        secrets.add(self.text().as_bytes());
        if let Some(password) = self.get(&PASSWORD) {
            secrets.add(password.as_bytes());
        }
    }

    /// For a sign-in as Ampora would do it.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass();
        let options = if self.host().starts_with('/') {
            options.socket(self.host())
        } else {
            options.host(self.host())
        };
        let mut options = options
            .port(self.port())
            .database(self.database())
            .ssl_mode(self.ssl_mode());
        if let Some(user) = self.user() {
            options = options.username(user);
        }
        if let Some(password) = self.get(&PASSWORD) {
            options = options.password(password);
        }
        options
    }

    /// What checks a certificate needs the authority that Ampora knows and Muster doesn't: encrypted is as far as this goes.
    fn ssl_mode(&self) -> PgSslMode {
        let mode = self.get(&SSL).unwrap_or("prefer").to_ascii_lowercase();
        match mode.as_str() {
            "disable" => PgSslMode::Disable,
            "allow" | "prefer" => PgSslMode::Prefer,
            _ => PgSslMode::Require,
        }
    }

    fn get(&self, names: &[&str]) -> Option<&str> {
        let mut entries = self.entries.iter().rev();
        let (_, value) = entries.find(|(key, _)| is_named(key, names))?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    fn set(&mut self, names: &[&str], canonical: &str, value: &str) {
        let value = Zeroizing::new(value.to_owned());
        let place = self.entries.iter().rposition(|(key, _)| is_named(key, names));
        match place {
            Some(place) => self.entries[place].1 = value,
            None => self.entries.push((canonical.to_owned(), value)),
        }
    }
}

fn is_named(key: &str, names: &[&str]) -> bool {
    names.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// `None` at the end. Empty parts, as between `;;`, mean nothing.
fn key(rest: &mut Peekable<Chars<'_>>) -> Result<Option<String>, BadConnectionString> {
    while rest.next_if(|c| *c == ';' || c.is_whitespace()).is_some() {}
    if rest.peek().is_none() {
        return Ok(None);
    }
    let mut key = String::new();
    for c in rest.by_ref() {
        match c {
            '=' if key.trim().is_empty() => return Err(BadConnectionString::Form),
            '=' => return Ok(Some(key.trim().to_owned())),
            ';' => return Err(BadConnectionString::Form),
            c => key.push(c),
        }
    }
    Err(BadConnectionString::Form)
}

fn value(rest: &mut Peekable<Chars<'_>>) -> Result<Zeroizing<String>, BadConnectionString> {
    while rest.next_if(|c| *c != ';' && c.is_whitespace()).is_some() {}
    match rest.peek() {
        Some('"' | '\'') => enclosed(rest),
        _ => {
            let mut value = Zeroizing::new(String::with_capacity(256));
            while let Some(c) = rest.next_if(|c| *c != ';') {
                value.push(c);
            }
            let end = value.trim_end().len();
            value.truncate(end);
            Ok(value)
        }
    }
}

/// A quote inside of a value is written twice.
fn enclosed(rest: &mut Peekable<Chars<'_>>) -> Result<Zeroizing<String>, BadConnectionString> {
    let quote = rest.next().ok_or(BadConnectionString::Unended)?;
    let mut value = Zeroizing::new(String::with_capacity(256));
    loop {
        match rest.next() {
            None => return Err(BadConnectionString::Unended),
            Some(c) if c == quote && rest.next_if_eq(&quote).is_none() => break,
            Some(c) => value.push(c),
        }
    }
    while rest.next_if(|c| *c != ';' && c.is_whitespace()).is_some() {}
    match rest.peek() {
        None | Some(';') => Ok(value),
        Some(_) => Err(BadConnectionString::Form),
    }
}

fn is_plain(value: &str) -> bool {
    let trimmed = value.trim() == value;
    trimmed && !value.contains([';', '"', '\'', '=']) && !value.chars().any(char::is_control)
}

fn quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        if c == '"' {
            text.push('"');
        }
        text.push(c);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_where_it_points_to_changes() {
        let text = r#"Host=olddb;Database=ampora;Username=ampora;Password="a;b""c";SSL Mode=Require;Include Error Detail=false"#;
        let parsed = ConnectionString::parse(text).expect("one");
        assert_eq!(
            (parsed.host(), parsed.port(), parsed.database()),
            ("olddb", 5432, "ampora")
        );
        let moved = parsed.pointed_at("newdb", 5433, "ampora_1");
        assert_eq!(
            moved.text().as_str(),
            r#"Host=newdb;Database=ampora_1;Username=ampora;Password="a;b""c";SSL Mode=Require;Include Error Detail=false;Port=5433"#
        );
        let again = ConnectionString::parse(&moved.text()).expect("one");
        assert_eq!(again.get(&PASSWORD), Some("a;b\"c"));
    }

    #[test]
    fn other_spellings_mean_the_same() {
        let parsed =
            ConnectionString::parse(" server = /run/db ; PORT= 6000;Db='am''pora' ;; User Id=me; ").expect("one");
        assert_eq!(
            (parsed.host(), parsed.port(), parsed.database()),
            ("/run/db", 6000, "am'pora")
        );
        assert_eq!(parsed.user(), Some("me"));
    }

    #[test]
    fn what_is_none_is_refused_without_being_quoted() {
        for (text, why) in [
            ("", BadConnectionString::NoHost),
            ("postgres://me:secret@db/ampora", BadConnectionString::Form),
            ("Host=a;secret", BadConnectionString::Form),
            ("Host=a;Database=\"secret", BadConnectionString::Unended),
            ("Host=a;Database=\"b\"secret", BadConnectionString::Form),
            ("Host=a", BadConnectionString::NoDatabase),
            ("Host=a,b;Database=c", BadConnectionString::SeveralHosts),
            ("Host=a;Database=b;Port=secret", BadConnectionString::Port),
        ] {
            let refused = ConnectionString::parse(text).err();
            assert_eq!(refused, Some(why), "{text}");
            assert!(!why.to_string().contains("secret"));
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_parses_is_written_as_it_was(text in "(Host|Database|Pass word|[ -~]{0,6})(=)(['\"]?[ -~]{0,8}['\"]?)(;[ -~é]{0,20})*") {
            if let Ok(parsed) = ConnectionString::parse(&text) {
                let again = ConnectionString::parse(&parsed.text()).expect("what was written is one");
                prop_assert_eq!(again.entries, parsed.entries);
            }
        }

        #[test]
        fn every_password_survives(password in "\\PC{1,40}") {
            let mut parsed = ConnectionString::parse("Host=a;Database=b").expect("one");
            parsed.set(&PASSWORD, "Password", &password);
            let again = ConnectionString::parse(&parsed.text()).expect("one");
            prop_assert_eq!(again.get(&PASSWORD), Some(password.as_str()));
        }
    }
}
