//! Checks a file against the schema before serde sees it: every mistake is found, each with the full name of its key, and secrets are
//! brought into one form. serde alone stops at the first mistake and names no path inside variants.

use std::path::Path;

use serde_json::Value as Schema;
use toml::{Table, Value};

use super::nearest::suggest;
use super::secret::{self, Secret};
use super::{KeyPath, Notes, text};

mod shape;

use shape::Shape;

/// One pass over a file.
pub(super) struct Walk<'a> {
    root: &'a Schema,
    /// Relative paths are taken from here.
    folder: &'a Path,
    notes: &'a mut Notes,
    secrets: Vec<Secret>,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(root: &'a Schema, folder: &'a Path, notes: &'a mut Notes) -> Self {
        Self {
            root,
            folder,
            notes,
            secrets: Vec::new(),
        }
    }

    /// Checks the whole file, makes its paths absolute and its secrets uniform, and returns the secrets.
    pub(super) fn run(mut self, table: &mut Table) -> Vec<Secret> {
        self.table(&KeyPath::root(), table, self.root);
        self.secrets
    }

    fn value(&mut self, at: &KeyPath, value: &mut Value, schema: &Schema) {
        match value {
            Value::String(written) if shape::takes_text(schema) => {
                if let Some(complaint) = shape::word_complaint(schema, written) {
                    self.notes.refuse(at, complaint);
                } else if let Some(complaint) = schema["format"]
                    .as_str()
                    .and_then(|format| text::complaint(format, written))
                {
                    self.notes.refuse(at, complaint);
                } else if schema["format"] == "path" {
                    *written = text::resolve(written, self.folder);
                }
            }
            Value::Table(table) if shape::takes_table(schema) => self.table(at, table, schema),
            Value::Array(items) if schema["type"] == "array" => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(&at.index(index), item, &schema["items"]);
                }
            }
            Value::Integer(number) if schema["type"] == "integer" => {
                if let Some(complaint) = shape::range_complaint(schema, *number) {
                    self.notes.refuse(at, complaint);
                }
            }
            Value::Boolean(_) if schema["type"] == "boolean" => {}
            other => self.notes.refuse(
                at,
                format!("needs {}, not {}", shape::wanted(schema), shape::found(other)),
            ),
        }
    }

    fn table(&mut self, at: &KeyPath, table: &mut Table, schema: &Schema) {
        if schema["additionalProperties"].is_object() {
            for (key, value) in table.iter_mut() {
                self.value(&at.key(key), value, &schema["additionalProperties"]);
            }
            return;
        }
        let shape = match Shape::of(schema, table) {
            Ok(shape) => shape,
            Err((key, complaint)) => {
                let at = key.map_or_else(|| at.clone(), |key| at.key(key));
                return self.notes.refuse(&at, complaint);
            }
        };
        for (key, value) in table.iter_mut() {
            match shape.property(key) {
                Some(property) => self.value(&at.key(key), value, property),
                None => self.unknown(&at.key(key), key, &shape),
            }
        }
        for key in shape.required().filter(|key| !table.contains_key(*key)) {
            self.notes.refuse(
                &at.key(key),
                format!("is missing{}", shape::described(shape.property(key))),
            );
        }
        for (name, property) in shape.secrets() {
            self.secret(at, table, name, property);
        }
    }

    fn unknown(&mut self, at: &KeyPath, key: &str, shape: &Shape<'_>) {
        let known: Vec<_> = shape.keys().collect();
        let elsewhere = shape::homes_of(self.root, key);
        let advice = match elsewhere.as_slice() {
            [home] if super::nearest::nearest(key, known.iter().copied()).is_none() => format!("it belongs to {home}"),
            _ => suggest(key, &known),
        };
        self.notes.refuse(at, format!("is unknown: {advice}"));
    }

    /// Brings `x`, `x_file` or `x_env` into the form that [`Secret`] reads.
    fn secret(&mut self, at: &KeyPath, table: &mut Table, name: &str, property: &Schema) {
        let format = property["format"].as_str().unwrap_or_default();
        let demanded = property[secret::MARK] == "required";
        let spellings = secret::spellings(name);
        let given: Vec<_> = (0..spellings.len())
            .filter(|place| table.contains_key(&spellings[*place]))
            .collect();
        match given.as_slice() {
            [] if demanded => {
                let [inline, file, env] = &spellings;
                self.notes
                    .refuse(&at.key(name), format!("is missing: give {inline}, {file} or {env}"));
            }
            [] => {}
            [place] => {
                let written = table.remove(&spellings[*place]).expect("was just found");
                let uniform = Secret::to_value(&at.key(name), format, *place, written);
                // One of a wrong type has been refused already and never gets as far as serde.
                self.secrets.extend(uniform.clone().try_into::<Secret>());
                table.insert(name.into(), uniform);
            }
            [_, second, ..] => {
                let names: Vec<_> = given.iter().map(|place| spellings[*place].as_str()).collect();
                self.notes.refuse(
                    &at.key(&spellings[*second]),
                    format!("contradicts: {} are given; keep one of them", names.join(" and ")),
                );
            }
        }
    }
}
