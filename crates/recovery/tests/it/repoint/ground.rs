//! A site with a restored copy, and Ampora on a cluster.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::role::Role;
use domain::run::RunState;
use recovery::plans::Wish;
use recovery::settings::{Kubernetes, Repoint};
use recovery::{Error, approvals};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use store::runs::Run;
use testkit::kubernetes::KubernetesApi;

use crate::runs::{approved, worked};
use crate::site::Site;

pub const PASSWORD: &str = "cX7-horse;battery";
pub const DEPLOYMENT: &str = "/apis/apps/v1/namespaces/ampora/deployments/ampora-web";

/// A site with a restored copy, and Ampora on a cluster.
pub struct Cluster {
    pub site: Site,
    pub api: KubernetesApi,
    pub copy: String,
}

impl Cluster {
    pub async fn new() -> Self {
        let mut site = Site::new().await;
        let copy = format!("{}_copy", site.live.name);
        let (_, run) = approved(&site, &copy).await;
        let restored = worked(&site, run).await;
        assert!(
            matches!(restored.state, RunState::Succeeded { .. }),
            "{:?}",
            restored.state
        );
        let api = KubernetesApi::start().await;
        api.follow_deployments(true);
        let (live, folder) = (site.live.options.clone(), site.folder.path().to_owned());
        site.configure(|settings| {
            let deployment = &mut settings.deployments[0];
            deployment.kubernetes = Some(Kubernetes {
                kubeconfig: Some(api.kubeconfig(&folder)),
                context: None,
                namespace: "ampora".into(),
                deployment: "ampora-web".into(),
                overlay: None,
            });
            let restore = deployment.restore.as_mut().expect("restores are configured");
            restore.repoint = Repoint {
                fence: Some(live),
                start_within: Duration::from_secs(2),
                ..Repoint::default()
            };
        });
        let this = Self { site, api, copy };
        this.api.put(this.connection());
        this.api.put(deployment(&json!({})));
        this
    }

    /// The Secret that Ampora has its connection from.
    fn connection(&self) -> Value {
        let live = &self.site.live;
        let socket = live.options.get_socket().expect("a socket").display().to_string();
        let (port, user, name) = (live.options.get_port(), live.options.get_username(), &live.name);
        let text = format!(
            "Host={socket};Port={port};Database={name};Username={user};Password=\"{PASSWORD}\";Include Error Detail=false"
        );
        json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": { "name": "ampora-database", "namespace": "ampora" },
            "data": { "ConnectionStrings__Ampora": STANDARD.encode(text) },
        })
    }

    pub fn wish(&self) -> Wish {
        self.wish_if(false)
    }

    pub fn wish_if(&self, old_is_gone: bool) -> Wish {
        Wish::Repoint {
            deployment: "demo".into(),
            database: self.copy.clone(),
            old_is_gone,
        }
    }

    pub async fn refused(&self, wish: &Wish) -> String {
        let planned = approvals::plan(&self.site.services, &self.site.person("a", Role::Operator), wish).await;
        match planned {
            Err(Error::Invalid(reasons)) => reasons.join(" "),
            other => panic!("it was planned: {other:?}"),
        }
    }

    pub async fn run(&self) -> Run {
        let run = self.site.started(&self.wish()).await;
        worked(&self.site, run).await
    }

    /// Whether anybody may connect.
    pub async fn is_open(&self, database: &str) -> bool {
        self.site
            .live
            .options
            .clone()
            .database(database)
            .connect()
            .await
            .is_ok()
    }

    pub fn replicas(&self) -> u64 {
        self.api.object(DEPLOYMENT).expect("there")["spec"]["replicas"]
            .as_u64()
            .expect("a number")
    }

    /// Opens the old database again, for a test that goes on.
    pub async fn reopen(&self) {
        let mut conn = self.site.own.connect().await;
        let open = format!("ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true", self.site.live.name);
        conn.execute(AssertSqlSafe(open)).await.expect("opens");
    }
}

pub fn deployment(metadata: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "ampora-web", "namespace": "ampora" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "ampora" } },
            "template": {
                "metadata": { "labels": { "app": "ampora" } },
                "spec": { "containers": [{
                    "name": "ampora-web", "image": "ampora:1",
                    "env": [
                        { "name": "AMPORA_AUTO_MIGRATE", "value": "0" },
                        { "name": "ConnectionStrings__Ampora",
                          "valueFrom": { "secretKeyRef": { "name": "ampora-database", "key": "ConnectionStrings__Ampora" } } },
                    ],
                }] },
            },
        },
    });
    for (name, value) in metadata.as_object().into_iter().flatten() {
        object["metadata"][name] = value.clone();
    }
    object
}
