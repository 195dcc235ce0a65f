//! What an overlay renders to, what speaks against applying it, and the form in which it may be applied.

use domain::ids::Sha256;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::objects::{is_namespaced, own_name};
use crate::in_use::MASTER_KEY;
use crate::kubernetes::installation::{Source, sources};
use crate::kubernetes::manifests::Manifests;
use crate::npgsql::CONNECTIONS;

/// Marks a Secret that holds nothing yet. Over a delivered key it would destroy it.
const PLACEHOLDER: &str = "ampora.io/placeholder";
/// Lets Ampora migrate its database when it starts: the copy has to stay as it was restored.
const AUTO_MIGRATE: &str = "AMPORA_AUTO_MIGRATE";

/// Objects, each in its namespace.
#[derive(Clone, Debug)]
pub struct Rendered {
    objects: Vec<Value>,
    sha256: Sha256,
}

/// Ampora's own Deployment among them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    pub replicas: u32,
    /// As it stands there, by tag or digest.
    pub image: String,
    /// The Secret and data key that the master key comes from. `None`: from nowhere that is one Secret.
    pub key: Option<Origin>,
    /// The same of the connection string.
    pub connection: Option<Origin>,
}

/// A value in a Secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    pub secret: String,
    pub key: String,
}

impl Rendered {
    pub(super) fn read(text: Vec<u8>, namespace: &str) -> Result<Self, String> {
        let sha256 = Sha256::of(&[&text]);
        let mut manifests = Manifests::default();
        manifests.add_text("the rendering".as_ref(), text);
        if let Some(unread) = manifests.unread.pop() {
            return Err(unread);
        }
        let mut objects = manifests.objects;
        objects.retain(|object| !object.is_null());
        for object in &mut objects {
            if own_name(object).is_empty() || !object["kind"].is_string() || !object["apiVersion"].is_string() {
                return Err("one of its objects has no kind or no name".into());
            }
            if is_namespaced(object) && object["metadata"]["namespace"].is_null() {
                object["metadata"]["namespace"] = namespace.into();
            }
        }
        Ok(Self { objects, sha256 })
    }

    /// Of the text as it was rendered.
    #[must_use]
    pub const fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// Why it must not be applied where the key is in this Secret: one that would be put over it, or over another value that people brought.
    #[must_use]
    pub fn against(&self, namespace: &str, key_secret: &str) -> Vec<String> {
        let secrets = self.objects.iter().filter(|object| object["kind"] == "Secret");
        let reasons = secrets.filter_map(|secret| {
            let name = own_name(secret);
            let marks = ["labels", "annotations"].map(|kind| &secret["metadata"][kind][PLACEHOLDER]);
            if marks.iter().any(|mark| **mark == "true" || **mark == true) {
                return Some(format!(
                    "The overlay renders the placeholder Secret {name} ({PLACEHOLDER}=true), which would be put over what is delivered: remove it from the overlay."
                ));
            }
            (name == key_secret && secret["metadata"]["namespace"] == namespace).then(|| {
                format!("The overlay renders the Secret {name}, to which the key is delivered: remove it from the overlay.")
            })
        });
        reasons.collect()
    }

    pub(super) fn workload(&self, namespace: &str, name: &str) -> Result<Option<Workload>, String> {
        let Some(object) = self
            .objects
            .iter()
            .find(|object| is_deployment(object, namespace, name))
        else {
            return Ok(None);
        };
        let unreadable = |error: serde_json::Error| format!("Deployment {name}: {error}");
        let deployment: Deployment = serde_json::from_value(object.clone()).map_err(unreadable)?;
        let spec = deployment.spec.unwrap_or_default();
        let replicas = spec.replicas.unwrap_or(1);
        let containers = spec.template.spec.map(|spec| spec.containers).unwrap_or_default();
        let named = containers.iter().find(|container| container.name == name);
        let container = named.or_else(|| containers.first());
        let container = container.ok_or_else(|| format!("Deployment {name} has no container"))?;
        let origin = |variable| match sources(container, variable).as_slice() {
            [Source::Secret { name, key }, ..] => Some(Origin {
                secret: name.clone(),
                key: key.clone(),
            }),
            _ => None,
        };
        Ok(Some(Workload {
            replicas: u32::try_from(replicas).unwrap_or_default(),
            image: container.image.clone().unwrap_or_default(),
            key: origin(MASTER_KEY),
            connection: origin(CONNECTIONS[0]),
        }))
    }

    pub(super) fn prepared(&self, namespace: &str, name: &str, image: &str) -> Vec<Value> {
        let mut objects = self.objects.clone();
        for object in objects
            .iter_mut()
            .filter(|object| is_deployment(object, namespace, name))
        {
            if let Some(Value::Object(spec)) = object.get_mut("spec") {
                spec.insert("replicas".into(), 0.into());
            }
            let containers = object.pointer_mut("/spec/template/spec/containers");
            let Some(Value::Array(containers)) = containers else {
                continue;
            };
            let named = containers.iter().position(|container| container["name"] == name);
            let container = containers.get_mut(named.unwrap_or(0));
            if let Some(container) = container.filter(|container| container.is_object()) {
                container["image"] = image.into();
                set(container, AUTO_MIGRATE, "0");
            }
        }
        // A namespace first: nothing lies in one that isn't there.
        objects.sort_by_key(|object| object["kind"] != "Namespace");
        objects
    }
}

fn is_deployment(object: &Value, namespace: &str, name: &str) -> bool {
    object["kind"] == "Deployment" && object["metadata"]["namespace"] == namespace && own_name(object) == name
}

fn set(container: &mut Value, variable: &str, value: &str) {
    if !container["env"].is_array() {
        container["env"] = json!([]);
    }
    if let Some(entries) = container["env"].as_array_mut() {
        entries.retain(|entry| entry["name"] != variable);
        entries.push(json!({ "name": variable, "value": value }));
    }
}

#[cfg(test)]
mod tests;
