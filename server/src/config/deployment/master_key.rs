//! `[deployment.master_key]`: where the 32-byte master key is kept, and where the running Ampora has it from.

use std::path::PathBuf;

use chrono::TimeDelta;
use domain::key::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Manager;
use crate::config::{KeyPath, Notes, Span};

/// The secret manager, its copies elsewhere, and the key in use.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct MasterKey {
    #[serde(flatten)]
    pub manager: Manager,
    /// Which field of the stored value is the key: a JSON key, or the data key of a Kubernetes Secret. Left out: the whole value.
    #[schemars(extend("format" = "not-empty"))]
    pub field: Option<String>,
    #[serde(default)]
    #[schemars(with = "String", extend("enum" = ["base64", "base64url", "hex", "raw"]))]
    pub encoding: Encoding,
    /// A version's value is read once in this time at most, since each reading is a risk.
    #[serde(default = "six_hours")]
    pub key_read_interval: Span,
    #[serde(default)]
    pub proof: Proof,
    /// Copies of the key in other managers or regions.
    #[serde(default)]
    pub replicas: Vec<Replica>,
    /// Where the running Ampora has its key from.
    pub in_use: Option<InUse>,
}

/// Whether Muster may read the key's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Values are read and tried on envelopes.
    #[default]
    Values,
    /// Versions are listed and never read; the verdict then comes from drills and approved retrievals.
    Metadata,
}

/// A copy of the key, kept elsewhere.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Replica {
    #[schemars(extend("format" = "name"))]
    pub name: String,
    #[serde(flatten)]
    pub manager: Manager,
    /// As `field` of the master key, which holds where this is left out.
    #[schemars(extend("format" = "not-empty"))]
    pub field: Option<String>,
    /// As `encoding` of the master key, which holds where this is left out.
    #[schemars(with = "Option<String>", extend("enum" = ["base64", "base64url", "hex", "raw"]))]
    pub encoding: Option<Encoding>,
}

/// Where the running Ampora reads `KeyProtection__MasterKey`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InUse {
    /// A Secret in the cluster and namespace of `[deployment.kubernetes]`.
    Kubernetes(KubernetesKey),
    /// The environment file of a binary installation, e.g. `/etc/ampora/ampora.env`.
    EnvFile(#[schemars(extend("format" = "path"))] PathBuf),
}

/// A data key of a Kubernetes Secret.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct KubernetesKey {
    #[schemars(extend("format" = "argument"))]
    pub secret: String,
    #[serde(default = "ampora_variable")]
    #[schemars(extend("format" = "argument"))]
    pub key: String,
}

const fn six_hours() -> Span {
    Span(TimeDelta::hours(6))
}

fn ampora_variable() -> String {
    "KeyProtection__MasterKey".into()
}

impl MasterKey {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.key_read_interval.0 < TimeDelta::minutes(1) {
            notes.refuse(
                &at.key("key_read_interval"),
                "is shorter than 1m: a console that reads keys all day is the best place to steal them",
            );
        }
        if matches!(self.manager, Manager::Kubernetes(_)) && self.field.is_none() {
            notes.refuse(
                &at.key("field"),
                "is missing: name the data key of the Secret that holds the master key",
            );
        }
        self.manager.inspect(at, notes);
        let replicas = at.key("replicas");
        for (index, replica) in self.replicas.iter().enumerate() {
            replica.manager.inspect(&replicas.index(index), notes);
            if self.replicas[..index]
                .iter()
                .any(|earlier| earlier.name == replica.name)
            {
                notes.refuse(
                    &replicas.index(index).key("name"),
                    format!("{:?} is the name of an earlier replica too", replica.name),
                );
            }
        }
    }
}
