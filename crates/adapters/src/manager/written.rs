//! How a master key is written in what a manager stores: the whole value, or one field of it, in one of four encodings.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use domain::key::{Decoded, Encoding, KeyError, MasterKey};
use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use super::Value;

/// Where in a value the key stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// A key of the stored JSON object, or a name among stored fields. `None`: the whole value, or the only field.
    pub field: Option<String>,
    pub encoding: Encoding,
}

/// Why a value holds no key. Names of fields may be shown, what they hold may not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrittenError {
    #[error("there is no field {wanted:?}; there are {}", list(.found))]
    NoField { wanted: String, found: Vec<String> },
    #[error("there are several fields ({}); say in `field` which one is the key", list(.0))]
    Several(Vec<String>),
    #[error("field {0:?} is no text")]
    NoText(String),
    #[error("`field` is set, and the value is no JSON object")]
    NoObject,
    #[error(transparent)]
    Key(#[from] KeyError),
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}

impl Written {
    /// Finds and decodes the key.
    ///
    /// # Errors
    /// If there is no such field, or what it holds is no key.
    pub fn key(&self, value: &Value) -> Result<Decoded, WrittenError> {
        Ok(MasterKey::decode(&self.text(value)?, self.encoding)?)
    }

    fn text(&self, value: &Value) -> Result<Zeroizing<Vec<u8>>, WrittenError> {
        match (value, &self.field) {
            (Value::Whole(bytes), None) => Ok(bytes.clone()),
            (Value::Whole(bytes), Some(field)) => of_object(&object(bytes)?, field),
            (Value::Fields(fields), Some(field)) => fields.get(field).cloned().ok_or_else(|| WrittenError::NoField {
                wanted: field.clone(),
                found: fields.keys().cloned().collect(),
            }),
            (Value::Fields(fields), None) => {
                let mut values = fields.values();
                match (values.next(), values.next()) {
                    (Some(only), None) => Ok(only.clone()),
                    _ => Err(WrittenError::Several(fields.keys().cloned().collect())),
                }
            }
        }
    }

    /// The value that holds `key` in place of what `old` holds; other fields of `old` stay as they are.
    ///
    /// # Errors
    /// If `old` isn't what `field` says.
    pub fn value(&self, key: &MasterKey, old: Option<&Value>) -> Result<Value, WrittenError> {
        let text = encode(key, self.encoding);
        match (old, &self.field) {
            (Some(Value::Fields(fields)), field) => {
                let name = match field {
                    Some(name) => name.clone(),
                    None if fields.len() == 1 => fields.keys().next().cloned().unwrap_or_default(),
                    None => return Err(WrittenError::Several(fields.keys().cloned().collect())),
                };
                let mut fields = fields.clone();
                fields.insert(name, text);
                Ok(Value::Fields(fields))
            }
            (_, None) => Ok(Value::Whole(text)),
            (Some(Value::Whole(bytes)), Some(field)) => with_field(object(bytes)?, field, &text),
            (None, Some(field)) => with_field(Map::new(), field, &text),
        }
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Json>, WrittenError> {
    match serde_json::from_slice(bytes) {
        Ok(Json::Object(fields)) => Ok(fields),
        _ => Err(WrittenError::NoObject),
    }
}

fn of_object(fields: &Map<String, Json>, field: &str) -> Result<Zeroizing<Vec<u8>>, WrittenError> {
    match fields.get(field) {
        Some(Json::String(text)) => Ok(Zeroizing::new(text.clone().into_bytes())),
        Some(_) => Err(WrittenError::NoText(field.into())),
        None => Err(WrittenError::NoField {
            wanted: field.into(),
            found: fields.keys().cloned().collect(),
        }),
    }
}

fn with_field(mut fields: Map<String, Json>, field: &str, text: &[u8]) -> Result<Value, WrittenError> {
    let text = std::str::from_utf8(text).map_err(|_| WrittenError::NoText(field.into()))?;
    fields.insert(field.into(), Json::String(text.into()));
    let written = serde_json::to_vec(&fields).expect("an object of JSON values can be written");
    Ok(Value::Whole(Zeroizing::new(written)))
}

fn encode(key: &MasterKey, encoding: Encoding) -> Zeroizing<Vec<u8>> {
    let bytes = key.expose();
    Zeroizing::new(match encoding {
        Encoding::Base64 => STANDARD.encode(bytes).into_bytes(),
        Encoding::Base64url => URL_SAFE.encode(bytes).into_bytes(),
        Encoding::Hex => hex::encode(bytes).into_bytes(),
        Encoding::Raw => bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests;
