//! Bodies of requests, written into memory that is reserved once and wiped: a buffer that grows leaves copies behind.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::manager::Value;
use crate::process::Secrets;

/// Where a value is put that has no fields of its own.
const FIELD: &str = "value";
/// Shorter pieces of a value would be found in any text.
const SHORTEST_HIDDEN: usize = 8;

/// A value as Vault stores it: an object.
#[derive(Debug)]
pub(super) struct Fields<'v>(BTreeMap<Cow<'v, str>, Content<'v>>);

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Content<'v> {
    Text(&'v str),
    /// A number, a list, …
    Json(&'v RawValue),
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("redacted")
    }
}

impl<'v> Fields<'v> {
    /// Fields as they are; a JSON object as its fields; any other text as the only field, `value`.
    ///
    /// # Errors
    /// In words, if something in it is no text.
    pub(super) fn of(value: &'v Value) -> Result<Self, String> {
        let text = |name: &str, bytes: &'v [u8]| {
            std::str::from_utf8(bytes)
                .map_err(|_| format!("{name} is no text, and Vault stores nothing else: choose another encoding"))
        };
        match value {
            Value::Fields(fields) => fields
                .iter()
                .map(|(name, bytes)| Ok((name.into(), Content::Text(text(&format!("field {name:?}"), bytes)?))))
                .collect::<Result<_, _>>()
                .map(Self),
            Value::Whole(bytes) => {
                let whole = text("the value", bytes)?;
                let object = serde_json::from_str::<BTreeMap<String, &RawValue>>(whole);
                Ok(Self(match object {
                    Ok(object) => object
                        .into_iter()
                        .map(|(name, json)| (name.into(), Content::Json(json)))
                        .collect(),
                    Err(_) => BTreeMap::from([(FIELD.into(), Content::Text(whole))]),
                }))
            }
        }
    }

    /// Whether a field could be the text of a number, or of something else that a read turned into text.
    pub(super) fn are_ambiguous(&self) -> bool {
        let ambiguous = |content: &Content<'_>| match content {
            Content::Text(text) => serde_json::from_str::<&RawValue>(text).is_ok_and(|json| !is_text(json)),
            Content::Json(_) => false,
        };
        self.0.values().any(ambiguous)
    }

    /// Gives fields that are as they were stored in `old` the type again that they had there.
    pub(super) fn typed_as<'o>(self, old: &BTreeMap<String, &'o RawValue>) -> Fields<'o>
    where
        'v: 'o,
    {
        let typed = |(name, content): (Cow<'v, str>, Content<'v>)| {
            let was = old.get(name.as_ref()).filter(|json| !is_text(json));
            let content = match (content, was) {
                (Content::Text(text), Some(was)) if was.get() == text => Content::Json(was),
                (Content::Text(text), _) => Content::Text(text),
                (Content::Json(json), _) => Content::Json(json),
            };
            (name, content)
        };
        Fields(self.0.into_iter().map(typed).collect())
    }

    /// The request that stores them if `cas` is the current version; 0: if there is none.
    pub(super) fn body(&self, cas: u64) -> Zeroizing<Vec<u8>> {
        #[derive(serde::Serialize)]
        struct Body<'f, 'v> {
            options: Options,
            data: &'f Fields<'v>,
        }
        #[derive(serde::Serialize)]
        struct Options {
            cas: u64,
        }
        let options = Options { cas };
        json(&Body { options, data: self })
    }

    /// What must not be repeated in words of the server.
    pub(super) fn hidden(&self) -> Secrets {
        let mut hidden = Secrets::default();
        for content in self.0.values() {
            let text = match content {
                Content::Text(text) => text,
                Content::Json(json) => json.get().trim_matches('"'),
            };
            if text.len() >= SHORTEST_HIDDEN {
                hidden.add(text.as_bytes());
            }
        }
        hidden
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

fn is_text(json: &RawValue) -> bool {
    json.get().starts_with('"')
}

/// JSON in memory that was reserved for all of it.
pub(super) fn json(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut length = Counter(0);
    serde_json::to_writer(&mut length, value).expect("text and numbers can be written");
    let mut body = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *body, value).expect("text and numbers can be written");
    body
}

/// Learns how much is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
