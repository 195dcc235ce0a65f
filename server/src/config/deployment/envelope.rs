//! `[deployment.envelope]`: the bytes in front of each wrapped value. Ampora documents its parts, not their order, so a site can correct it.

use domain::envelope::{Encoding, Layout, LayoutError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

/// The layout, checked while it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Written")]
pub struct Envelope {
    pub layout: Layout,
    pub key_id: KeyIdRule,
}

/// How the key id in an envelope follows from the key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
pub enum KeyIdRule {
    /// The first 8 bytes of SHA-256 of the key.
    #[default]
    #[serde(rename = "sha256-8")]
    Sha256First8,
}

/// `[deployment.envelope]`: only what differs from the layout that Muster expects.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Written {
    /// How the column writes its bytes.
    #[schemars(with = "String", extend("enum" = ["bytea", "base64", "hex"]))]
    encoding: Encoding,
    /// The parts in order, each `name:bytes`, with one `ciphertext` that takes what is left.
    fields: Vec<String>,
    key_id: KeyIdRule,
    /// Associated data: `none`, or a template of `{table}`, `{column}`, `{id}` and `{tenant}`.
    aad: String,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            encoding: Encoding::Bytea,
            fields: ["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"]
                .map(String::from)
                .to_vec(),
            key_id: KeyIdRule::Sha256First8,
            aad: "none".into(),
        }
    }
}

impl JsonSchema for Envelope {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Envelope".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl TryFrom<Written> for Envelope {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            encoding,
            fields,
            key_id,
            aad,
        } = written;
        let KeyIdRule::Sha256First8 = key_id;
        if let Some(field) = fields
            .iter()
            .find(|field| field.starts_with("key_id:") && *field != "key_id:8")
        {
            return Err(format!(
                "fields: {field:?} doesn't fit key_id = \"sha256-8\", which has 8 bytes"
            ));
        }
        let layout = Layout::new(encoding, &fields, Some(&aad)).map_err(|error| match error {
            LayoutError::Template(_) => format!("aad: {error}"),
            _ => format!("fields: {error}"),
        })?;
        Ok(Self { layout, key_id })
    }
}
