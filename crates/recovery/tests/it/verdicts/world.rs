//! A deployment in miniature: one table of wrapped values, a folder of keys, the env file of an Ampora, and a clock that is set.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use adapters::ampora::{Column, Schema};
use adapters::key_files::EnvFile;
use adapters::oidc::Provider;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{TimeDelta, Utc};
use domain::drift::Verdict;
use domain::envelope::{self, Encoding, Layout, NONCE};
use domain::finding::{Finding, Record};
use domain::inventory::Keys;
use domain::key;
use domain::role::Actor;
use domain::status::Status;
use recovery::collect::Observed;
use recovery::settings::{Database, Deployment, InUse, MasterKey, Reveal, Settings};
use recovery::{Clock, Services, collect, findings};
use sqlx::Executor as _;
use store::Store;
use tempfile::TempDir;
use testkit::clock::MockClock;
use testkit::issuer::Issuer;

use crate::site::{self, master_key};

/// How an Ampora writes its wrapped values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As Muster expects it.
    Usual,
    /// Other names, text, another order, no key id, and associated data.
    Other,
}

pub const FORMS: [Form; 2] = [Form::Usual, Form::Other];

const OTHER_FIELDS: [&str; 5] = ["nonce:12", "scheme:2", "key_id:0", "ciphertext", "tag:16"];
const OTHER_AAD: &str = "{table}.{column}/{id}@{tenant}";

impl Form {
    const fn table(self) -> &'static str {
        match self {
            Self::Usual => r#"CREATE TABLE ca_signing_keys ("Id" int PRIMARY KEY, "WrappedPrivateKey" bytea)"#,
            Self::Other => {
                r#"CREATE TABLE "Vault Items" (note text, tenant_id text DEFAULT 'acme', "item.no" int PRIMARY KEY, blob text)"#
            }
        }
    }

    /// Puts a value into a row, whether or not the row is there.
    const fn put(self) -> &'static str {
        match self {
            Self::Usual => {
                r#"INSERT INTO ca_signing_keys SELECT * FROM unnest($1::int[], $2::bytea[])
                   ON CONFLICT ("Id") DO UPDATE SET "WrappedPrivateKey" = excluded."WrappedPrivateKey""#
            }
            Self::Other => {
                r#"INSERT INTO "Vault Items" ("item.no", blob) SELECT id, convert_from(value, 'UTF8') FROM unnest($1::int[], $2::bytea[]) AS t (id, value)
                   ON CONFLICT ("item.no") DO UPDATE SET blob = excluded.blob"#
            }
        }
    }

    fn schema(self) -> Schema {
        let (table, column) = match self {
            Self::Usual => ("ca_signing_keys", "WrappedPrivateKey"),
            Self::Other => ("Vault Items", "blob"),
        };
        Schema {
            wrapped: vec![Column::new(table, column)],
            ..Schema::default()
        }
    }

    pub fn layout(self) -> Layout {
        match self {
            Self::Usual => Layout::default(),
            Self::Other => {
                Layout::new(Encoding::Base64, &OTHER_FIELDS.map(str::to_owned), Some(OTHER_AAD)).expect("a layout")
            }
        }
    }

    /// A wrapped value as it is stored in this row. Nonces differ from row to row and from key to key.
    pub fn sealed(self, id: i32, key: u8) -> Vec<u8> {
        let mut nonce = [key; NONCE];
        nonce[..4].copy_from_slice(&id.to_be_bytes());
        let mut secret = format!("-----BEGIN PRIVATE KEY----- of row {id}").into_bytes();
        if self == Self::Usual {
            return envelope::seal(&master_key(key), nonce, &secret);
        }
        let aad = format!("Vault Items.blob/{id}@acme");
        let cipher = Aes256Gcm::new(master_key(key).expose().into());
        let tag = cipher
            .encrypt_inout_detached(&Nonce::from(nonce), aad.as_bytes(), secret.as_mut_slice().into())
            .expect("is short");
        STANDARD
            .encode([&nonce, [0, 1].as_slice(), &secret, &tag].concat())
            .into_bytes()
    }
}

pub struct World {
    pub services: Services,
    pub deployment: Deployment,
    pub form: Form,
    clock: MockClock,
    live: testkit::postgres::Database,
    folder: TempDir,
    _issuer: Arc<Issuer>,
}

impl World {
    /// An empty table, and a folder without keys.
    pub async fn new(form: Form) -> Self {
        let mut world = Self::over(form.table(), form.schema(), form.layout()).await;
        world.form = form;
        world
    }

    /// The same with these tables, read in this way.
    pub async fn over(tables: &'static str, schema: Schema, layout: Layout) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("keys")).expect("our own folder");
        let (own, live) = (testkit::postgres::database().await, testkit::postgres::database().await);
        live.connect().await.execute(tables).await.expect("plain SQL");
        let store = Store::connect(own.options.clone(), 4).await.expect("connects");
        store.migrate().await.expect("migrates");
        let issuer = Issuer::start().await;
        let clock = MockClock::at(Utc::now());
        let deployment = Deployment {
            database: Some(Database {
                options: live.options.clone(),
                replica: None,
                schema,
            }),
            layout,
            ..site::deployment(folder.path(), &live)
        };
        let services = Services {
            store,
            settings: Arc::new(Settings {
                deployments: Vec::new(),
                approvals: site::policy(),
                reveal: Reveal::Shown,
                drills: recovery::settings::DrillSite::default(),
                notify: recovery::settings::Notify::default(),
                contacts: Vec::new(),
                runbook: recovery::settings::RunbookSite::default(),
            }),
            clock: {
                let clock = clock.clone();
                Clock::new(move || clock.now())
            },
            provider: Arc::new(Provider::new(issuer.settings()).expect("a provider")),
            works: true,
        };
        Self {
            services,
            deployment,
            form: Form::Usual,
            clock,
            live,
            folder,
            _issuer: issuer,
        }
    }

    /// The versions in the manager, each holding the key of its number, and which one is current.
    pub fn manager(&self, versions: &[u8], current: u8) {
        let keys: Vec<_> = versions.iter().map(|version| (*version, *version)).collect();
        self.manager_with(&keys, current);
    }

    /// Versions, and the keys that they hold.
    pub fn manager_with(&self, versions: &[(u8, u8)], current: u8) {
        let dir = self.folder.path().join("keys");
        fs::remove_dir_all(&dir).expect("our own folder");
        fs::create_dir(&dir).expect("our own folder");
        for (version, key) in versions {
            private(
                &dir.join(format!("{version}.key")),
                key::to_setting(&master_key(*key)).as_bytes(),
            );
        }
        fs::write(dir.join("current"), current.to_string()).expect("writes");
    }

    /// Lets the running Ampora have these keys.
    pub fn ampora(&mut self, master: u8, previous: Option<u8>) {
        let path = self.folder.path().join("ampora.env");
        let mut text = format!("KeyProtection__MasterKey={}\n", *key::to_setting(&master_key(master)));
        if let Some(previous) = previous {
            let previous = key::to_setting(&master_key(previous));
            text.push_str(&format!("KeyProtection__PreviousMasterKey={}\n", *previous));
        }
        private(&path, text.as_bytes());
        let master_key = self.deployment.master_key.take().expect("configured");
        self.deployment.master_key = Some(MasterKey {
            in_use: Some(InUse::EnvFile(EnvFile { path })),
            ..master_key
        });
    }

    /// Wraps these rows under a key.
    pub async fn wrap(&self, ids: impl IntoIterator<Item = i32>, key: u8) {
        let values = ids.into_iter().map(|id| (id, self.form.sealed(id, key)));
        self.put(values).await;
    }

    /// Puts these bytes into the rows.
    pub async fn put(&self, values: impl IntoIterator<Item = (i32, Vec<u8>)>) {
        self.put_by(self.form.put(), values).await;
    }

    /// The same by a statement, of which `$1` are the numbers of the rows and `$2` the bytes.
    pub async fn put_by(&self, statement: &'static str, values: impl IntoIterator<Item = (i32, Vec<u8>)>) {
        let (ids, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let put = sqlx::query(statement).bind(ids).bind(values);
        put.execute(&mut self.live.connect().await).await.expect("plain SQL");
    }

    /// A proof after this many minutes, stored as the collector stores it.
    pub async fn prove_after(&self, minutes: i64) -> Keys {
        self.clock.advance(TimeDelta::minutes(minutes));
        collect::prove(&self.services, &self.deployment, &Actor::job("test"))
            .await
            .expect("is stored")
    }

    pub async fn prove(&self) -> Keys {
        self.prove_after(1).await
    }

    /// What the rules about keys find in a proof of this moment.
    pub fn found(&self, keys: &Keys) -> Vec<Finding> {
        let now = self.services.clock.now();
        let mut observed = Observed::never(&self.deployment);
        observed.keys = observed.keys.updated(Ok(keys.clone()), now);
        findings::about_keys(&self.deployment, &observed, now).0
    }

    /// One round of the collector on a proof of this moment: the findings about keys that are kept, by code.
    pub async fn collected(&self) -> Vec<Record> {
        let keys = self.prove().await;
        let (store, now) = (&self.services.store, self.services.clock.now());
        let all = std::slice::from_ref(&self.deployment);
        let observed = findings::known(store, all, &self.deployment, now).await.expect("reads");
        assert_eq!(observed.keys.last_good.as_ref().map(|(kept, _)| kept), Some(&keys));
        findings::record(&self.services, &self.deployment, &observed, now)
            .await
            .expect("keeps");
        let kept = store.findings(Some(&self.deployment.name)).await.expect("reads");
        kept.into_iter().map(|(_, record)| record).collect()
    }

    /// The manager isn't read any more: others could write to it.
    pub fn lose_manager(&self) {
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(self.folder.path().join("keys"), open).expect("our own folder");
    }

    /// Proves, and nothing but this verdict may come out.
    pub async fn is(&self, verdict: Verdict, status: Status) -> Keys {
        let keys = self.prove().await;
        assert_eq!(
            (keys.verdict, keys.status),
            (verdict, status),
            "{:?}: {}",
            self.form,
            keys.detail
        );
        keys
    }
}

/// What each version opened, of how many.
pub fn opens(keys: &Keys) -> Vec<Option<(u32, u32)>> {
    keys.versions
        .iter()
        .map(|version| version.opens.zip(version.of))
        .collect()
}

fn private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("writes");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}
