//! The worst day in small: a dump and a key that survived, a PostgreSQL to restore into, and a new cluster with nothing on it but what people
//! bring along.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adapters::kubernetes::{KubernetesSecret, KubernetesSettings};
use adapters::manager::Written;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::RunId;
use domain::plan::{Confirmer, PlaceName};
use domain::role::Role;
use domain::run::{RunState, StepState};
use recovery::plans::full_disaster::CHECKLIST;
use recovery::plans::{Disaster, Wish};
use recovery::settings::{Destination, KeyPlace, Kubernetes, Repoint};
use recovery::{Error, approvals, runs};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use store::events::Events;
use store::runs::Run;
use testkit::kubernetes::KubernetesApi;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::runs::{no_further, rewind, unbegun};
use crate::site::{DUMP, Site};

pub const PASSWORD: &str = "cX7-horse;battery";
pub const KEY: &str = "/api/v1/namespaces/ampora/secrets/ampora-key";
pub const DEPLOYMENT: &str = "/apis/apps/v1/namespaces/ampora/deployments/ampora-web";
pub const IMAGE: &str =
    "registry.example/ampora@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The data key that the manifests have the master key from.
pub const FIELD: &str = "KeyProtection__MasterKey";

pub struct NewCluster {
    pub site: Site,
    pub api: KubernetesApi,
    pub database: String,
}

impl NewCluster {
    pub async fn new() -> Self {
        Self::over(Site::new().await).await
    }

    pub async fn over(mut site: Site) -> Self {
        let agents = r#"CREATE TABLE agents ("Id" int PRIMARY KEY, "LastSeenUtc" timestamptz);
                        INSERT INTO agents SELECT n, now() - interval '1 day' FROM generate_series(1, 5) n"#;
        site.live.connect().await.execute(agents).await.expect("a plain table");
        site.dump_again().await;
        let api = KubernetesApi::start().await;
        api.follow_deployments(true);
        api.put(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "ampora" } }));
        let kubeconfig = api.kubeconfig(site.folder.path());
        let this_folder = site.folder.path().join("overlay");
        let live = site.live.options.clone();
        site.configure(|settings| {
            let deployment = &mut settings.deployments[0];
            let cluster = KubernetesSettings {
                kubeconfig: Some(kubeconfig.clone()),
                context: None,
            };
            deployment.kubernetes = Some(Kubernetes {
                kubeconfig: Some(kubeconfig),
                context: None,
                namespace: "ampora".into(),
                deployment: "ampora-web".into(),
                overlay: Some(this_folder),
            });
            let place = move |name: &PlaceName| KeyPlace {
                manager: Arc::new(KubernetesSecret::new(cluster.clone(), "ampora", name.as_str())),
                written: Written {
                    field: Some(FIELD.into()),
                    ..Written::default()
                },
            };
            deployment.key_destinations = vec![Destination::new("cluster".into(), "kubernetes", place)];
            let restore = deployment.restore.as_mut().expect("restores are configured");
            let socket = live.get_socket().expect("a socket").display().to_string();
            restore.repoint = Repoint {
                seen_as: Some((socket, live.get_port())),
                start_within: Duration::from_secs(2),
                ..Repoint::default()
            };
        });
        let database = format!("{}_anew", site.live.name);
        let this = Self { site, api, database };
        this.write("deployment.yaml", &deployment(IMAGE));
        this.write("service.yaml", SERVICE);
        this.write("kustomization.yaml", "resources: [deployment.yaml, service.yaml]\n");
        this.api.put(this.connection());
        this
    }

    fn overlay(&self) -> PathBuf {
        self.site.folder.path().join("overlay")
    }

    /// Writes a file of the overlay.
    pub fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.overlay()).expect("our own folder");
        fs::write(self.overlay().join(name), text).expect("writes");
    }

    /// The Secret with Ampora's connection string that people bring along: it leads to where the database was.
    pub fn connection(&self) -> Value {
        let user = self.site.live.options.get_username();
        let text = format!(
            "Host=gone.example;Port=5432;Database=ampora;Username={user};Password=\"{PASSWORD}\";Include Error Detail=false"
        );
        json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": { "name": "ampora-database", "namespace": "ampora" },
            "data": { "ConnectionStrings__Ampora": STANDARD.encode(text) },
        })
    }

    pub fn wished(&self) -> Disaster {
        Disaster {
            deployment: "demo".into(),
            source: "dumps".into(),
            backup: DUMP.into(),
            database: self.database.clone(),
            version: "2".into(),
            destination: "cluster".into(),
            name: "ampora-key".into(),
        }
    }

    pub fn wish(&self) -> Wish {
        Wish::FullDisaster(self.wished())
    }

    pub async fn refused(&self) -> String {
        self.refused_for(self.wished()).await
    }

    pub async fn refused_for(&self, wished: Disaster) -> String {
        let person = self.site.person("a", Role::Operator);
        match approvals::plan(&self.site.services, &person, &Wish::FullDisaster(wished)).await {
            Err(Error::Invalid(reasons)) => reasons.join(" "),
            other => panic!("it was planned: {other:?}"),
        }
    }

    pub async fn started(&self) -> RunId {
        self.site.started(&self.wish()).await
    }

    pub async fn seen(&self, run: RunId) -> Run {
        let run = self.site.services.store.run(run).await.expect("reads");
        run.expect("is there")
    }

    /// Works until `so`, then ends the worker without a word. People do meanwhile what the run waits for, if there are any.
    pub async fn works_until(&self, run: RunId, people: bool, so: impl Fn(&Run) -> bool) -> Run {
        let events = Arc::new(Events::listen(&self.site.services.store));
        let work = runs::work(self.site.services.clone(), events, CancellationToken::new());
        // Whoever stops waiting for it has it die, too.
        let worker = AbortOnDropHandle::new(tokio::spawn(work));
        let waiting = async {
            loop {
                let seen = self.seen(run).await;
                if so(&seen) || seen.state.is_over() {
                    return seen;
                }
                if people && matches!(seen.state, RunState::Paused { .. }) {
                    self.people_do(&seen).await;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let seen = tokio::time::timeout(Duration::from_secs(90), waiting).await;
        worker.abort();
        let _ = worker.await;
        seen.expect("it comes that far")
    }

    /// Works until it is over.
    pub async fn worked(&self, run: RunId) -> Run {
        self.works_until(run, true, |_| false).await
    }

    /// Works until it comes to this step, and dies before it has done anything of it.
    pub async fn reach(&self, run: RunId, step: &str) {
        let place = place_of(&self.seen(run).await, step);
        unbegun(&self.site, place, self.worked(run)).await;
        rewind(&self.site, run, place).await;
    }

    /// Works until this step has begun, and dies somewhere in it.
    pub async fn dies_in(&self, run: RunId, step: &str) {
        let place = place_of(&self.seen(run).await, step);
        let begun = |seen: &Run| !matches!(seen.steps[place].1, StepState::Waiting);
        let seen = no_further(&self.site, place, self.works_until(run, true, begun)).await;
        assert!(
            !seen.state.is_over(),
            "before {step}: {:?} {:?}",
            seen.state,
            seen.steps
        );
        rewind(&self.site, run, place).await;
    }

    /// Works until it waits for somebody at this step.
    pub async fn waits_at(&self, run: RunId, step: &str) -> String {
        let place = place_of(&self.seen(run).await, step);
        let waits = |seen: &Run| {
            matches!(seen.state, RunState::Paused { .. }) && matches!(seen.steps[place].1, StepState::Running { .. })
        };
        match self.works_until(run, true, waits).await.state {
            RunState::Paused { seen, .. } => seen,
            other => panic!("it doesn’t wait at {step}: {other:?}"),
        }
    }

    /// What the step that the run waits at asks for, and somebody's word.
    async fn people_do(&self, seen: &Run) {
        let under_way = seen
            .steps
            .iter()
            .find(|(_, state)| matches!(state, StepState::Running { .. }));
        let (step, _) = under_way.expect("a step waits");
        if step.name == CHECKLIST {
            self.settle_all(seen).await;
        }
        let who = match step.manual.expect("only manual steps wait") {
            Confirmer::Operator => self.site.person("a", Role::Operator),
            Confirmer::Approver => self.site.person("c", Role::Approver),
        };
        let services = &self.site.services;
        let confirmed = runs::confirm(services, &who, seen.number, &step.name, "seen to by the platform team").await;
        // Another look at the same pause may have come first.
        assert!(matches!(confirmed, Ok(()) | Err(Error::Invalid(_))), "{confirmed:?}");
    }

    pub async fn settle_all(&self, seen: &Run) {
        let services = &self.site.services;
        let report = runs::report(services, seen.id).await.expect("reads");
        let (report, settled) = report.expect("there is one");
        let operator = self.site.person("a", Role::Operator);
        for line in settled.len()..report.revived.len() {
            runs::settle(services, &operator, seen.number, line, (false, "revoked again"))
                .await
                .expect("settles");
        }
    }

    /// Runs this in the restored database.
    pub async fn in_copy(&self, sql: &str) {
        let options = self.site.live.options.clone().database(&self.database);
        let mut conn = options.connect().await.expect("connects");
        conn.execute(AssertSqlSafe(sql)).await.expect("a plain statement");
        sqlx::Connection::close(conn).await.expect("closes");
    }

    /// Has the Deployment, if it is there, ask for this many pods, which are ready at once.
    pub fn scaled_to(&self, replicas: u32) {
        let Some(mut object) = self.api.object(DEPLOYMENT) else {
            return;
        };
        object["spec"]["replicas"] = replicas.into();
        object["status"] = json!({ "readyReplicas": replicas });
        self.api.put(object);
    }

    pub fn replicas(&self) -> Option<u64> {
        self.api.object(DEPLOYMENT)?["spec"]["replicas"].as_u64()
    }
}

pub fn place_of(run: &Run, step: &str) -> usize {
    let place = run.steps.iter().position(|(one, _)| one.name == step);
    place.unwrap_or_else(|| panic!("there is no step {step}"))
}

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata: {name: ampora-web}
spec: {selector: {app: ampora}, ports: [{name: http, port: 8080}]}
";

pub fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: ampora-web, namespace: ampora}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: ampora}}}}
  template:
    metadata: {{labels: {{app: ampora}}}}
    spec:
      containers:
      - name: ampora-web
        image: {image}
        env:
        - {{name: AMPORA_AUTO_MIGRATE, value: '1'}}
        - name: {FIELD}
          valueFrom: {{secretKeyRef: {{name: ampora-key, key: {FIELD}}}}}
        - name: ConnectionStrings__Ampora
          valueFrom: {{secretKeyRef: {{name: ampora-database, key: ConnectionStrings__Ampora}}}}
"
    )
}
