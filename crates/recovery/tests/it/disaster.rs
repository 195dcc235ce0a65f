//! The worst day, on a real PostgreSQL and a Kubernetes API in this process: all of it in one run, which waits where people have to act, goes
//! on after any crash, and never starts Ampora on what it must not start on.

mod faults;
mod ground;
mod people;
mod refusals;
mod sweep;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::key;
use domain::plan::Pinned;
use domain::run::{RunState, StepState};
use recovery::plans::full_disaster::{AGENTS, NAME};
use serde_json::json;

use crate::secrets;
use crate::site::master_key;
use ground::{DEPLOYMENT, FIELD, IMAGE, KEY, NewCluster, PASSWORD, place_of};

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_up_in_the_documented_order() {
    secrets::listen();
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    cluster.waits_at(run, AGENTS).await;
    cluster
        .in_copy(r#"UPDATE agents SET "LastSeenUtc" = now() WHERE "Id" < 4"#)
        .await;
    let done = cluster.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let detail = |step| match &done.steps[place_of(&done, step)].1 {
        StepState::Done { detail, .. } => detail.clone(),
        other => panic!("{step}: {other:?}"),
    };
    assert!(
        detail(AGENTS).starts_with("3 of 5 agents have reported again"),
        "{}",
        detail(AGENTS)
    );
    assert!(detail(NAME).contains("confirmed by a: seen to"), "{}", detail(NAME));
    applied(&cluster);
    order(&cluster);
    secrets::words_are_kept_nowhere(&cluster.site, PASSWORD).await;
    secrets::nothing_is_kept(&cluster.site, &[]).await;
}

/// What stands on the cluster in the end.
fn applied(cluster: &NewCluster) {
    assert_eq!(cluster.replicas(), Some(2));
    let object = cluster.api.object(DEPLOYMENT).expect("applied");
    let container = &object["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], IMAGE);
    let variable = |name: &str| {
        let entries = container["env"].as_array().expect("entries");
        entries.iter().find(|entry| entry["name"] == name).expect("set").clone()
    };
    assert_eq!(variable("AMPORA_AUTO_MIGRATE")["value"], "0", "the copy isn’t migrated");
    let secret = format!("ampora-database-{}", cluster.database.replace('_', "-"));
    let from = json!({ "name": secret, "key": "ConnectionStrings__Ampora" });
    assert_eq!(variable("ConnectionStrings__Ampora")["valueFrom"]["secretKeyRef"], from);
    let text = |path: &str, key: &str| {
        let secret = cluster.api.object(path).expect("made");
        STANDARD
            .decode(secret["data"][key].as_str().expect("text"))
            .expect("base64")
    };
    let connection = text(
        &format!("/api/v1/namespaces/ampora/secrets/{secret}"),
        "ConnectionStrings__Ampora",
    );
    let connection = String::from_utf8(connection).expect("text");
    assert!(connection.contains(&format!("Database={};", cluster.database)) && connection.contains(PASSWORD));
    assert_eq!(text(KEY, FIELD), key::to_setting(&master_key(2)).as_bytes());
}

/// What was written to the cluster, one after the other.
fn order(cluster: &NewCluster) {
    let requests = cluster.api.requests();
    let writes = requests.iter().filter(|request| request.method != "GET");
    let order: Vec<_> = writes
        .map(|request| {
            format!(
                "{} {}",
                request.method,
                request.path.rsplit('/').next().unwrap_or_default()
            )
        })
        .collect();
    let expected = [
        "POST secrets",
        "PATCH ampora-web",
        "PATCH ampora-web",
        "POST secrets",
        "PUT ampora-web",
        "PUT ampora-web",
        "PUT ampora-web",
    ];
    assert_eq!(
        order, expected,
        "key, Deployment and Service, connection, led there, to 1, to 2"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_tells_all_of_it_before_anything_is_made() {
    let cluster = NewCluster::new().await;
    let number = cluster.site.agreed(&cluster.wish()).await;
    let stored = cluster
        .site
        .services
        .store
        .request(number)
        .await
        .expect("reads")
        .expect("there");
    let Pinned::FullDisaster(plan) = &stored.plan.pinned else {
        panic!("another plan")
    };
    assert_eq!((plan.holds.tenants.0, plan.holds.authorities.0), (4, 3));
    assert_eq!(plan.holds.migration_head, "20250101000000_Initial");
    assert_eq!(Some(&plan.key.fingerprint), plan.database.key_fingerprint.as_ref());
    let changes: Vec<_> = plan
        .manifests
        .changes
        .iter()
        .map(|change| (change.object.as_str(), change.new))
        .collect();
    assert_eq!(
        changes,
        [
            ("Service ampora/ampora-web", true),
            ("Deployment ampora/ampora-web", true)
        ]
    );
    let warnings = stored.plan.advisory.warnings.join(" ");
    assert!(
        warnings.contains("must not come back") && warnings.contains("nothing proves it"),
        "{warnings}"
    );
    assert!(
        cluster.api.requests().iter().all(|request| request.method == "GET"),
        "planning changes nothing"
    );
    assert!(cluster.api.object(KEY).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_begin_twice_and_its_worker_may_die_in_each() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    let steps = cluster.seen(run).await.steps;
    for (step, _) in &steps {
        cluster.dies_in(run, &step.name).await;
    }
    let done = cluster.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(cluster.replicas(), Some(2));
    assert!(
        usize::try_from(done.fence).expect("small") > steps.len(),
        "it was claimed anew each time"
    );
    let made = cluster
        .api
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST");
    assert!(made.count() <= 4, "no Secret is written over");
}
