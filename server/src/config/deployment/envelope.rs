//! `[deployment.envelope]`: the bytes in front of each wrapped value. Ampora documents its parts, not their order, so a site can correct it.

use domain::envelope::{Encoding, KeyIdRule, Layout, LayoutError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

/// The layout, checked while it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Written")]
pub struct Envelope {
    pub layout: Layout,
}

/// `[deployment.envelope]`: only what differs from the layout that Muster expects.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Written {
    /// How the column writes its bytes.
    #[schemars(with = "String", extend("enum" = ["bytea", "base64", "hex"]))]
    encoding: Encoding,
    /// The parts in order, each `name:bytes`, with one `ciphertext` that takes what is left. `scheme` is the number 1, unless its bytes are
    /// given in hex: `scheme:2=7631`.
    fields: Vec<String>,
    /// How the key id in an envelope follows from the key: the first 8 bytes of its SHA-256, or in no way that is known.
    #[schemars(with = "String", extend("enum" = ["sha256-8", "none", ""]))]
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
        let length = |field: &str| Some(field.trim().strip_prefix("key_id:")?.trim().to_owned());
        let fits = |length: &str| key_id == KeyIdRule::Opaque || ["8", "0"].contains(&length);
        if let Some(field) = fields
            .iter()
            .find(|field| length(field).is_some_and(|length| !fits(&length)))
        {
            return Err(format!(
                "fields: {field:?} doesn't fit key_id = \"sha256-8\", which has 8 bytes; ids that follow from the key in another way, or in none, \
                 are key_id = \"none\""
            ));
        }
        let layout = Layout::new(encoding, &fields, Some(&aad)).map_err(|error| match error {
            LayoutError::Template(_) => format!("aad: {error}"),
            _ => format!("fields: {error}"),
        })?;
        Ok(Self {
            layout: layout.with_key_ids(key_id),
        })
    }
}
