//! What the schema expects at one place, in the terms of TOML, and how to say that something else was found.

use serde_json::Value as Schema;
use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use crate::config::key_path::shorten;
use crate::config::nearest::suggest;
use crate::config::{KeyPath, secret};

/// The keys that a table may have, its variant chosen.
pub(super) struct Shape<'s> {
    /// The table's own part of the schema, then its variant's.
    parts: Vec<&'s Schema>,
}

impl<'s> Shape<'s> {
    /// Chooses the variant that `table` is. The error names the key at fault, if there is one, and what is wrong with it.
    pub(super) fn of(schema: &'s Schema, table: &Table) -> Result<Self, (Option<&'s str>, String)> {
        let variants: Vec<_> = variants(schema)
            .filter(|variant| variant["properties"].is_object())
            .collect();
        let mut parts = vec![schema];
        if let Some(first) = variants.first() {
            parts.push(match tag_of(first) {
                Some(tag) => tagged(&variants, tag, table).map_err(|complaint| (Some(tag), complaint))?,
                None => keyed(&variants, table).map_err(|complaint| (None, complaint))?,
            });
        }
        Ok(Self { parts })
    }

    pub(super) fn property(&self, key: &str) -> Option<&'s Schema> {
        self.properties().find_map(|properties| properties.get(key))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'s str> {
        self.properties()
            .flat_map(|properties| properties.keys().map(String::as_str))
    }

    pub(super) fn required(&self) -> impl Iterator<Item = &'s str> {
        self.parts
            .iter()
            .filter_map(|part| part["required"].as_array())
            .flatten()
            .filter_map(Json::as_str)
    }

    /// The properties that are secrets.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&'s str, &'s Schema)> {
        let properties = self
            .properties()
            .flatten()
            .map(|(name, property)| (name.as_str(), property));
        properties.filter(|(_, property)| property.get(secret::MARK).is_some())
    }

    fn properties(&self) -> impl Iterator<Item = &'s Map<String, Schema>> {
        self.parts.iter().filter_map(|part| part["properties"].as_object())
    }
}

fn variants(schema: &Schema) -> impl Iterator<Item = &Schema> {
    schema["oneOf"].as_array().into_iter().flatten()
}

/// The key whose value tells a variant, such as `kind`.
fn tag_of(variant: &Schema) -> Option<&str> {
    variant["properties"]
        .as_object()?
        .iter()
        .find(|(_, property)| property.get("const").is_some())
        .map(|(key, _)| key.as_str())
}

fn tagged<'s>(variants: &[&'s Schema], tag: &str, table: &Table) -> Result<&'s Schema, String> {
    let word = |variant: &&'s Schema| variant["properties"][tag]["const"].as_str();
    let known: Vec<_> = variants.iter().filter_map(word).collect();
    match table.get(tag) {
        None => Err(format!("is missing: one of {}", known.join(", "))),
        Some(Value::String(written)) => variants
            .iter()
            .find(|variant| word(variant) == Some(written))
            .copied()
            .ok_or_else(|| unknown_word(written, &known)),
        Some(other) => Err(format!("needs one of {}, not {}", known.join(", "), found(other))),
    }
}

fn keyed<'s>(variants: &[&'s Schema], table: &Table) -> Result<&'s Schema, String> {
    let key = |variant: &&'s Schema| variant["required"][0].as_str();
    let known: Vec<_> = variants.iter().filter_map(key).collect();
    let given: Vec<_> = variants
        .iter()
        .filter(|variant| key(variant).is_some_and(|key| table.contains_key(key)))
        .collect();
    match given.as_slice() {
        [only] => Ok(only),
        _ => Err(format!("needs exactly one of the keys {}", known.join(", "))),
    }
}

/// The words that are allowed here, if only certain ones are.
fn words(schema: &Schema) -> Vec<&str> {
    let own = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(schema.get("const"));
    own.filter_map(Json::as_str)
        .chain(variants(schema).flat_map(words))
        .collect()
}

pub(super) fn takes_text(schema: &Schema) -> bool {
    schema["type"] == "string" || !words(schema).is_empty()
}

pub(super) fn takes_table(schema: &Schema) -> bool {
    schema["type"] == "object" || schema["properties"].is_object() || variants(schema).any(takes_table)
}

/// What is wrong with a word where only certain ones are allowed.
pub(super) fn word_complaint(schema: &Schema, written: &str) -> Option<String> {
    let known = words(schema);
    (!known.is_empty() && !known.contains(&written)).then(|| unknown_word(written, &known))
}

fn unknown_word(written: &str, known: &[&str]) -> String {
    format!("doesn't know {:?}: {}", shorten(written), suggest(written, known))
}

pub(super) fn range_complaint(schema: &Schema, number: i64) -> Option<String> {
    let why = schema["x-why"].as_str().map_or(String::new(), |why| format!(": {why}"));
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), _) if number < least => Some(format!("is {number} and needs at least {least}{why}")),
        (_, Some(most)) if number > most => Some(format!("is {number} and can be {most} at most{why}")),
        _ => None,
    }
}

/// What belongs here, in words.
pub(super) fn wanted(schema: &Schema) -> String {
    let words = words(schema);
    match schema["type"].as_str() {
        _ if !words.is_empty() && takes_table(schema) => format!("{} or a table", words.join(", ")),
        _ if !words.is_empty() => format!("one of {}", words.join(", ")),
        Some("string") => "a text in quotes".into(),
        Some("integer") => "a whole number".into(),
        Some("boolean") => "true or false".into(),
        Some("array") if takes_table(&schema["items"]) => "a list of tables".into(),
        Some("array") => "a list such as [\"a\", \"b\"]".into(),
        _ => "a table".into(),
    }
}

/// What stands here, in words and without its value.
pub(super) const fn found(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a point",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The first line of a key's description, to say what is missing.
pub(super) fn described(schema: Option<&Schema>) -> String {
    let first = schema
        .and_then(|schema| schema["description"].as_str())
        .and_then(|text| text.lines().next());
    first.map_or(String::new(), |text| format!(": {text}"))
}

/// The tables, by their headers, that know a key of this name.
pub(super) fn homes_of(root: &Schema, key: &str) -> Vec<String> {
    let mut homes = Vec::new();
    collect_homes(&KeyPath::root(), root, key, &mut homes);
    homes.sort();
    homes.dedup();
    homes
}

fn collect_homes(at: &KeyPath, schema: &Schema, key: &str, homes: &mut Vec<String>) {
    for part in std::iter::once(schema).chain(variants(schema)) {
        let Some(properties) = part["properties"].as_object() else {
            continue;
        };
        if properties.contains_key(key) {
            homes.push(if *at == KeyPath::root() {
                "the top of the file".into()
            } else {
                format!("[{at}]")
            });
        }
        for (name, property) in properties {
            let inner = if property["items"].is_object() {
                &property["items"]
            } else {
                property
            };
            collect_homes(&at.key(name), inner, key, homes);
        }
    }
}
