//! A small site: an Ampora-shaped database with a dump of it, a folder of keys, Muster's own store, and people who sign in.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use adapters::ampora::{Audit, Column, Schema};
use adapters::dumps::{DumpFolder, DumpPlace, Scratch};
use adapters::key_files::KeyFiles;
use adapters::manager::Written;
use adapters::oidc::Provider;
use adapters::process::RunAs;
use chrono::{Duration, Utc};
use domain::approval::{Decision, LoginRules, Policy, Quorum, Request};
use domain::envelope::{self, Layout};
use domain::ids::{Person, RunId, Sha256};
use domain::key::{self, MasterKey};
use domain::policy::Promises;
use domain::role::{Actor, Role, Rules};
use recovery::approvals::{self, Completed, Returned};
use recovery::collect::Progress;
use recovery::plans::Wish;
use recovery::settings::{self, Database, Deployment, Dumps, KeyPlace, Proof, Restore, Reveal, Settings, Source};
use recovery::{Clock, Error, Services, runs};
use sqlx::Executor as _;
use store::Store;
use testkit::installation::Installation;
use testkit::issuer::{Issuer, Vouched};
use testkit::postgres::database_on;
use zeroize::Zeroizing;

pub const DUMP: &str = "ampora.dump";

pub struct Site {
    pub services: Services,
    pub issuer: Arc<Issuer>,
    /// Muster's own database.
    pub own: testkit::postgres::Database,
    /// Keys and dumps.
    pub folder: tempfile::TempDir,
    pub live: testkit::postgres::Database,
}

/// The key with this number.
pub fn master_key(number: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"test key", &[number]]).0))
}

impl Site {
    pub async fn new() -> Self {
        Self::over(testkit::postgres::database().await, |deployment| deployment).await
    }

    /// The same with Ampora on this PostgreSQL. Muster's own database stays where it is.
    pub async fn on(installation: &Installation) -> Self {
        Self::over(database_on(installation).await, |deployment| deployment).await
    }

    /// A site around this database, its deployment changed by `adjust`.
    pub async fn over(live: testkit::postgres::Database, adjust: impl FnOnce(Deployment) -> Deployment) -> Self {
        Self::kept_in(testkit::postgres::database().await, live, adjust).await
    }

    /// The same, with Muster's own tables in this database.
    pub async fn kept_in(
        own: testkit::postgres::Database,
        live: testkit::postgres::Database,
        adjust: impl FnOnce(Deployment) -> Deployment,
    ) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("muster-site-")
            .tempdir_in("/tmp")
            .expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our own folder");
        fill(&live).await;
        dump(&live, folder.path()).await;
        keys(folder.path());
        let store = Store::connect(own.options.clone(), 8).await.expect("connects");
        store.migrate().await.expect("migrates");
        let issuer = Issuer::start().await;
        let settings = Settings {
            deployments: vec![adjust(deployment(folder.path(), &live))],
            approvals: policy(),
            reveal: Reveal::Shown,
            drills: settings::DrillSite::default(),
            notify: settings::Notify::default(),
            contacts: Vec::new(),
            runbook: settings::RunbookSite::default(),
        };
        let services = Services {
            store,
            settings: Arc::new(settings),
            clock: Clock::system(),
            provider: Arc::new(Provider::new(issuer.settings()).expect("a provider")),
            works: true,
        };
        Self {
            services,
            issuer,
            own,
            folder,
            live,
        }
    }

    /// Changes what is configured.
    pub fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        change(Arc::make_mut(&mut self.services.settings));
    }

    /// Puts a plan up, has somebody else agree to it, and starts its run.
    pub async fn started(&self, wish: &Wish) -> RunId {
        let number = self.agreed(wish).await;
        let started = runs::start(&self.services, &self.person("a", Role::Operator), number).await;
        started.expect("starts")
    }

    /// Puts a plan up and has somebody else agree to it.
    pub async fn agreed(&self, wish: &Wish) -> i64 {
        let (a, b) = (self.person("a", Role::Operator), self.person("b", Role::Operator));
        let number = self.request(&a, wish).await.expect("planned").number;
        self.decide(&b, number, Decision::Approve).await.expect("approves");
        number
    }

    /// Wraps these rows of the live database under another key.
    pub async fn rewrap(&self, rows: std::ops::Range<u8>, number: u8) {
        let mut conn = self.live.connect().await;
        for id in rows {
            let nonce = [number.wrapping_mul(16) + id; envelope::NONCE];
            let sealed = envelope::seal(&master_key(number), nonce, b"PRIVATE KEY OF THE CA");
            let update = sqlx::query(r#"UPDATE ca_signing_keys SET "WrappedPrivateKey" = $2 WHERE "Id" = $1"#);
            let updated = update.bind(i32::from(id)).bind(sealed).execute(&mut conn).await;
            updated.expect("updates");
        }
    }

    pub fn dumps(&self) -> std::path::PathBuf {
        self.folder.path().join("dumps")
    }

    /// Dumps the live database once more, with one tenant more, in place of the first dump.
    pub async fn dump_again(&self) {
        let added = self
            .live
            .connect()
            .await
            .execute("INSERT INTO tenants VALUES (9, 'new')")
            .await;
        added.expect("inserts");
        let dir = self.dumps();
        fs::remove_dir_all(&dir).expect("our own folder");
        dump(&self.live, self.folder.path()).await;
    }

    /// A signed-in person.
    pub fn person(&self, name: &str, role: Role) -> Actor {
        let person = Person {
            issuer: self.issuer.url().into(),
            subject: name.into(),
        };
        Actor {
            person,
            name: name.into(),
            roles: [role].into(),
            address: None,
        }
    }

    pub async fn request(&self, who: &Actor, wish: &Wish) -> Result<Request, Error> {
        let plan = approvals::plan(&self.services, who, wish).await?;
        approvals::create(&self.services, who, wish, plan.pinned.digest(), "a test").await
    }

    /// Asks for the login of a decision and answers it honestly.
    pub async fn decide(&self, who: &Actor, number: i64, decision: Decision) -> Result<Completed, Error> {
        self.decide_by(who, number, decision, |login| login).await
    }

    /// The same with a login that `spoil` has changed.
    pub async fn decide_by(
        &self,
        who: &Actor,
        number: i64,
        decision: Decision,
        spoil: impl FnOnce(Vouched) -> Vouched,
    ) -> Result<Completed, Error> {
        let begun = approvals::begin(&self.services, who, session(who), number, decision, "seen").await?;
        let (url, challenge) = approvals::sign_in_url(&self.services, who, session(who), begun.challenge).await?;
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query.get("prompt").map(String::as_str), Some("login"));
        assert_eq!(query.get("nonce"), Some(&challenge.nonce()));
        let login = spoil(self.vouched(who, &challenge.nonce()));
        let returned = Returned {
            state: query.get("state").cloned().unwrap_or_default(),
            code: self.issuer.grant(&login),
            iss: Some(self.issuer.url().into()),
        };
        approvals::complete(&self.services, who, session(who), returned).await
    }

    pub fn vouched(&self, who: &Actor, nonce: &str) -> Vouched {
        Vouched {
            subject: who.person.subject.clone(),
            groups: who.roles.iter().map(|role| role.word().to_owned()).collect(),
            nonce: nonce.into(),
            auth_time: Some(Utc::now()),
            issued_at: Utc::now(),
        }
    }

    pub fn restore_wish(&self, database: &str) -> Wish {
        Wish::RestoreDump {
            deployment: "demo".into(),
            source: "dumps".into(),
            backup: DUMP.into(),
            database: database.into(),
        }
    }

    /// Actions of the audit log with their outcomes, oldest first.
    pub async fn audited(&self) -> Vec<(String, String)> {
        let page = self
            .services
            .store
            .audit_page(&store::audit::AuditFilter::default(), None, 500)
            .await
            .expect("reads");
        let pair = |row: &store::audit::AuditRow| {
            let outcome = row.entry.outcome.map_or("-", domain::audit::Outcome::word);
            (row.entry.action.clone(), outcome.to_owned())
        };
        page.iter().rev().map(pair).collect()
    }
}

/// The session of a person, as its hash.
pub fn session(who: &Actor) -> Sha256 {
    Sha256::of(&[who.person.subject.as_bytes()])
}

pub fn policy() -> Policy {
    Policy {
        quorum: Quorum::TWO,
        request_ttl: Duration::hours(24),
        execution_window: Duration::hours(1),
        login: LoginRules {
            max_age: Duration::minutes(5),
            skew: Duration::seconds(5),
        },
        roles: Rules {
            operators_approve: true,
        },
    }
}

pub fn deployment(folder: &Path, live: &testkit::postgres::Database) -> Deployment {
    let run_as = RunAs::unprivileged().expect("a user for tools");
    let pg_restore = live.binaries.tool("pg_restore").run_as(run_as.clone());
    Deployment {
        name: "demo".into(),
        region: None,
        database: Some(Database {
            options: live.options.clone(),
            replica: None,
            schema: schema(),
        }),
        layout: Layout::default(),
        sources: vec![Source::Dumps(Dumps {
            place: DumpPlace::Folder(DumpFolder {
                name: "dumps".into(),
                dir: folder.join("dumps"),
            }),
            zone: Some(chrono_tz::UTC),
            pg_restore,
            scratch: Scratch {
                root: folder.join("scratch"),
                reader: run_as,
            },
            progress: Progress::default(),
        })],
        restore: Some(Restore {
            // What the documentation asks for, and no more: CREATEDB, and membership in the owner.
            admin: live.options.clone().options([("role", "restorer")]),
            password: None,
            owner: "ampora".into(),
            jobs: 2,
            repoint: settings::Repoint::default(),
        }),
        host: None,
        master_key: Some(settings::MasterKey {
            place: KeyPlace {
                manager: Arc::new(KeyFiles {
                    dir: folder.join("keys"),
                }),
                written: Written::default(),
            },
            proof: Proof::Values,
            replicas: Vec::new(),
            in_use: None,
            read_interval: Duration::hours(6),
        }),
        key_destinations: Vec::new(),
        repos: Vec::new(),
        kms_keys: Vec::new(),
        crl: None,
        tls: None,
        images: None,
        kubernetes: None,
        sites: BTreeMap::new(),
        promises: Promises::default(),
        drills: settings::Drills::default(),
        heartbeat: None,
    }
}

fn schema() -> Schema {
    Schema {
        wrapped: vec![Column::new("ca_signing_keys", "WrappedPrivateKey")],
        audit: Audit {
            table: "audit_events".into(),
            archive: None,
            at: "Timestamp".into(),
        },
        ..Schema::default()
    }
}

async fn fill(live: &testkit::postgres::Database) {
    let mut conn = live.connect().await;
    let script = r#"
        DO $$ BEGIN CREATE ROLE ampora; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        DO $$ BEGIN CREATE ROLE restorer CREATEDB; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        SELECT pg_advisory_xact_lock(7); GRANT ampora TO restorer;
        CREATE TABLE "__EFMigrationsHistory" ("MigrationId" text PRIMARY KEY);
        INSERT INTO "__EFMigrationsHistory" VALUES ('20250101000000_Initial');
        CREATE TABLE tenants ("Id" int PRIMARY KEY, "Name" text);
        INSERT INTO tenants SELECT n, 'tenant ' || n FROM generate_series(1, 3) n;
        CREATE TABLE audit_events ("Id" bigint PRIMARY KEY, "Timestamp" timestamptz NOT NULL, "Action" text);
        INSERT INTO audit_events SELECT n, now() - n * interval '1 minute', 'Edited' FROM generate_series(1, 500) n;
        CREATE TABLE ca_signing_keys ("Id" int PRIMARY KEY, "WrappedPrivateKey" bytea NOT NULL);
    "#;
    conn.execute(script).await.expect("the schema is plain");
    for id in 0..3_u8 {
        let sealed = envelope::seal(&master_key(2), [id; envelope::NONCE], b"PRIVATE KEY OF THE CA");
        let insert = sqlx::query("INSERT INTO ca_signing_keys VALUES ($1, $2)")
            .bind(i32::from(id))
            .bind(sealed);
        insert.execute(&mut conn).await.expect("inserts");
    }
    let name = &live.name;
    for set in [
        "DATABASE {} SET statement_timeout TO '7min'",
        "ROLE ampora IN DATABASE {} SET lock_timeout TO '3s'",
    ] {
        let set = sqlx::AssertSqlSafe(format!("ALTER {}", set.replace("{}", name)));
        sqlx::query(set).execute(&mut conn).await.expect("sets");
    }
}

async fn dump(live: &testkit::postgres::Database, folder: &Path) {
    let dir = folder.join("dumps");
    fs::create_dir(&dir).expect("a folder");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).expect("our own folder");
    let run_as = RunAs::unprivileged().expect("a user for tools");
    let pg_dump = live.binaries.tool("pg_dump").run_as(run_as);
    let to = format!("--file={}", dir.join(DUMP).display());
    // The newest can bring statistics along, which have to harm nobody.
    let statistics = if live.binaries.major >= 18 {
        &["--statistics"][..]
    } else {
        &[]
    };
    pg_dump
        .invoke([&["-Fc", &to, &format!("--dbname={}", live.url)], statistics].concat())
        .output()
        .await
        .expect("dumps");
}

/// Versions 1, 2 and 3; the database is wrapped under 2, and 3 is the manager's current one.
fn keys(folder: &Path) {
    let dir = folder.join("keys");
    fs::create_dir(&dir).expect("a folder");
    for number in 1..=3 {
        let path = dir.join(format!("{number}.key"));
        fs::write(&path, key::to_setting(&master_key(number)).as_bytes()).expect("writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
    }
    fs::write(dir.join("current"), "3\n").expect("writes");
}
