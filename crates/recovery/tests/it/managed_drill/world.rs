//! A site whose production is a managed database, with a real server behind every address that AWS would give.

use std::sync::Arc;

use adapters::ampora::{Column, Schema};
use adapters::aws::{Call, Service};
use adapters::process::RunAs;
use adapters::rds::Rds;
use adapters::sandbox::{Limits, Sandboxes};
use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use domain::drill::{Choice, Drill, Trigger};
use domain::ids::DrillId;
use domain::role::Actor;
use recovery::collect;
use recovery::drills::{self, Signer, StoredDrill};
use recovery::plans::Wish;
use recovery::settings::{self, Database, DrillSite, Drills, ManagedCopy, Source};
use sqlx::{AssertSqlSafe, Executor as _};
use testkit::miniature::master_key;
use testkit::moto::{self, Moto};
use testkit::postgres::ThrowawayCluster;
use testkit::rds::{Instance, RdsApi};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::site::Site;

pub struct Rehearsed {
    pub site: Site,
    pub api: RdsApi,
    pub production: testkit::postgres::Database,
    pub earliest: DateTime<Utc>,
    pub latest: DateTime<Utc>,
    /// Where production answers, and each copy of it.
    pub endpoint: (String, u16),
    _cluster: ThrowawayCluster,
}

pub fn label(label: &str) -> Choice {
    Choice::Label {
        label: label.into(),
        source: None,
    }
}

/// The reason of the verdict.
pub fn code(drill: &Drill) -> &str {
    drill.failure.as_ref().map_or("", |failure| failure.code.as_str())
}

/// Names of the instances that moto has.
pub async fn names_at(moto: &Moto) -> Vec<String> {
    let rds = rds(moto.endpoint());
    let all = rds
        .aws
        .call(&Call::query(Service::Rds, "DescribeDBInstances", &[]))
        .await;
    let page = adapters::rds::databases(&all.expect("answers"), "rds:DescribeDBInstances").expect("a list");
    page.entries.into_iter().map(|entry| entry.identifier).collect()
}

fn rds(endpoint: Url) -> Rds {
    Rds {
        name: "managed".into(),
        instance: "ampora".into(),
        aws: moto::client(endpoint),
    }
}

impl Rehearsed {
    /// A production that was observed before the moments that AWS can restore to, and nobody agreed to copies of it.
    pub async fn new() -> Self {
        Self::keeping(7).await
    }

    /// The same with two people who agreed.
    pub async fn agreed() -> Self {
        let new = Self::new().await;
        new.agree().await;
        new
    }

    /// The same with automated backups of this many days.
    pub async fn keeping(retention_days: u32) -> Self {
        let cluster = ThrowawayCluster::start().await;
        let production = cluster.database().await;
        testkit::miniature::fill(&production.options, &master_key(2)).await;
        let site = Site::new().await;
        let socket = production.options.get_socket().expect("a socket").display().to_string();
        let endpoint = (socket, production.options.get_port());
        std::fs::write(site.folder.path().join("keys/current"), "2\n").expect("writes");
        let mut new = Self {
            api: RdsApi::start(Instance::usual("placeholder", endpoint.clone())).await,
            production,
            earliest: Utc::now(),
            latest: Utc::now(),
            endpoint,
            _cluster: cluster,
            site,
        };
        new.wire();
        new.seen().await;
        // AWS is asked in whole seconds, and what was read lies before.
        new.earliest = Utc::now().trunc_subsecs(0) + Duration::seconds(1);
        new.latest = new.earliest + Duration::seconds(1);
        new.api = RdsApi::start(Instance {
            retention_days,
            earliest: new.earliest,
            latest: new.latest,
            ..Instance::usual("ampora", new.endpoint.clone())
        })
        .await;
        new.api.makes(new.endpoint.clone(), 2);
        let endpoint = new.api.endpoint();
        new.use_source(endpoint);
        new
    }

    fn wire(&mut self) {
        let (production, folder) = (self.production.clone(), self.site.folder.path().to_owned());
        self.site.configure(|settings| {
            let deployment = &mut settings.deployments[0];
            deployment.database = Some(Database {
                options: production.options.clone(),
                replica: None,
                schema: Schema {
                    heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
                    ..Schema::default()
                },
            });
            deployment.drills = Drills {
                sandbox: Some(settings::Sandbox {
                    places: Sandboxes {
                        root: folder.join("sandbox"),
                        run_as: RunAs::unprivileged().expect("a user for tools"),
                        hidden: Vec::new(),
                        limits: Limits::default(),
                    },
                    bin_dir: [(production.binaries.major, production.binaries.dir.clone())].into(),
                    pgbackrest: Err("it isn’t needed".into()),
                    superusers: Vec::new(),
                    preload: Vec::new(),
                    roles: Vec::new(),
                    jobs: 2,
                    time_limit: std::time::Duration::from_secs(600),
                    disk_limit: None,
                    keep_failed: Some(Duration::hours(24)),
                    encrypted: true,
                    agents: "no launcher is configured".into(),
                }),
                managed: [("managed".to_owned(), ManagedCopy::default())].into(),
                ..Drills::default()
            };
            let signer = Signer::of_file(&folder.join("receipt.pem")).expect("a key");
            settings.drills = DrillSite {
                parallel: 2,
                signer: Some(Arc::new(signer)),
            };
        });
    }

    fn use_source(&mut self, endpoint: Url) {
        let source = Source::Rds(rds(endpoint));
        self.site
            .configure(|settings| settings.deployments[0].sources = vec![source]);
    }

    /// The same instance at moto.
    pub async fn use_moto(&mut self, moto: &Moto) {
        let parameters = [
            ("DBInstanceIdentifier", "ampora"),
            ("DBInstanceClass", "db.t3.small"),
            ("Engine", "postgres"),
            ("EngineVersion", "16.4"),
            ("AllocatedStorage", "20"),
            ("MasterUsername", "ampora"),
            ("MasterUserPassword", "not-a-secret"),
            ("BackupRetentionPeriod", "7"),
            ("StorageEncrypted", "true"),
        ];
        let create = Call::query(Service::Rds, "CreateDBInstance", &parameters);
        moto::client(moto.endpoint())
            .call(&create)
            .await
            .expect("moto makes it");
        self.use_source(moto.endpoint());
    }

    pub fn configure(&mut self, copy: ManagedCopy) {
        self.site.configure(|settings| {
            settings.deployments[0].drills.managed.insert("managed".into(), copy);
        });
    }

    /// Reads production as the collector does.
    pub async fn seen(&self) {
        let services = &self.site.services;
        let vitals = collect::vitals(&services.settings.deployments[0]).await;
        let vitals = vitals.expect("production answers");
        services.store.vitals_append("demo", &vitals).await.expect("takes it");
    }

    pub async fn run(&self, sql: &str) {
        let mut conn = self.production.connect().await;
        conn.execute(AssertSqlSafe(sql.to_owned())).await.expect("runs");
    }

    /// Muster reads production as this role, which is made with this right.
    pub async fn read_as(&mut self, role: &str, right: &str) {
        self.run(&format!("CREATE ROLE {role} BYPASSRLS; GRANT {right} TO {role}"))
            .await;
        let role = role.to_owned();
        self.site.configure(|settings| {
            let database = settings.deployments[0].database.as_mut().expect("a database");
            database.options = database.options.clone().options([("role", &role)]);
        });
    }

    /// Two people agree to the copy as it is configured now.
    pub async fn agree(&self) -> i64 {
        let wish = Wish::DrillOnRds {
            deployment: "demo".into(),
            source: "managed".into(),
            days: 30,
        };
        self.site.agreed(&wish).await
    }

    pub async fn queue(&self, choice: Choice) -> DrillId {
        let actor = Actor::job("shell");
        let queued = drills::queue(&self.site.services, &actor, "demo", choice, Trigger::Shell).await;
        queued.expect("queues")
    }

    /// Runs one to its end.
    pub async fn drill(&self, choice: Choice) -> StoredDrill {
        let id = self.queue(choice).await;
        self.finish(id).await
    }

    pub async fn finish(&self, id: DrillId) -> StoredDrill {
        let stop = CancellationToken::new();
        drills::run_here(&self.site.services, id, &stop).await.expect("runs")
    }

    /// Begins one in a task of its own.
    pub fn begin(&self, id: DrillId, stop: CancellationToken) -> tokio::task::JoinHandle<()> {
        let services = self.site.services.clone();
        tokio::spawn(async move {
            // How it ends is read from the store.
            let _ = drills::run_here(&services, id, &stop).await;
        })
    }

    /// Waits until something is so.
    pub async fn until(&self, so: impl Fn(&Self) -> bool) {
        while !so(self) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The worker of this drill was killed, and its lease is over.
    pub async fn abandoned(&self, id: DrillId, worker: tokio::task::JoinHandle<()>) {
        worker.abort();
        // It ends by being aborted.
        let _ = worker.await;
        let mut conn = self.site.own.connect().await;
        let lease = sqlx::query("UPDATE drills SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1");
        lease.bind(id.0).execute(&mut conn).await.expect("updates");
    }

    /// Looks for leftovers until AWS has none any more.
    pub async fn swept(&self) {
        for _ in 0..10 {
            drills::sweep(&self.site.services).await;
        }
        self.nothing_is_left();
    }

    pub fn nothing_is_left(&self) {
        assert_eq!(self.api.instances(), ["ampora"]);
    }
}
