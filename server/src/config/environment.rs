//! `MUSTER__A__B` sets `a.b`. What the environment says wins over the file: for containers, and for `make run`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Schema;
use toml::{Table, Value};

use super::nearest::suggest;
use super::notes::{Notes, Origin};
use super::{KeyPath, schema, secret, text};

const PREFIX: &str = "MUSTER__";

/// Short names, for people and for `make run`.
const SHORT: [(&str, &str); 2] = [("MUSTER_LISTEN", "listen"), ("MUSTER_DATA_DIR", "data_dir")];

/// The variables that concern the configuration. An empty one counts as not set.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self::new(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
    }

    /// Those given.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let concerns = |(name, value): &(String, String)| name.starts_with("MUSTER_") && !value.is_empty();
        Self(variables.into_iter().filter(concerns).collect())
    }

    /// The file that `$MUSTER_CONFIG` names.
    pub(super) fn file(&self) -> Option<&Path> {
        self.0.get("MUSTER_CONFIG").map(Path::new)
    }

    /// Lays the variables over `table`. Relative paths in them are taken from `folder`, the one that the process was started in.
    pub(super) fn lay_over(&self, table: &mut Table, schema: &Schema, folder: &Path, notes: &mut Notes) {
        for (variable, keys, value) in self.settings() {
            match find(schema, &keys) {
                Ok(leaf) => {
                    let at = keys.iter().fold(KeyPath::root(), |at, key| at.key(key));
                    set(table, &keys, leaf, typed(value, leaf, folder), notes);
                    notes.came_from(&at, Origin::Variable(variable.into()));
                }
                Err(message) => notes.refuse_variable(variable, message),
            }
        }
    }

    /// Variable, keys and value of each setting. Long names come last, so that they win over short ones.
    fn settings(&self) -> Vec<(&str, Vec<String>, &str)> {
        let short = SHORT
            .iter()
            .filter_map(|(name, key)| Some((*name, vec![(*key).into()], self.0.get(*name)?.as_str())));
        let long = self.0.iter().filter_map(|(name, value)| {
            let keys = name.strip_prefix(PREFIX)?.split("__").map(str::to_lowercase).collect();
            Some((name.as_str(), keys, value.as_str()))
        });
        short.chain(long).collect()
    }
}

/// The schema of the key, or why the environment can't set it.
fn find<'s>(schema: &'s Schema, keys: &[String]) -> Result<&'s Schema, String> {
    let mut here = schema;
    for key in keys {
        if here["type"] == "array" {
            break;
        }
        let properties = here["properties"]
            .as_object()
            .ok_or("leads below a key that is no table")?;
        let known: Vec<_> = properties.keys().map(String::as_str).collect();
        here = properties
            .get(key)
            .ok_or_else(|| format!("sets {key:?}, which is unknown: {}", suggest(key, &known)))?;
    }
    if here["type"] == "array" && here["items"]["type"] == "object" {
        return Err(
            "reaches into a list of tables, which the environment can't; give single secrets there as x_env or x_file"
                .into(),
        );
    }
    if here["type"] == "object" {
        return Err("names a table; name a key in it, after another two underscores".into());
    }
    Ok(here)
}

/// Text as it is; everything else in TOML's notation.
fn typed(value: &str, leaf: &Schema, folder: &Path) -> Value {
    if leaf["type"] != "string" {
        let parsed = toml::from_str::<Table>(&format!("value = {value}")).ok();
        if let Some(value) = parsed.and_then(|mut table| table.remove("value")) {
            return value;
        }
    } else if leaf["format"] == "path" {
        return Value::String(text::resolve(value, folder));
    }
    Value::String(value.into())
}

fn set(table: &mut Table, keys: &[String], leaf: &Schema, value: Value, notes: &Notes) {
    let Some((last, above)) = keys.split_last() else { return };
    let mut here = table;
    let mut at = KeyPath::root();
    for key in above {
        at = at.key(key);
        let entry = here.entry(key).or_insert_with(|| Table::new().into());
        if !entry.is_table() {
            // Of the wrong type in the file: that mistake is reported by the walk.
            return;
        }
        here = entry.as_table_mut().expect("was just found to be a table");
    }
    let replaced = leaf
        .get(schema::STANDS_FOR)
        .and_then(Schema::as_str)
        .or_else(|| leaf.get(secret::MARK).map(|_| last.as_str()));
    if let Some(name) = replaced {
        // A secret from the environment replaces the file's, however that is spelled. Two from the environment contradict each other.
        let spellings = secret::spellings(name);
        here.retain(|key, _| !spellings.iter().any(|spelling| spelling == key) || notes.is_variable(&at.key(key)));
    }
    here.insert(last.clone(), value);
}
