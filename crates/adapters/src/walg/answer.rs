//! wal-g's JSON among everything it says. Its log goes to standard error, but wrappers and remote shells mix the two, and the JSON of
//! `wal-show` and `wal-verify` ends without a line feed, so that a log line may follow on the same line. The exit status stays 0 when only
//! some of several storages are dead: wal-g lists the others and logs `ERROR: … storage 'name': …`.
//! Log format: <https://github.com/wal-g/tracelog>.

use domain::wal::Lsn;
use serde_json::{Map, Value};

/// Characters of a log line that are quoted.
const LONGEST_QUOTE: usize = 300;
/// Entries that are named one by one before the rest is only counted.
const NAMED: usize = 3;

/// A list of entries: the first array that starts a line and can be one.
pub fn list(said: &str) -> Option<Vec<Value>> {
    values(said, &['[', 'n']).find_map(|value| match value {
        // Go prints a list that was never made as null.
        Value::Null => Some(Vec::new()),
        Value::Array(entries) if entries.is_empty() || entries.iter().any(Value::is_object) => Some(entries),
        _ => None,
    })
}

/// The first object that starts a line and has one of these keys.
pub fn object(said: &str, keys: &[&str]) -> Option<Map<String, Value>> {
    values(said, &['{']).find_map(|value| match value {
        Value::Object(object) if keys.iter().any(|key| object.contains_key(*key)) => Some(object),
        _ => None,
    })
}

/// Every JSON value that starts a line with one of these characters.
fn values<'a>(said: &'a str, starts: &'a [char]) -> impl Iterator<Item = Value> + 'a {
    let begins = said.split_inclusive('\n').scan(0, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    });
    begins
        .filter(move |(_, line)| line.trim_start().starts_with(starts))
        .filter_map(|(begin, _)| {
            serde_json::Deserializer::from_str(&said[begin..])
                .into_iter()
                .next()?
                .ok()
        })
}

/// The errors that wal-g logged, each on one line.
pub fn logged_errors(said: &str) -> Vec<String> {
    let errors = said
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("ERROR: "));
    errors.map(quote).collect()
}

/// The last thing that was said, for an error.
pub fn last_words(said: &str) -> String {
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(|| "it said nothing".into(), |line| format!("it said: {}", quote(line)))
}

/// One line of what somebody else wrote, without control characters and cut where it gets long.
pub fn quote(line: &str) -> String {
    let line = line.replace(|c: char| c.is_control(), " ");
    match line.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", line[..end].trim()),
        None => line.trim().to_owned(),
    }
}

/// Names the first few of many, so that ten thousand of them stay one sentence.
pub fn few(names: &[String]) -> String {
    match names.len().checked_sub(NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..NAMED].join(", ")),
    }
}

/// Lenient access to an entry: what is missing, null or of another type is `None`.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub fn of(entry: &'a Value) -> Option<Self> {
        entry.as_object().map(Self)
    }

    pub fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// A whole number, also as text: a tool between wal-g and Muster may protect what is above 2^53 that way.
    pub fn number(self, key: &str) -> Option<u64> {
        match self.0.get(key)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub fn timeline(self, key: &str) -> Option<u32> {
        self.number(key)?.try_into().ok().filter(|id| *id > 0)
    }

    /// A position: wal-g prints the bytes as one integer, and 0 for what it doesn't know.
    pub fn lsn(self, key: &str) -> Option<Lsn> {
        let written = || self.text(key)?.trim().parse().ok();
        self.number(key).map(Lsn).or_else(written).filter(|lsn| lsn.0 > 0)
    }

    pub fn flag(self, key: &str) -> Option<bool> {
        self.0.get(key)?.as_bool()
    }

    pub fn object(self, key: &str) -> Option<Self> {
        Self::of(self.0.get(key)?)
    }

    pub fn entries(self, key: &str) -> Option<&'a [Value]> {
        self.0.get(key)?.as_array().map(Vec::as_slice)
    }
}
