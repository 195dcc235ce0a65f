//! A production with backups of it, Muster's own store, and what a drill needs.

use std::fs;
use std::sync::Arc;

use adapters::ampora::{Column, Schema};
use adapters::process::RunAs;
use adapters::sandbox::{Limits, Sandboxes};
use domain::drill::{CheckStatus, Choice, Drill, Trigger};
use domain::key;
use domain::role::{Actor, Role};
use recovery::drills::{self, Signer, StoredDrill};
use recovery::settings::{self, Database, DrillSite, Drills, Settings, SiteCheck, Source};
use recovery::{Services, collect};
use sqlx::ConnectOptions as _;
use testkit::installation::Installation;
use testkit::miniature::master_key;
use testkit::pgbackrest::{Copies, Stanza};
use tokio_util::sync::CancellationToken;

use crate::site::Site;

pub struct World {
    pub site: Site,
    pub stanza: Stanza,
    pub services: Services,
    pub first_backup: String,
}

pub fn label(label: &str) -> Choice {
    Choice::Label {
        label: label.into(),
        source: None,
    }
}

/// Names of the checks that are broken.
pub fn broken(drill: &Drill) -> Vec<String> {
    let broken = drill.checks.iter().filter(|check| check.status == CheckStatus::Broken);
    broken.map(|check| check.name.clone()).collect()
}

/// The reason of the verdict.
pub fn code(drill: &Drill) -> &str {
    drill.failure.as_ref().map_or("", |failure| failure.code.as_str())
}

impl World {
    /// A production that was observed, backed up, and observed again; all its WAL is archived.
    pub async fn with_backup() -> Self {
        Self::on(Installation::packaged()).await
    }

    /// The same with production on this PostgreSQL.
    pub async fn on(installation: Installation) -> Self {
        let (site, stanza) = (Site::on(&installation).await, Stanza::start_on(installation).await);
        testkit::miniature::fill(&stanza.options(), &master_key(2)).await;
        let mut world = Self {
            services: services(&site, &stanza),
            first_backup: String::new(),
            site,
            stanza,
        };
        world.current_key(2);
        world.seen().await;
        world.first_backup = world.stanza.backup(1, Copies::Everything).await;
        world.settled().await;
        world
    }

    /// Something is committed and archived, with a reading of production before and behind it.
    pub async fn settled(&self) {
        self.seen().await;
        self.stanza
            .run(r#"UPDATE heartbeats SET "BeatUtc" = clock_timestamp()"#)
            .await;
        self.stanza.write_and_archive().await;
        self.seen().await;
    }

    /// Reads production as the collector does.
    pub async fn seen(&self) {
        let deployment = &self.services.settings.deployments[0];
        let vitals = collect::vitals(deployment).await.expect("production answers");
        self.services
            .store
            .vitals_append("demo", &vitals)
            .await
            .expect("takes it");
    }

    /// What the manager calls the current version.
    pub fn current_key(&self, number: u8) {
        let dir = self.site.folder.path().join("keys");
        fs::write(dir.join("current"), format!("{number}\n")).expect("writes");
    }

    /// The manager loses every version but one that opens nothing.
    pub fn wrong_key(&self) {
        let dir = self.site.folder.path().join("keys");
        for number in 1..=3 {
            fs::write(
                dir.join(format!("{number}.key")),
                key::to_setting(&master_key(number + 40)).as_bytes(),
            )
            .expect("writes");
        }
    }

    /// Dumps production into the folder of dumps.
    pub async fn dump(&self, name: &str) {
        let to = format!("--file={}", self.site.dumps().join(name).display());
        let socket = self.stanza.options();
        let host = socket.get_socket().expect("a socket").display().to_string();
        let arguments = [
            "-Fc".to_owned(),
            to,
            format!("--host={host}"),
            format!("--username={}", socket.get_username()),
            "postgres".to_owned(),
        ];
        let call = self.stanza.cluster().tool("pg_dump").invoke(arguments);
        call.output().await.expect("dumps");
    }

    pub fn ask(&mut self, name: &str, query: &str, expect: &str) {
        self.change(|settings| {
            settings.deployments[0].drills.checks.push(SiteCheck {
                name: name.into(),
                query: query.into(),
                expect: expect.into(),
            });
        });
    }

    pub fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.services.settings).clone();
        change(&mut settings);
        self.services.settings = Arc::new(settings);
    }

    /// Runs one to its end.
    pub async fn drill(&self, choice: Choice) -> StoredDrill {
        let actor = Actor::job("shell");
        let id = drills::queue(&self.services, &actor, "demo", choice, Trigger::Shell)
            .await
            .expect("queues");
        let stop = CancellationToken::new();
        drills::run_here(&self.services, id, &stop).await.expect("runs")
    }

    /// Replication slots and senders of production.
    pub async fn slots(&self) -> i64 {
        let asked = "SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_stat_replication)";
        let mut conn = self.stanza.options().connect().await.expect("connects");
        sqlx::query_scalar(asked).fetch_one(&mut conn).await.expect("answers")
    }

    pub fn root(&self) -> std::path::PathBuf {
        self.site.folder.path().join("sandbox")
    }

    pub fn nothing_is_left(&self) {
        let left: Vec<_> = fs::read_dir(self.root())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

fn services(site: &Site, stanza: &Stanza) -> Services {
    let mut settings = (*site.services.settings).clone();
    let deployment = &mut settings.deployments[0];
    deployment.database = Some(Database {
        options: stanza.options(),
        replica: None,
        schema: Schema {
            heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
            ..Schema::default()
        },
    });
    let binaries = stanza.cluster().binaries();
    deployment.sources.push(Source::PgBackRest(stanza.source()));
    deployment.drills = Drills {
        sandbox: Some(settings::Sandbox {
            places: Sandboxes {
                root: site.folder.path().join("sandbox"),
                run_as: RunAs::unprivileged().expect("a user for tools"),
                hidden: vec![site.folder.path().join("keys")],
                limits: Limits::default(),
            },
            bin_dir: [(binaries.major, binaries.dir.clone())].into(),
            pgbackrest: Ok(stanza.tool()),
            superusers: Vec::new(),
            preload: Vec::new(),
            roles: Vec::new(),
            jobs: 2,
            time_limit: std::time::Duration::from_secs(600),
            disk_limit: None,
            keep_failed: None,
            encrypted: false,
            agents: "no launcher is configured".into(),
        }),
        schedule: None,
        managed: std::collections::BTreeMap::new(),
        checks: Vec::new(),
    };
    settings.drills = DrillSite {
        parallel: 2,
        signer: Some(
            Signer::of_file(&site.folder.path().join("receipt.pem"))
                .expect("a key")
                .into(),
        ),
    };
    Services {
        settings: Arc::new(settings),
        ..site.services.clone()
    }
}

/// Somebody who may start drills.
pub fn operator(site: &Site) -> Actor {
    site.person("olga", Role::Operator)
}
