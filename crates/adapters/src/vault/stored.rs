//! The value in an answer, which is never copied but into memory that is wiped.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::answers::Unclear;

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    data: Option<BTreeMap<String, &'a RawValue>>,
    metadata: Option<Json>,
}

/// The stored object, as it stands in `body`, and the number of its version. Without `Debug`.
pub(super) struct Stored<'a> {
    pub fields: BTreeMap<String, &'a RawValue>,
    pub version: Option<u64>,
}

impl<'a> Stored<'a> {
    /// Nothing of the value is copied out of `body`.
    pub(super) fn of(body: &'a [u8]) -> Result<Self, Unclear> {
        let answer: Reply<'_> = serde_json::from_slice(body)?;
        let data = answer.data.ok_or(Unclear::Lacks("data"))?;
        Ok(Self {
            fields: data.data.ok_or(Unclear::Lacks("value"))?,
            version: data.metadata.and_then(|metadata| metadata["version"].as_u64()),
        })
    }
}

/// What a field says: text as it is, anything else as its JSON.
pub(super) fn content(field: &RawValue) -> Result<Zeroizing<Vec<u8>>, Unclear> {
    let json = field.get();
    if !json.starts_with('"') {
        return Ok(Zeroizing::new(json.as_bytes().to_vec()));
    }
    let text: String = serde_json::from_str(json)?;
    Ok(Zeroizing::new(text.into_bytes()))
}

#[cfg(test)]
mod tests;
