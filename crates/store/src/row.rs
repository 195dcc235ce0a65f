//! What rows and domain types need from each other, whatever the table.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::postgres::PgQueryResult;

use crate::{Result, StoreError};

/// Reads a stored JSON value as `T`.
pub(crate) fn parse<T: DeserializeOwned>(value: Value, table: &'static str, id: impl ToString) -> Result<T> {
    serde_json::from_value(value).map_err(|error| inconsistent(table, id, error))
}

/// A row that can't be what Muster wrote.
pub(crate) fn inconsistent(table: &'static str, id: impl ToString, what: impl ToString) -> StoreError {
    StoreError::Inconsistent {
        table,
        id: id.to_string(),
        what: what.to_string(),
    }
}

/// `value` as it is stored.
pub(crate) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("stored types have string keys and no failing serialiser")
}

/// `value` for a column of type `jsonb` that holds text from outside: that may hold NUL, which `jsonb` can't.
pub(crate) fn json_clean(value: &impl Serialize) -> Value {
    fn clean(value: &mut Value) {
        match value {
            Value::String(written) if written.contains('\0') => *written = text(written).into_owned(),
            Value::Array(items) => items.iter_mut().for_each(clean),
            Value::Object(fields) => fields.values_mut().for_each(clean),
            _ => {}
        }
    }
    let mut value = json(value);
    clean(&mut value);
    value
}

/// `value` for a column of type `json`, bound as `$n::text::json`: text from outside may hold NUL, which `jsonb` can't.
pub(crate) fn json_text(value: &impl Serialize) -> String {
    json(value).to_string()
}

/// Text from outside may hold NUL, which PostgreSQL's text can't.
pub(crate) fn text(from_outside: &str) -> Cow<'_, str> {
    if from_outside.contains('\0') {
        Cow::Owned(from_outside.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(from_outside)
    }
}

/// Asserts that a statement changed exactly one row.
pub(crate) fn one(result: &PgQueryResult, what: &'static str) -> Result<()> {
    match result.rows_affected() {
        1 => Ok(()),
        found => Err(StoreError::RowsAffected {
            what,
            expected: 1,
            found,
        }),
    }
}
