//! `[[deployment]]`: one Ampora installation, what of it can be observed, and what may be done to it. Everything but the name can be left
//! out; what isn't configured is reported as unknown, never as well.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{KeyPath, Notes, Secret};

mod bucket;
mod drill;
mod dumps;
mod envelope;
mod heartbeat;
mod images;
mod key_destination;
mod kms;
mod kubernetes;
mod master_key;
mod policy;
mod reach;
mod repo;
mod restore;
mod sandbox;
mod schema;
mod secret_manager;
mod service;
mod source;
mod tls;

pub use bucket::Bucket;
pub use drill::{Drill, DrillBackup, SiteCheck};
pub use dumps::Dumps;
pub use envelope::Envelope;
pub use heartbeat::Heartbeat;
pub use images::{EarlierVersion, Images, SecondRegistry};
pub use key_destination::KeyDestination;
pub use kms::KmsKey;
pub use kubernetes::{Kubernetes, NAMESPACE};
pub use master_key::{InUse, KubernetesKey, MasterKey, Proof, Replica};
pub use policy::Policy;
pub use reach::{Place, Transport};
pub use repo::{Escrow, Repo};
pub use restore::Restore;
pub use sandbox::{AgentChecks, KubernetesLauncher, Launcher, Sandbox};
pub use schema::{
    AgentsTable, AuditTable, CaTable, ConfigurationsTable, HeartbeatTable, MigrationsTable, Schema, TenantsTable,
    WrappedColumn,
};
pub use secret_manager::{
    AppRole, AwsSecret, AzureSecret, FileSecret, GcpSecret, KubernetesAuth, KubernetesSecret, Manager, VaultSecret,
};
pub use service::Service;
pub use source::{PgBackRest, Rds, Source, WalG};
pub use tls::{CertManager, Tls};

/// One Ampora installation.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Deployment {
    /// How it is called on pages, in commands and in URLs.
    #[schemars(extend("format" = "name"))]
    pub name: String,
    /// Where it runs, in words or as the cloud calls it.
    pub region: Option<String>,
    pub database: Option<Database>,
    #[serde(default)]
    pub schema: Schema,
    #[serde(default)]
    pub envelope: Envelope,
    /// What backups are read from.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
    pub restore: Option<Restore>,
    pub heartbeat: Option<Heartbeat>,
    pub master_key: Option<MasterKey>,
    /// Where an approved retrieval may put a key.
    #[serde(default, rename = "key_destination")]
    pub key_destinations: Vec<KeyDestination>,
    pub tls: Option<Tls>,
    pub images: Option<Images>,
    /// Keys that backups or Ampora's authority depend on.
    #[serde(default, rename = "kms_key")]
    pub kms_keys: Vec<KmsKey>,
    /// Where Ampora serves its revocation list: `https://HOST/pki/crl.der`.
    #[schemars(extend("format" = "web-url"))]
    pub crl: Option<String>,
    pub kubernetes: Option<Kubernetes>,
    /// Ampora as a service of a machine, where it doesn't run in `kubernetes`.
    pub service: Option<Service>,
    #[serde(default)]
    pub policy: Policy,
    #[serde(default)]
    pub sandbox: Sandbox,
    #[serde(default)]
    pub drill: Drill,
    /// What the site itself asks of a restored copy.
    #[serde(default, rename = "check")]
    pub checks: Vec<SiteCheck>,
}

/// `[deployment.database]`: the live database of Ampora.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Database {
    /// `postgres://…` of a role that can read every row (BYPASSRLS) and write nothing.
    #[schemars(extend("format" = "postgres-url"))]
    pub url: Secret,
    /// `postgres://…` of a replica for the vital signs, with the same role. Readings are then as old as it is behind, and what only the
    /// primary knows is unknown: whether archiving fails, and where WAL is written.
    #[schemars(extend("format" = "postgres-url"))]
    pub replica_url: Option<Secret>,
}

pub(super) fn inspect_all(deployments: &[Deployment], at: &KeyPath, notes: &mut Notes) {
    for (index, deployment) in deployments.iter().enumerate() {
        let at = at.index(index);
        if deployments[..index]
            .iter()
            .any(|earlier| earlier.name == deployment.name)
        {
            notes.refuse(
                &at.key("name"),
                format!(
                    "{:?} is the name of an earlier deployment too; each needs its own",
                    deployment.name
                ),
            );
        }
        deployment.inspect(&at, notes);
    }
}

impl Deployment {
    fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        let sources = at.key("source");
        for (index, source) in self.sources.iter().enumerate() {
            let at = sources.index(index);
            if self.sources[..index]
                .iter()
                .any(|earlier| earlier.name() == source.name())
            {
                notes.refuse(
                    &at.key("name"),
                    format!(
                        "{:?} is the name of an earlier source too; each needs its own",
                        source.name()
                    ),
                );
            }
            source.inspect(&at, notes);
        }
        if let Some(restore) = &self.restore {
            restore.inspect(&at.key("restore"), notes);
        }
        if let Some(service) = &self.service {
            service.inspect(&at.key("service"), notes);
        }
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.inspect(&at.key("heartbeat"), notes);
        }
        if let Some(master_key) = &self.master_key {
            master_key.inspect(&at.key("master_key"), notes);
        }
        let destinations = at.key("key_destination");
        for (index, destination) in self.key_destinations.iter().enumerate() {
            let at = destinations.index(index);
            if self.key_destinations[..index]
                .iter()
                .any(|earlier| earlier.name == destination.name)
            {
                notes.refuse(
                    &at.key("name"),
                    format!("{:?} is the name of an earlier destination too", destination.name),
                );
            }
            destination.inspect(&at, notes);
        }
        if let Some(tls) = &self.tls {
            tls.inspect(&at.key("tls"), notes);
        }
        if let Some(images) = &self.images {
            images.inspect(&at.key("images"), notes);
        }
        let kms_keys = at.key("kms_key");
        for (index, key) in self.kms_keys.iter().enumerate() {
            key.inspect(&kms_keys.index(index), notes);
        }
        self.sandbox.inspect(&at.key("sandbox"), notes);
    }
}
