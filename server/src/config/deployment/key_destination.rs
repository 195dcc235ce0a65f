//! `[[deployment.key_destination]]`: where an approved retrieval may put a key, each time as a new secret.

use domain::key::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Manager;
use crate::config::{KeyPath, Notes};

/// Stands for the name that a request gives.
const NAME: &str = "{name}";

/// A secret manager in which new secrets may be made. `{name}` in `path`, `secret_id`, `secret` or `dir` stands for the name that a request
/// gives, so that each delivery has a place of its own; nothing that is there is ever written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct KeyDestination {
    /// How it is called in requests.
    #[schemars(extend("format" = "name"))]
    pub name: String,
    #[serde(flatten)]
    pub manager: Manager,
    /// Which field of the new value will be the key: a JSON key, or the data key of a Kubernetes Secret. Left out: the whole value.
    #[schemars(extend("format" = "not-empty"))]
    pub field: Option<String>,
    #[serde(default)]
    #[schemars(with = "String", extend("enum" = ["base64", "base64url", "hex", "raw"]))]
    pub encoding: Encoding,
}

impl KeyDestination {
    /// The manager, leading to the secret of this name.
    #[must_use]
    pub fn manager_of(&self, name: &str) -> Manager {
        self.manager.at(self.manager.place().replace(NAME, name))
    }

    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        self.manager.inspect(at, notes);
        if let Manager::Gcp(_) | Manager::Azure(_) = self.manager {
            notes.refuse(
                &at.key("manager"),
                "is one that Muster only reads: choose vault, aws, kubernetes or file",
            );
        }
        if !self.manager.place().contains(NAME) {
            notes.refuse(
                &at.key(self.manager.place_key()),
                "has no {name} in it: each delivery needs a place of its own, so write {name} where the name from the request goes",
            );
        }
        let fields = matches!(self.manager, Manager::Kubernetes(_));
        if fields && self.field.is_none() {
            notes.refuse(
                &at.key("field"),
                "is missing: name the data key of the Secret that will hold the key",
            );
        }
        let text = matches!(self.manager, Manager::Vault(_)) || self.field.is_some();
        if self.encoding == Encoding::Raw && text && !fields {
            notes.refuse(&at.key("encoding"), "can't be raw where the value is text");
        }
    }
}
