//! The JSON schema of `muster.toml`, made from the types. One schema serves `config schema`, editors, and the walk that checks a file.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Config, secret};

/// Says in the schema that a property holds a file name or a variable instead of the secret named here.
pub(super) const STANDS_FOR: &str = "x-stands-for";

/// The schema (JSON Schema 2020-12) of the whole file, with `x_file` and `x_env` beside each secret `x`.
#[must_use]
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Config>().to_value();
    tidy(&mut schema);
    schema
}

/// Bends what schemars makes to what TOML knows: there is no null, secrets have three spellings, and unknown keys are refused.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            drop_null(object);
            spell_secrets(object);
            close(object);
        }
        _ => {}
    }
}

/// An optional key is left out, not null.
fn drop_null(object: &mut Map<String, Value>) {
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(words)) = object.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice != &json!({ "type": "null" }));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// Adds `x_file` and `x_env` beside each secret `x`; a required secret is then required in exactly one of the three spellings.
fn spell_secrets(object: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = object.get("properties") else {
        return;
    };
    let is_secret = |property: &Value| property.get(secret::MARK).is_some();
    let names: Vec<_> = properties
        .iter()
        .filter(|(_, property)| is_secret(property))
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        let demanded = take_required(object, &name);
        let [_, file, env] = secret::spellings(&name);
        if demanded {
            let rule = json!({ "oneOf": [{ "required": [&name] }, { "required": [&file] }, { "required": [&env] }] });
            let rules = object.entry("allOf").or_insert_with(|| json!([])).as_array_mut();
            rules.expect("allOf is a list").push(rule);
        }
        let properties = object.get_mut("properties").expect("was found above");
        properties[&file] = json!({ "type": "string", "format": "path", "description": format!("A file that holds `{name}`."), STANDS_FOR: &name });
        properties[&env] = json!({ "type": "string", "format": "not-empty", "description": format!("A variable that holds `{name}`."), STANDS_FOR: &name });
        properties[&name][secret::MARK] = if demanded { "required" } else { "optional" }.into();
    }
}

/// Takes `name` off the list of required keys, if it is on it.
fn take_required(object: &mut Map<String, Value>, name: &str) -> bool {
    let Some(Value::Array(required)) = object.get_mut("required") else {
        return false;
    };
    let before = required.len();
    required.retain(|key| key != name);
    required.len() < before
}

/// No key but those named. Where variants add keys of their own, the whole is closed and the variants aren't.
fn close(object: &mut Map<String, Value>) {
    let has_properties = object.contains_key("properties");
    let Some(Value::Array(variants)) = object.get_mut("oneOf") else {
        if has_properties {
            object.entry("additionalProperties").or_insert(false.into());
        }
        return;
    };
    let tables = variants
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .filter(|variant| variant.contains_key("properties"));
    let mut any = false;
    for variant in tables {
        variant.remove("additionalProperties");
        any = true;
    }
    if any {
        object.remove("additionalProperties");
        object.insert("unevaluatedProperties".into(), false.into());
    }
}
