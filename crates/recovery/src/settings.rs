//! What the use cases are told about the site: the configuration, resolved and narrowed. Names and secrets have been read; nothing here
//! has to be checked again.

mod contact;
mod drills;
mod host;
mod keys;
mod notify;
mod places;
mod runbook;

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::ampora::Schema;
use adapters::dumps::{DumpPlace, Scratch};
use adapters::pgbackrest::PgBackRest;
use adapters::process::Tool;
use adapters::rds::Rds;
use adapters::service::Service;
use adapters::tls::TlsSettings;
use adapters::walg::WalG;
use chrono_tz::Tz;
pub use contact::Contact;
use domain::approval::Policy;
use domain::envelope::Layout;
use domain::ids::Sha256;
use domain::policy::Promises;
pub use drills::{Agents, DrillSite, Drills, ManagedCopy, Overlaid, Sandbox, Schedule, SiteCheck};
pub use host::RestoreHost;
pub use keys::{Destination, InUse, KeyPlace, MasterKey, NoKeyInUse, Proof, Replica, Unread};
pub use notify::{Channel, Notify};
pub use places::{Bucket, EarlierVersion, Images, KmsKey, Kubernetes, Repo};
pub use runbook::RunbookSite;
use sqlx_options::PgConnectOptions;

use crate::collect::Progress;

/// Connection options without the rest of sqlx: use cases contain no SQL.
pub mod sqlx_options {
    pub use adapters::postgres::PgConnectOptions;
}

/// The whole site.
#[derive(Clone, Debug)]
pub struct Settings {
    pub deployments: Vec<Deployment>,
    pub approvals: Policy,
    pub reveal: Reveal,
    pub drills: DrillSite,
    pub notify: Notify,
    /// Whom to call, in the order of the configuration.
    pub contacts: Vec<Contact>,
    pub runbook: RunbookSite,
}

impl Settings {
    #[must_use]
    pub fn deployment(&self, name: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.name == name)
    }
}

/// How a retrieved key may reach its requester.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reveal {
    /// Only encrypted to an age recipient. The default.
    Sealed,
    /// Shown once in the requester's browser, too.
    Shown,
}

/// One Ampora installation that Muster protects.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub name: String,
    pub region: Option<String>,
    pub database: Option<Database>,
    pub layout: Layout,
    pub sources: Vec<Source>,
    pub restore: Option<Restore>,
    /// The host whose cluster can be set back by a physical restore.
    pub host: Option<RestoreHost>,
    pub master_key: Option<MasterKey>,
    /// Where an approved retrieval may put a key.
    pub key_destinations: Vec<Destination>,
    /// What is known of the repositories of its stanzas beyond what pgBackRest tells.
    pub repos: Vec<Repo>,
    pub kms_keys: Vec<KmsKey>,
    /// Where Ampora serves its revocation list.
    pub crl: Option<String>,
    pub tls: Option<TlsSettings>,
    pub images: Option<Images>,
    pub kubernetes: Option<Kubernetes>,
    /// The region or account that sources lie in, by their names; repositories have their own.
    pub sites: BTreeMap<String, String>,
    pub promises: Promises,
    pub drills: Drills,
    /// Off unless it is configured.
    pub heartbeat: Option<Heartbeat>,
}

/// The live database.
#[derive(Clone, Debug)]
pub struct Database {
    pub options: PgConnectOptions,
    /// A replica that vital signs are read from instead.
    pub replica: Option<PgConnectOptions>,
    pub schema: Schema,
}

/// The one row of Ampora's cluster that Muster writes.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    pub writer: adapters::ampora::Heartbeat,
    pub every: Duration,
}

impl Database {
    /// Where vital signs are read: the replica, where there is one. If that one doesn't answer they are unknown, so that the primary never
    /// gets a load that nobody expects.
    #[must_use]
    pub fn for_vitals(&self) -> PgConnectOptions {
        self.replica.as_ref().unwrap_or(&self.options).clone()
    }
}

/// One place where backups lie.
#[derive(Clone, Debug)]
pub enum Source {
    PgBackRest(PgBackRest),
    WalG(WalG),
    Dumps(Dumps),
    Rds(Rds),
    /// Configured, and can't be asked: listed as unknown with the reason rather than left out.
    Unusable {
        name: String,
        kind: String,
        reason: String,
    },
}

impl Source {
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::PgBackRest(stanza) => &stanza.name,
            Self::Dumps(dumps) => dumps.place.name(),
            Self::WalG(walg) => &walg.name,
            Self::Rds(rds) => &rds.name,
            Self::Unusable { name, .. } => name,
        }
    }

    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::PgBackRest(_) => "pgbackrest",
            Self::Dumps(_) => "dumps",
            Self::WalG(_) => "walg",
            Self::Rds(_) => "rds",
            Self::Unusable { kind, .. } => kind,
        }
    }
}

/// A folder or a bucket of dumps.
#[derive(Clone, Debug)]
pub struct Dumps {
    pub place: DumpPlace,
    /// Zone of the clock of the machine that makes the dumps. The archive stores none, so without it their start is unknown.
    pub zone: Option<Tz>,
    pub pg_restore: Tool,
    /// Where dumps of a bucket are copied to while they are read.
    pub scratch: Scratch,
    pub progress: Progress,
}

/// Where dumps are restored to.
#[derive(Clone, Debug)]
pub struct Restore {
    /// A role that may create databases and act as `owner`.
    pub admin: PgConnectOptions,
    /// Its password, where it has one: tools get it by their environment.
    pub password: Option<secrecy::SecretString>,
    /// Owner of restored databases and their contents.
    pub owner: String,
    pub jobs: u32,
    pub repoint: Repoint,
}

/// How Ampora is led to a restored database.
#[derive(Clone, Debug)]
pub struct Repoint {
    /// Ampora as a service of a machine; `None`: it runs in `[deployment.kubernetes]`.
    pub service: Option<Service>,
    /// Host and port by which Ampora reaches the server, where they aren't Muster's.
    pub seen_as: Option<(String, u16)>,
    /// A role that may close the old database; `None`: the one that makes databases, if it is the same server.
    pub fence: Option<PgConnectOptions>,
    /// How long Ampora may take to get ready.
    pub start_within: Duration,
}

impl Default for Repoint {
    fn default() -> Self {
        Self {
            service: None,
            seen_as: None,
            fence: None,
            start_within: Duration::from_mins(10),
        }
    }
}

impl Deployment {
    /// Names the layout, so that a proof is kept for exactly the layout that was proven.
    #[must_use]
    pub fn layout_digest(&self) -> Sha256 {
        Sha256::of(&[format!("{:?}", self.layout).as_bytes()])
    }

    /// Where the list of applied migrations is, as `(table, column)`.
    #[must_use]
    pub fn migrations(&self) -> (String, String) {
        let migrations = self.schema().migrations;
        (migrations.table, migrations.column)
    }

    pub(crate) fn schema(&self) -> Schema {
        let database = self.database.as_ref();
        database.map_or_else(Schema::default, |database| database.schema.clone())
    }

    /// The wrapped columns as `(table, column)`.
    #[must_use]
    pub fn wrapped(&self) -> Vec<(String, String)> {
        self.schema()
            .wrapped
            .into_iter()
            .map(|column| (column.table, column.column))
            .collect()
    }
}
