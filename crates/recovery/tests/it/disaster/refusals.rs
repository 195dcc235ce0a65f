//! What can't be agreed to in the first place.

use serde_json::json;
use sqlx::Executor as _;

use super::ground::{FIELD, NewCluster, deployment};
use recovery::plans::Disaster;

const KUSTOMIZATION: &str = "resources: [deployment.yaml, service.yaml, secret.yaml]\n";

#[tokio::test(flavor = "multi_thread")]
async fn manifests_that_would_destroy_the_key_are_refused() {
    let cluster = NewCluster::new().await;
    cluster.write("kustomization.yaml", KUSTOMIZATION);
    for (metadata, says) in [
        (
            "{name: other, labels: {ampora.io/placeholder: 'true'}}",
            "the placeholder Secret other",
        ),
        (
            "{name: other, annotations: {ampora.io/placeholder: 'true'}}",
            "the placeholder Secret other",
        ),
        ("{name: ampora-key}", "to which the key is delivered"),
    ] {
        let secret =
            format!("apiVersion: v1\nkind: Secret\nmetadata: {metadata}\nstringData: {{{FIELD}: CHANGE-ME}}\n");
        cluster.write("secret.yaml", &secret);
        let refused = cluster.refused().await;
        assert!(refused.contains(says), "{metadata}: {refused}");
    }
    cluster.write("kustomization.yaml", "resources: [nowhere.yaml]\n");
    assert!(cluster.refused().await.contains("can’t be rendered"));
    cluster.write("kustomization.yaml", "resources: [service.yaml]\n");
    assert!(
        cluster
            .refused()
            .await
            .contains("renders no Deployment ampora/ampora-web")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_where_ampora_would_not_look_or_where_something_is_is_refused() {
    let cluster = NewCluster::new().await;
    let wished = |name: &str, version: &str| Disaster {
        name: name.into(),
        version: version.into(),
        ..cluster.wished()
    };
    let elsewhere = cluster.refused_for(wished("other", "2")).await;
    assert!(elsewhere.contains("and it would be delivered to"), "{elsewhere}");
    let newest = cluster.refused_for(wished("ampora-key", "3")).await;
    assert!(newest.contains("choose the version that holds that one"), "{newest}");
    cluster.api.put(
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "ampora-key", "namespace": "ampora" } }),
    );
    assert!(cluster.refused().await.contains("exists already"));
    cluster.api.remove("secrets", Some("ampora"), "ampora-key");
    let text = deployment(super::IMAGE).replace(FIELD, "Other");
    cluster.write("deployment.yaml", &text);
    assert!(cluster.refused().await.contains("from no Secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_nobody_can_name_is_refused() {
    let cluster = NewCluster::new().await;
    cluster.write("deployment.yaml", &deployment("registry.example/ampora:1.4"));
    assert!(cluster.refused().await.contains("by no digest"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_ampora_must_not_start_on_is_refused() {
    let cluster = NewCluster::new().await;
    let empty = "DELETE FROM ca_signing_keys; DELETE FROM tenants";
    cluster.site.live.connect().await.execute(empty).await.expect("empties");
    let forget = "INSERT INTO tenants VALUES (9, 'left'); DELETE FROM tenants";
    cluster
        .site
        .live
        .connect()
        .await
        .execute(forget)
        .await
        .expect("empties");
    cluster.site.dump_again().await;
    let refused = cluster.refused().await;
    assert!(refused.contains("has no certificate authority"), "{refused}");
    assert!(refused.contains("No key at hand opens"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_not_new_is_refused() {
    let cluster = NewCluster::new().await;
    cluster.api.install_gitops();
    let object = |replicas: u32, labels: serde_json::Value| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "ampora-web", "namespace": "ampora", "labels": labels },
            "spec": { "replicas": replicas, "template": { "spec": { "containers": [{ "name": "ampora-web", "image": "x" }] } } },
        })
    };
    cluster.api.put(object(2, json!({})));
    assert!(cluster.refused().await.contains("asks for 2 pods"));
    let flux =
        json!({ "kustomize.toolkit.fluxcd.io/name": "fleet", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" });
    cluster.api.put(object(0, flux));
    assert!(cluster.refused().await.contains("isn’t known"));
    cluster.api.put(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": { "name": "fleet", "namespace": "flux-system" }, "spec": {},
    }));
    assert!(cluster.refused().await.contains("flux suspend kustomization fleet"));
    cluster.api.remove("namespaces", None, "ampora");
    assert!(cluster.refused().await.contains("kubectl create namespace ampora"));
    cluster.api.stop();
    assert!(cluster.refused().await.contains("The new cluster"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_configured_is_named_all_at_once() {
    let mut cluster = NewCluster::new().await;
    cluster.site.configure(|settings| {
        let deployment = &mut settings.deployments[0];
        deployment.kubernetes.as_mut().expect("configured").overlay = None;
    });
    assert!(cluster.refused().await.contains("[deployment.kubernetes] overlay"));
    cluster
        .site
        .configure(|settings| settings.deployments[0].database = None);
    let both = cluster.refused().await;
    assert!(
        both.contains("[deployment.kubernetes] overlay") && both.contains("[deployment.database]"),
        "{both}"
    );
}
