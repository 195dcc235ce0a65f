//! One object of the answer, asked for one field after the other. Absent and null are the same; a value of another type is told apart
//! from both, so that it is never taken for "not there".

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// Why a part of the answer is of no use, for a person.
pub(super) type Reason = String;

#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub fn of(value: &'a Value) -> Result<Self, Reason> {
        value
            .as_object()
            .map(Self)
            .ok_or_else(|| format!("it is {}, not an object", kind(value)))
    }

    pub fn text(self, key: &str) -> Result<Option<&'a str>, Reason> {
        self.read(key, "a text", Value::as_str)
    }

    pub fn flag(self, key: &str) -> Result<Option<bool>, Reason> {
        self.read(key, "true or false", Value::as_bool)
    }

    pub fn list(self, key: &str) -> Result<Option<&'a [Value]>, Reason> {
        self.read(key, "a list", |value| value.as_array().map(Vec::as_slice))
    }

    pub fn object(self, key: &str) -> Result<Option<Self>, Reason> {
        self.read(key, "an object", |value| value.as_object().map(Self))
    }

    /// A whole number below 2^64, also one that is written as a text: JavaScript and jq lose digits above 2^53, and what passes an answer
    /// on may have quoted it for that.
    pub fn number(self, key: &str) -> Result<Option<u64>, Reason> {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        self.read(key, "a whole number", number)
    }

    /// A number that PostgreSQL and pgBackRest keep in 32 bits.
    pub fn small(self, key: &str) -> Result<Option<u32>, Reason> {
        let small = |number: u64| u32::try_from(number).map_err(|_| format!("{key} is {number}, which is too large"));
        self.number(key)?.map(small).transpose()
    }

    /// Seconds since 1970.
    pub fn time(self, key: &str) -> Result<Option<DateTime<Utc>>, Reason> {
        let time = |epoch: u64| {
            let seconds = i64::try_from(epoch).ok();
            let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            time.ok_or_else(|| format!("{key} is {epoch}, which is no time"))
        };
        self.number(key)?.map(time).transpose()
    }

    fn read<T>(self, key: &str, wanted: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<Option<T>, Reason> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match read(value) {
                Some(found) => Ok(Some(found)),
                None => Err(format!("{key} is {}, not {wanted}", kind(value))),
            },
        }
    }
}

/// A field that must be there.
pub(super) trait Needed<T> {
    fn needed(self, key: &str) -> Result<T, Reason>;
}

impl<T> Needed<T> for Result<Option<T>, Reason> {
    fn needed(self, key: &str) -> Result<T, Reason> {
        self?.ok_or_else(|| format!("{key} is missing"))
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {:?}", super::quoted(text)),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}
