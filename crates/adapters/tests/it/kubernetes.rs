//! The cluster as Muster asks it: images in use, certificates and their issuers, Secrets. The API server is the test kit's, not a real one.

use std::fs;
use std::path::PathBuf;

use adapters::kubernetes::{Cluster, KubernetesError, KubernetesSettings, RunningImage};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::certificates::Authority;
use testkit::kubernetes::KubernetesApi;
use testkit::peer::free_port;

mod cert_manager;
mod in_use;
mod rehearsal;
mod secret;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_268_800, 0).unwrap()
}

/// A server, and a folder with its kubeconfig.
struct Site {
    folder: TempDir,
    api: KubernetesApi,
}

impl Site {
    async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            api: KubernetesApi::start().await,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn cluster(&self) -> Cluster {
        connect(self.api.kubeconfig(self.folder.path()), None).await.unwrap()
    }

    /// Muster changes nothing.
    fn assert_only_read(&self) {
        let requests = self.api.requests();
        assert!(!requests.is_empty());
        assert!(requests.iter().all(|request| request.method == "GET"), "{requests:?}");
    }
}

async fn connect(kubeconfig: PathBuf, context: Option<&str>) -> Result<Cluster, KubernetesError> {
    let settings = KubernetesSettings {
        kubeconfig: Some(kubeconfig),
        context: context.map(str::to_owned),
    };
    Cluster::connect(&settings).await
}

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

fn deployment(selector: Value) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "ampora-web", "namespace": "ampora" },
        "spec": { "selector": selector, "template": { "metadata": {}, "spec": { "containers": [] } } },
    })
}

fn pod(name: &str, app: &str, phase: &str, image: &str, image_id: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name, "namespace": "ampora", "labels": { "app": app } },
        "spec": {
            "nodeName": "node-1",
            "containers": [
                { "name": "proxy", "image": "envoy:1" },
                { "name": "ampora-web", "image": image },
            ],
        },
        "status": {
            "phase": phase,
            "containerStatuses": [
                status("proxy", "envoy:1", "docker.io/envoy@sha256:00"),
                status("ampora-web", image, image_id),
            ],
        },
    })
}

fn status(name: &str, image: &str, image_id: &str) -> Value {
    json!({ "name": name, "image": image, "imageID": image_id, "ready": true, "restartCount": 0 })
}

fn node() -> Value {
    let mut info = json!({ "operatingSystem": "linux", "architecture": "arm64" });
    let others = [
        "bootID",
        "containerRuntimeVersion",
        "kernelVersion",
        "kubeProxyVersion",
        "kubeletVersion",
        "machineID",
        "osImage",
        "systemUUID",
    ];
    for field in others {
        info[field] = "x".into();
    }
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "node-1" }, "status": { "nodeInfo": info } })
}

#[tokio::test]
async fn the_images_of_a_deployment_are_those_of_its_pods() {
    let site = Site::new().await;
    let (old, new) = (
        "registry.example.org/ampora/web:1.4.2",
        "registry.example.org/ampora/web:1.5.0",
    );
    let id = |digit| format!("registry.example.org/ampora/web@{}", digest(digit));
    site.api.put(deployment(json!({ "matchLabels": { "app": "web" } })));
    site.api.put(node());
    for (name, app, phase, image, image_id) in [
        ("web-1", "web", "Running", old, id('a')),
        ("web-2", "web", "Running", old, id('a')),
        ("web-3", "web", "Running", new, "sha256:0123".into()),
        (
            "web-4",
            "web",
            "Failed",
            "registry.example.org/ampora/web:1.0.0",
            id('b'),
        ),
        ("api-1", "api", "Running", "registry.example.org/other:1", id('c')),
    ] {
        site.api.put(pod(name, app, phase, image, &image_id));
    }
    let cluster = site.cluster().await;
    let asking = tokio::spawn(async move { cluster.images("ampora", "ampora-web").await });
    let images = asking.await.unwrap().unwrap();
    let running = |image: &str, digest| RunningImage {
        image: image.into(),
        digest,
        platform: Some("linux/arm64".into()),
    };
    assert_eq!(images, [running(old, Some(digest('a'))), running(new, None)]);
    site.assert_only_read();
}

#[tokio::test]
async fn a_node_that_may_not_be_read_leaves_the_platform_open() {
    let site = Site::new().await;
    let expressions = json!([{ "key": "app", "operator": "In", "values": ["web", "front"] }]);
    site.api.put(deployment(json!({ "matchExpressions": expressions })));
    let image = format!("ampora/web@{}", digest('d'));
    site.api.put(pod("web-1", "front", "Pending", &image, ""));
    site.api.forbid("nodes");
    let images = site.cluster().await.images("ampora", "ampora-web").await.unwrap();
    let (digest, platform) = (Some(digest('d')), None);
    assert_eq!(
        images,
        [RunningImage {
            image,
            digest,
            platform
        }]
    );
}

#[tokio::test]
async fn what_the_cluster_refuses_is_told_in_its_words() {
    let site = Site::new().await;
    let cluster = site.cluster().await;
    let images = async || cluster.images("ampora", "ampora-web").await.expect_err("no images");
    assert_eq!(
        images().await,
        KubernetesError::Missing("Deployment ampora/ampora-web".into())
    );
    site.api.put(deployment(json!({})));
    assert!(
        images()
            .await
            .to_string()
            .ends_with("can’t be read: its selector is empty")
    );
    site.api.put(deployment(json!({ "matchLabels": { "app": "web" } })));
    site.api.forbid("pods");
    let refused = images().await.to_string();
    assert!(
        refused.starts_with(
            "the cluster doesn’t let Muster read the pods of Deployment ampora/ampora-web: pods is forbidden"
        ),
        "{refused}"
    );
    site.api.say(
        "deployments",
        StatusCode::INTERNAL_SERVER_ERROR,
        "<html>\u{202E}upstream\nis down</html>",
    );
    let broken = images().await;
    assert!(
        matches!(&broken, KubernetesError::Refused { code: 500, said, .. } if !said.contains('\n')),
        "{broken:?}"
    );
    site.api.say("deployments", StatusCode::OK, "{\"kind\": 7");
    assert!(matches!(images().await, KubernetesError::Unreadable { .. }));

    let stranger = connect(site.api.kubeconfig_with(site.folder.path(), "wrong"), None)
        .await
        .unwrap();
    assert_eq!(
        stranger.images("ampora", "ampora-web").await,
        Err(KubernetesError::Unauthorized)
    );
    site.api.stop();
    let down = images().await;
    assert!(matches!(down, KubernetesError::Unreachable(_)), "{down:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let site = Site::new().await;
    site.api
        .say("deployments", StatusCode::OK, &" ".repeat(65 * 1024 * 1024));
    let flooded = site
        .cluster()
        .await
        .images("ampora", "ampora-web")
        .await
        .expect_err("too long");
    assert_eq!(
        flooded.to_string(),
        "the cluster can’t be reached: length limit exceeded"
    );
}

#[tokio::test]
async fn a_cluster_is_believed_by_its_authority_only() {
    let life = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
    let folder = tempfile::tempdir().unwrap();
    let api = KubernetesApi::start_with_tls(&Authority::root("Cluster CA", life), life).await;
    let kubeconfig = api.kubeconfig(folder.path());
    let cluster = connect(kubeconfig.clone(), Some("test")).await.unwrap();
    let missing = KubernetesError::Missing("Deployment ampora/ampora-web".into());
    assert_eq!(cluster.images("ampora", "ampora-web").await, Err(missing));

    fs::write(
        folder.path().join("cluster-ca.crt"),
        Authority::root("Another CA", life).pem(),
    )
    .unwrap();
    let deceived = connect(kubeconfig, None).await.unwrap();
    let refused = deceived.images("ampora", "ampora-web").await;
    assert!(
        matches!(&refused, Err(KubernetesError::Unreachable(why)) if why.contains("UnknownIssuer")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_proxy_of_the_kubeconfig_is_used() {
    let site = Site::new().await;
    let kubeconfig = site.api.kubeconfig(site.folder.path());
    let proxy = format!("    proxy-url: http://127.0.0.1:{}\n    server:", free_port());
    let text = fs::read_to_string(&kubeconfig).unwrap().replace("    server:", &proxy);
    fs::write(&kubeconfig, text).unwrap();
    let cluster = connect(kubeconfig, None).await.unwrap();
    let refused = cluster.images("ampora", "ampora-web").await;
    assert!(matches!(refused, Err(KubernetesError::Unreachable(_))), "{refused:?}");
    assert!(site.api.requests().is_empty(), "nothing goes past the proxy");
}

#[tokio::test]
async fn a_kubeconfig_that_cant_be_used_is_said() {
    let site = Site::new().await;
    let said = async |path: PathBuf, context| connect(path, context).await.err().unwrap().to_string();
    let kubeconfig = site.api.kubeconfig(site.folder.path());
    assert!(
        said(kubeconfig, Some("prod"))
            .await
            .contains("failed to load current context: prod")
    );
    assert!(said(site.path("nothing"), None).await.contains("nothing"));
    fs::write(site.path("garbage"), b"\xFF: [").unwrap();
    assert!(
        said(site.path("garbage"), None)
            .await
            .starts_with("the cluster’s configuration can’t be used: ")
    );
}
