//! `[[deployment.source]]`: what backups are read from. A source only reads; drills and restores have commands of their own.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::Dumps;
use super::reach::{self, Place, Transport};
use super::repo::Repo;
use crate::config::{KeyPath, Notes, Secret};

/// One source, by its kind.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    PgBackRest(PgBackRest),
    WalG(WalG),
    Dumps(Box<Dumps>),
    Rds(Box<Rds>),
}

/// A stanza of pgBackRest.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PgBackRest {
    #[schemars(extend("format" = "name"))]
    pub name: String,
    #[schemars(extend("format" = "argument"))]
    pub stanza: String,
    /// pgBackRest with its leading arguments. Called with `info`, `repo-ls`, `repo-get` and `verify` only.
    #[serde(default = "pgbackrest")]
    pub command: Vec<String>,
    #[serde(default)]
    pub transport: Transport,
    /// Where the command runs, unless it is here: `user@host` for ssh, a pod for kubectl.
    #[schemars(extend("format" = "argument"))]
    pub host: Option<String>,
    /// ssh with its leading arguments, such as `-F` and a file. Its keys are those of the account that tools run as.
    #[serde(default = "reach::ssh")]
    pub ssh: Vec<String>,
    /// What pgBackRest doesn't tell of its repositories.
    #[serde(default, rename = "repo")]
    pub repos: Vec<Repo>,
}

/// A storage of wal-g, from its recorded output.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WalG {
    #[schemars(extend("format" = "name"))]
    pub name: String,
    #[serde(default = "walg")]
    pub command: Vec<String>,
    #[serde(default)]
    pub transport: Transport,
    /// Where the command runs, unless it is here: `user@host` for ssh, a pod for kubectl.
    #[schemars(extend("format" = "argument"))]
    pub host: Option<String>,
    /// ssh with its leading arguments, such as `-F` and a file. Its keys are those of the account that tools run as.
    #[serde(default = "reach::ssh")]
    pub ssh: Vec<String>,
    /// The region or account it lies in, in the words that `[[deployment]] region` uses too.
    #[schemars(extend("format" = "not-empty"))]
    pub site: Option<String>,
}

/// An instance of Amazon RDS.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Rds {
    #[schemars(extend("format" = "name"))]
    pub name: String,
    #[schemars(extend("format" = "argument"))]
    pub instance: String,
    #[schemars(extend("format" = "not-empty"))]
    pub region: String,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
    /// Left out: credentials come from where AWS tools look for them.
    pub access_key_id: Option<Secret>,
    pub secret_access_key: Option<Secret>,
    pub session_token: Option<Secret>,
    /// Lets drills have AWS make a temporary copy of the instance, once two people agreed to it (`drill-on-rds`). An empty table will do.
    pub drill: Option<RdsDrill>,
}

/// How the temporary copy is to be. What is left out is as the instance has it: AWS’s own defaults are never taken.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RdsDrill {
    /// Its class, such as `db.t4g.medium`: a smaller one costs less and recovers more slowly than production would.
    #[schemars(extend("format" = "not-empty"))]
    pub class: Option<String>,
    /// Its subnet group: Muster’s host has to reach it.
    #[schemars(extend("format" = "not-empty"))]
    pub subnet_group: Option<String>,
    #[schemars(extend("format" = "not-empty"))]
    pub parameter_group: Option<String>,
    /// Ids of its security groups. They should let in nobody but Muster’s host.
    pub security_groups: Option<Vec<String>>,
}

pub(super) fn pgbackrest() -> Vec<String> {
    vec!["pgbackrest".into()]
}

fn walg() -> Vec<String> {
    vec!["wal-g".into()]
}

impl PgBackRest {
    /// Where the command runs.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::new(self.transport, self.host.as_ref(), &self.ssh)
    }
}

impl WalG {
    /// Where the command runs.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::new(self.transport, self.host.as_ref(), &self.ssh)
    }
}

impl Source {
    /// The name people gave it; unique within its deployment.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::PgBackRest(PgBackRest { name, .. }) | Self::WalG(WalG { name, .. }) => name,
            Self::Dumps(dumps) => &dumps.name,
            Self::Rds(instance) => &instance.name,
        }
    }

    /// The kind, as it is written in the file.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PgBackRest(_) => "pgbackrest",
            Self::WalG(_) => "walg",
            Self::Dumps(_) => "dumps",
            Self::Rds(_) => "rds",
        }
    }

    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        match self {
            Self::PgBackRest(source) => {
                source.place().inspect(at, &source.command, notes);
                Repo::inspect_all(&source.repos, &at.key("repo"), notes);
            }
            Self::WalG(source) => source.place().inspect(at, &source.command, notes),
            Self::Dumps(source) => source.inspect(at, notes),
            Self::Rds(source) if source.access_key_id.is_some() != source.secret_access_key.is_some() => {
                notes.refuse(
                    at,
                    "access_key_id and secret_access_key go together: give both or neither",
                );
            }
            Self::Rds(_) => {}
        }
    }
}
