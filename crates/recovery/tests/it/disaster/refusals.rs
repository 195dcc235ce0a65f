//! What can't be agreed to in the first place.

use adapters::database_host::DatabaseHost;
use adapters::service::{Commands, Service};
use chrono::TimeDelta;
use domain::plan::Pinned;
use domain::role::Role;
use recovery::approvals;
use recovery::plans::Disaster;
use serde_json::json;
use sqlx::Executor as _;

use super::ground::{FIELD, IMAGE, NewCluster, deployment};

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
    let text = deployment(IMAGE).replace(FIELD, "Other");
    cluster.write("deployment.yaml", &text);
    assert!(cluster.refused().await.contains("from no Secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_nobody_can_name_is_refused() {
    let cluster = NewCluster::new().await;
    cluster.write("deployment.yaml", &deployment("registry.example/ampora:1.4"));
    assert!(cluster.refused().await.contains("by no digest"));
}

const OTHER: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
/// The migration that the dump is at.
const HEAD: &str = "20250101000000_Initial";

/// An image that was seen running while the database was at a migration, so many hours ago.
async fn ran(cluster: &NewCluster, image: &str, head: &str, hours: i64) {
    let services = &cluster.site.services;
    let facts = [("image", image), ("migration-head", head)].map(|(name, value)| (name.into(), value.into()));
    let at = services.clock.now() - TimeDelta::hours(hours);
    let pause = TimeDelta::minutes(10);
    let kept = services.store.facts_seen("demo", &facts, at, pause).await;
    kept.expect("keeps");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_ran_with_another_migration_is_refused_or_replaced_by_the_one_that_fits() {
    let cluster = NewCluster::new().await;
    let (_, digest) = IMAGE.split_once('@').expect("by digest");
    ran(&cluster, digest, "20270101000000_Newer", 1).await;
    let refused = cluster.refused().await;
    assert!(
        refused.contains("which ran with migration 20270101000000_Newer; the backup is at 20250101000000_Initial"),
        "{refused}"
    );

    let cluster = NewCluster::new().await;
    ran(&cluster, OTHER, HEAD, 2).await;
    ran(&cluster, digest, "20270101000000_Newer", 1).await;
    let person = cluster.site.person("a", Role::Operator);
    let plan = approvals::plan(&cluster.site.services, &person, &cluster.wish()).await;
    let plan = plan.unwrap_or_else(|error| panic!("{error}"));
    let Pinned::FullDisaster(pinned) = &plan.pinned else {
        panic!("{:?}", plan.pinned)
    };
    assert_eq!(pinned.manifests.image, format!("registry.example/ampora@{OTHER}"));
    let warnings = plan.advisory.warnings.join(" ");
    assert!(warnings.contains("is put in its place"), "{warnings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_that_nobody_names_is_the_one_of_the_manifests() {
    let cluster = NewCluster::new().await;
    let person = cluster.site.person("a", Role::Operator);
    let wished = |name: &str| {
        recovery::plans::Wish::FullDisaster(Disaster {
            name: name.into(),
            ..cluster.wished()
        })
    };
    let mut digests = Vec::new();
    for name in ["ampora-key", " "] {
        let plan = approvals::plan(&cluster.site.services, &person, &wished(name)).await;
        digests.push(plan.unwrap_or_else(|error| panic!("{error}")).pinned.digest());
    }
    assert_eq!(digests[0], digests[1]);
    cluster.write("deployment.yaml", &deployment(IMAGE).replace(FIELD, "Other"));
    let refused = cluster.refused_for(Disaster {
        name: String::new(),
        ..cluster.wished()
    });
    assert!(refused.await.contains("from no Secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_a_machine_is_told_which_requests_lead_there_instead() {
    let mut cluster = NewCluster::new().await;
    let command = |verb: &str| vec!["systemctl".to_owned(), verb.to_owned(), "ampora".to_owned()];
    let commands = Commands {
        stop: command("stop"),
        start: command("start"),
        status: None,
    };
    let service = Service::new(DatabaseHost::local(None), "/etc/ampora/ampora.env".into(), commands);
    cluster.site.configure(|settings| {
        let deployment = &mut settings.deployments[0];
        deployment.kubernetes = None;
        let restore = deployment.restore.as_mut().expect("restores are configured");
        restore.repoint.service = Some(service);
    });
    let refused = cluster.refused().await;
    let mut behind = refused.as_str();
    for next in [
        "don’t start it",
        "[deployment.restore] at the new server",
        "“Restore a dump”",
        "“Retrieve the master key”",
        "“Point Ampora at a restored database”",
    ] {
        let (_, rest) = behind.split_once(next).unwrap_or_else(|| panic!("{next}: {refused}"));
        behind = rest;
    }
    assert!(!refused.contains("overlay"), "{refused}");
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
