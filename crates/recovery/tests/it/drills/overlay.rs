//! Agents in a cluster: an overlay is applied to a namespace of the drill's own, and whatever ends the drill, that namespace goes. The API
//! is the test kit's, and the pods are the stand-in for Ampora, which knows only what the Secret tells it. None of it is a real cluster.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use adapters::kubernetes::{KubernetesSettings, Openings};
use adapters::npgsql::ConnectionString;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::approval::Decision;
use domain::drill::{CheckStatus, Choice, Drill, Trigger, Verdict, names};
use domain::key::{Encoding, MasterKey};
use domain::role::{Actor, Role};
use recovery::approvals;
use recovery::drills::{self, DrillState};
use recovery::plans::Wish;
use recovery::settings::{Agents, Overlaid};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use testkit::kubernetes::KubernetesApi;
use testkit::peer::free_port;
use testkit::stand_in::{Manner, Served, serve_at};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::world::{World, broken, code};

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ampora}\n\
     spec: {selector: {matchLabels: {app: ampora}}, template: {metadata: {labels: {app: ampora}}, spec: {containers: [{name: web, image: ampora}]}}}\n";
const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: ampora}\nspec: {selector: {app: ampora}, ports: [{port: 4320}]}\n";

/// A cluster that follows its Deployments, and the folder of an overlay for it.
struct Ground {
    api: KubernetesApi,
    folder: tempfile::TempDir,
    agents: SocketAddr,
}

impl Ground {
    async fn new() -> Self {
        let (api, folder) = (KubernetesApi::start().await, tempfile::tempdir().expect("a folder"));
        api.put(json!({ "kind": "Namespace", "metadata": { "name": "ampora" } }));
        api.follow_deployments(true);
        let ground = Self {
            api,
            folder,
            agents: SocketAddr::from(([127, 0, 0, 1], free_port())),
        };
        ground.write(
            "kustomization.yaml",
            "resources: [deployment.yaml, service.yaml]\nnamespace: muster-drill\n",
        );
        ground.write("deployment.yaml", DEPLOYMENT);
        ground.write("service.yaml", SERVICE);
        ground
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("writes");
    }

    fn launcher(&self) -> Agents {
        Agents::InCluster(Overlaid {
            cluster: KubernetesSettings {
                kubeconfig: Some(self.api.kubeconfig(self.folder.path())),
                context: None,
            },
            overlay: self.folder.path().to_owned(),
            namespace: "muster-drill".into(),
            agents: self.agents.to_string(),
            openings: Openings {
                from: "127.0.0.1/32".into(),
                database: SocketAddr::from(([127, 0, 0, 1], 0)),
            },
        })
    }

    /// Paths of what was created, in its order.
    fn created(&self) -> Vec<String> {
        let requests = self.api.requests().into_iter();
        let created = requests
            .filter(|request| request.method == "POST")
            .map(|request| request.path);
        created.collect()
    }

    /// Namespaces of drills.
    fn left(&self) -> Vec<Value> {
        self.api
            .labelled("namespaces", "app.kubernetes.io/managed-by", "muster-drill")
    }
}

/// Plays the pods: serves the copy as soon as there is a Secret that says where it is, and until it is gone.
fn pods(ground: &std::sync::Arc<Ground>) -> AbortHandle {
    let ground = std::sync::Arc::clone(ground);
    let task = tokio::spawn(async move {
        let mut served: Option<Served> = None;
        loop {
            match ground.api.named("secrets", "muster-drill").first() {
                Some(secret) if served.is_none() => served = Some(serve(secret, ground.agents).await),
                Some(_) => {}
                None => served = None,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    task.abort_handle()
}

/// Becomes what the overlay would start, from nothing but the Secret.
async fn serve(secret: &Value, at: SocketAddr) -> Served {
    let value = |name: &str| {
        let encoded = secret["data"][name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {secret}"));
        STANDARD.decode(encoded).expect("base64")
    };
    let key = MasterKey::decode(&value("master-key"), Encoding::Base64)
        .expect("a key")
        .key;
    let written = String::from_utf8(value("connection-string")).expect("text");
    for named in [
        "/etc/muster-drill/database.pem",
        "/etc/muster-drill/database.key",
        "SSL Mode=VerifyFull",
    ] {
        assert!(written.contains(named), "{written}");
    }
    let written = ConnectionString::parse(&written).expect("a connection string");
    let options = PgConnectOptions::new_without_pgpass()
        .host(written.host())
        .port(written.port())
        .database(written.database())
        .username(written.user().expect("a user"))
        .ssl_mode(PgSslMode::VerifyFull)
        .ssl_root_cert_from_pem(value("database-authority.pem"))
        .ssl_client_cert_from_pem(value("database.pem"))
        .ssl_client_key_from_pem(value("database.key"));
    let listener = TcpListener::bind(at).await.expect("the port is free");
    let identity = (value("server.pem"), value("server.key"));
    let served = serve_at(listener, &options, &key, (&identity.0, &identity.1), Manner::Usual).await;
    served.expect("the copy is served")
}

impl World {
    fn launch_overlay(&mut self, ground: &Ground) {
        let launcher = ground.launcher();
        self.change(|settings| {
            let sandbox = settings.deployments[0].drills.sandbox.as_mut().expect("a sandbox");
            sandbox.agents = launcher;
        });
    }

    async fn agree_to_overlay(&self) {
        let (a, b) = (
            self.site.person("a", Role::Operator),
            self.site.person("b", Role::Operator),
        );
        let wish = Wish::DrillWithKey {
            deployment: "demo".into(),
            days: 1,
        };
        let plan = approvals::plan(&self.services, &a, &wish).await.expect("planned");
        let request = approvals::create(&self.services, &a, &wish, plan.pinned.digest(), "the quarterly drill").await;
        let number = request.expect("asked").number;
        self.site.decide(&b, number, Decision::Approve).await.expect("approves");
    }
}

fn agents(drill: &Drill) -> (CheckStatus, &str) {
    let found = drill.checks.iter().find(|check| check.name == names::AGENTS);
    let check = found.unwrap_or_else(|| panic!("no check of agents: {drill:#?}"));
    (check.status, &check.detail)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlay_is_applied_cut_off_visited_and_deleted() {
    let (mut world, ground) = (World::with_backup().await, std::sync::Arc::new(Ground::new().await));
    world.launch_overlay(&ground);
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(agents(&drill).0, CheckStatus::NotRun, "{drill:#?}");
    assert!(
        ground.api.requests().is_empty(),
        "nobody has agreed, so the cluster hears nothing"
    );
    world.agree_to_overlay().await;
    let pods = pods(&ground);
    let stored = world.drill(Choice::Latest).await;
    let drill = &stored.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    assert_eq!(agents(drill).0, CheckStatus::Ok, "{drill:#?}");
    assert!(broken(drill).is_empty());
    let namespace = format!("muster-drill-{}", &drill.id.0.simple().to_string()[..12]);
    let created = ground.created();
    let of = |group: &str, plural: &str| format!("/{group}/namespaces/{namespace}/{plural}");
    assert_eq!(
        created,
        [
            "/api/v1/namespaces".to_owned(),
            of("apis/networking.k8s.io/v1", "networkpolicies"),
            of("api/v1", "secrets"),
            of("api/v1", "services"),
            of("apis/apps/v1", "deployments"),
        ]
    );
    assert!(ground.left().is_empty(), "{:?}", ground.left());
    assert!(ground.api.named("secrets", "muster-drill").is_empty());
    assert!(
        drill.warnings.iter().any(|warning| warning.contains("NetworkPolicy")),
        "{:?}",
        drill.warnings
    );
    world.nothing_is_left();

    // What the overlay renders to is what people agreed to.
    ground.write("service.yaml", &SERVICE.replace("4320", "4321"));
    let drill = world.drill(Choice::Latest).await.drill;
    let (status, why) = agents(&drill);
    assert_eq!(status, CheckStatus::NotRun);
    assert!(
        why.contains("approved another launcher: launch.program_sha256 was"),
        "{why}"
    );
    ground.write(
        "service.yaml",
        &SERVICE.replace("selector", "type: LoadBalancer, selector"),
    );
    let drill = world.drill(Choice::Latest).await.drill;
    assert!(
        agents(&drill).1.contains("a Service of type LoadBalancer leads out"),
        "{drill:#?}"
    );
    assert_eq!(ground.created().len(), created.len(), "nothing more was created");
    pods.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_that_the_cluster_refuses_breaks_the_environment_and_leaves_nothing() {
    let (mut world, ground) = (World::with_backup().await, std::sync::Arc::new(Ground::new().await));
    world.launch_overlay(&ground);
    world.agree_to_overlay().await;
    for step in ["namespaces", "networkpolicies", "secrets", "services", "deployments"] {
        ground.api.forbid_to("create", step);
        let drill = world.drill(Choice::Latest).await.drill;
        assert_eq!(
            (drill.verdict, code(&drill)),
            (Some(Verdict::EnvironmentBroken), "not-run:agents"),
            "{step}: {drill:#?}"
        );
        assert!(
            agents(&drill).1.contains("the cluster doesn’t let Muster"),
            "{step}: {drill:#?}"
        );
        assert!(ground.left().is_empty(), "{step}: {:?}", ground.left());
        ground.api.allow();
    }
    // A namespace that can't be deleted still holds the key, and is told as what it is; the next look deletes it.
    let pods = pods(&ground);
    ground.api.forbid_to("delete", "namespaces");
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "namespace-left"),
        "{drill:#?}"
    );
    assert_eq!(ground.left().len(), 1);
    ground.api.allow();
    ground.api.put(
        json!({ "kind": "Namespace", "metadata": { "name": "muster-drill-ours", "labels": {
            "app.kubernetes.io/managed-by": "muster-drill", "muster/drill": "00000000-0000-4000-8000-000000000000",
        }}}),
    );
    drills::sweep(&world.services).await;
    let names: Vec<_> = ground
        .left()
        .iter()
        .map(|left| left["metadata"]["name"].clone())
        .collect();
    assert_eq!(names, ["muster-drill-ours"], "one of another Muster is let alone");
    pods.abort();
    world.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_is_cancelled_or_lost_while_pods_start_leaves_no_namespace() {
    let (mut world, ground) = (World::with_backup().await, std::sync::Arc::new(Ground::new().await));
    ground.api.follow_deployments(false);
    world.launch_overlay(&ground);
    world.agree_to_overlay().await;
    let started = async || {
        let actor = Actor::job("shell");
        let queued = drills::queue(&world.services, &actor, "demo", Choice::Latest, Trigger::Shell).await;
        let (id, services) = (queued.expect("queues"), world.services.clone());
        let task = tokio::spawn(async move { drills::run_here(&services, id, &CancellationToken::new()).await });
        while ground.api.named("deployments", "ampora").is_empty() {
            assert!(!task.is_finished(), "it ended before its pods began");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        (id, task)
    };
    let (id, task) = started().await;
    drills::cancel(&world.services, &super::world::operator(&world.site), id)
        .await
        .expect("cancels");
    let stored = task.await.expect("ends").expect("is closed");
    assert_eq!(stored.state, DrillState::Cancelled);
    assert!(ground.left().is_empty(), "{:?}", ground.left());

    let (id, task) = started().await;
    task.abort();
    assert!(task.await.is_err());
    assert_eq!(ground.left().len(), 1, "nobody was there to delete it");
    drills::sweep(&world.services).await;
    assert_eq!(ground.left().len(), 1, "its drill isn’t over yet");
    // Once the lease is over whoever claims the drill closes it, and deletes what it made.
    let stored = drills::run_here(&world.services, id, &CancellationToken::new())
        .await
        .expect("closes");
    assert_eq!(stored.drill.verdict, Some(Verdict::EnvironmentBroken), "{stored:?}");
    assert!(ground.left().is_empty(), "{:?}", ground.left());
}
