//! Names of what Muster makes: databases, and places for keys. They are quoted wherever they go, and still only plain ones are accepted: a
//! name that needs quoting has fooled some script before.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A new database's name: 1 to 63 of `a-z`, `0-9`, `_`, not starting with a digit, and none of PostgreSQL's own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatabaseName(String);

/// What a new place for a key is called: 1 to 60 letters, digits and hyphens, the first and the last no hyphen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaceName(String);

/// A name that is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "A new database’s name has 1 to 63 of a–z, 0–9 and _, doesn’t start with a digit or pg_, and isn’t postgres, template0 or template1."
)]
pub struct BadName;

/// A name that is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "The name of a new place has 1 to 60 letters (a–z), digits and hyphens, and neither starts nor ends with a hyphen."
)]
pub struct BadPlaceName;

impl FromStr for DatabaseName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let starts = text.bytes().next().is_some_and(|b| !b.is_ascii_digit());
        let taken = text.starts_with("pg_") || ["postgres", "template0", "template1"].contains(&text);
        if plain && starts && !taken && text.len() <= 63 {
            Ok(Self(text.into()))
        } else {
            Err(BadName)
        }
    }
}

impl FromStr for PlaceName {
    type Err = BadPlaceName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let ends = text.starts_with('-') || text.ends_with('-');
        if plain && !ends && (1..=60).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(BadPlaceName)
        }
    }
}

macro_rules! name {
    ($name:ident, $error:ident) => {
        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(super) use name;

name!(DatabaseName, BadName);
name!(PlaceName, BadPlaceName);
