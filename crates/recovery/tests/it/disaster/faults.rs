//! Each step fails once: the run says what happened and what it made, and Ampora is started on nothing that wasn't approved.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::key;
use domain::run::RunState;
use recovery::plans::full_disaster::{
    APPLY, CHECK_CLUSTER, CHECK_DATABASE, CHECK_ENVELOPES, CHECK_SECRET, LEAD, START, START_ONE, VERIFY,
};
use recovery::plans::retrieve_key::{DELIVER, READ_BACK};
use recovery::plans::{CHECK_KEY, CHECK_ROWS, COMPLETE, CREATE, RESTORE, SETTINGS};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};
use store::runs::Run;

use super::ground::{DEPLOYMENT, FIELD, NewCluster, deployment};
use crate::site::{DUMP, master_key};

/// How a run ended: the word, and what it says.
fn ended(run: &Run) -> (&'static str, String) {
    (run.state.word(), run.state.reason().unwrap_or_default().to_owned())
}

async fn broken_at(
    step: &str,
    cluster: &NewCluster,
    break_it: impl AsyncFnOnce(&NewCluster),
) -> (&'static str, String) {
    let run = cluster.started().await;
    cluster.reach(run, step).await;
    break_it(cluster).await;
    ended(&cluster.worked(run).await)
}

async fn on_server(cluster: &NewCluster, sql: &str) {
    let sql = sql.replace("{}", &format!("\"{}\"", cluster.database));
    let mut conn = cluster.site.live.connect().await;
    conn.execute(AssertSqlSafe(sql)).await.expect("a plain statement");
}

fn key_of(number: u8) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "ampora-key", "namespace": "ampora" },
        "data": { FIELD: STANDARD.encode(key::to_setting(&master_key(number)).as_bytes()) },
    })
}

/// Until one pod runs, whatever fails leaves Ampora at nothing, and is told with what may be removed.
async fn fails(step: &str, says: &str, break_it: impl AsyncFnOnce(&NewCluster)) {
    let cluster = NewCluster::new().await;
    let (word, reason) = broken_at(step, &cluster, break_it).await;
    assert_eq!(word, "failed", "{step}: {reason}");
    assert!(reason.contains(says), "{step}: {reason}");
    assert_ne!(cluster.replicas(), Some(1), "{step}");
    assert_ne!(cluster.replicas(), Some(2), "{step}");
    let made = step != CHECK_CLUSTER;
    assert_eq!(reason.contains("Ampora wasn’t started"), made, "{step}: {reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_before_the_database_is_whole() {
    fails(CHECK_CLUSTER, "let Muster", async |cluster| {
        cluster.api.forbid("namespaces")
    })
    .await;
    fails(CREATE, "exists", async |cluster| {
        on_server(cluster, "CREATE DATABASE {}").await;
    })
    .await;
    fails(RESTORE, DUMP, async |cluster| {
        std::fs::remove_file(cluster.site.dumps().join(DUMP)).expect("removes");
    })
    .await;
    fails(SETTINGS, "does not exist", async |cluster| {
        on_server(cluster, "DROP DATABASE {} WITH (FORCE)").await;
    })
    .await;
    fails(
        CHECK_ROWS,
        "audit_events: 500 in the dump, 499 restored",
        async |cluster| {
            cluster.in_copy(r#"DELETE FROM audit_events WHERE "Id" = 7"#).await;
        },
    )
    .await;
    fails(CHECK_KEY, "can’t be read any more", async |cluster| {
        std::fs::remove_file(cluster.site.folder.path().join("keys/2.key")).expect("removes");
    })
    .await;
    fails(COMPLETE, "", async |cluster| {
        on_server(cluster, "DROP DATABASE {} WITH (FORCE)").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_before_ampora_is_started() {
    fails(DELIVER, "secrets", async |cluster| {
        cluster.api.forbid_to("create", "secrets")
    })
    .await;
    fails(APPLY, "deployments", async |cluster| {
        cluster.api.forbid_to("patch", "deployments")
    })
    .await;
    fails(LEAD, "secrets", async |cluster| {
        cluster.api.forbid_to("create", "secrets")
    })
    .await;
    fails(CHECK_DATABASE, "has no certificate authority", async |cluster| {
        cluster.in_copy("DELETE FROM ca_signing_keys").await;
    })
    .await;
    fails(CHECK_DATABASE, "has no tenants", async |cluster| {
        cluster.in_copy("DELETE FROM tenants").await
    })
    .await;
    fails(CHECK_DATABASE, "image", async |cluster| {
        let mut object = cluster.api.object(DEPLOYMENT).expect("applied");
        object["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/ampora:newest".into();
        cluster.api.put(object);
    })
    .await;
    fails(CHECK_DATABASE, "migration", async |cluster| {
        cluster
            .in_copy(r#"INSERT INTO "__EFMigrationsHistory" VALUES ('20270101000000_Newer')"#)
            .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_moved_make_it_stale() {
    let cluster = NewCluster::new().await;
    let (word, reason) = broken_at(VERIFY, &cluster, async |cluster| {
        let path = cluster.site.dumps().join(DUMP);
        let bytes = std::fs::read(&path).expect("reads");
        std::fs::write(&path, [bytes, vec![0]].concat()).expect("writes");
    })
    .await;
    assert_eq!(word, "refused", "{reason}");
    let cluster = NewCluster::new().await;
    let (word, reason) = broken_at(APPLY, &cluster, async |cluster| {
        cluster.write("deployment.yaml", &deployment("registry.example/ampora:newest"));
    })
    .await;
    assert_eq!(word, "refused", "{reason}");
    assert!(
        reason.contains("renders to something else") && cluster.replicas().is_none(),
        "{reason}"
    );
    assert!(
        reason.contains("Ampora wasn’t started") && reason.contains(&cluster.database),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_the_delivered_one_any_more_needs_somebody() {
    for step in [READ_BACK, CHECK_SECRET] {
        let cluster = NewCluster::new().await;
        let (word, reason) = broken_at(step, &cluster, async |cluster| cluster.api.put(key_of(3))).await;
        assert_eq!(word, "needs human", "{step}: {reason}");
        assert!(reason.contains("another key"), "{step}: {reason}");
        assert!(matches!(cluster.replicas(), None | Some(0)), "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_pod_on_only_a_person_can_say_what_is_next() {
    for (step, says) in [
        (START_ONE, "0 of 1 pods are ready"),
        (CHECK_ENVELOPES, "it may have made one of its own"),
        (START, "0 of 2 pods are ready"),
    ] {
        let cluster = NewCluster::new().await;
        let (word, reason) = broken_at(step, &cluster, async |cluster| {
            if step == CHECK_ENVELOPES {
                let add = r#"INSERT INTO ca_signing_keys SELECT 9, "WrappedPrivateKey" FROM ca_signing_keys LIMIT 1"#;
                cluster.in_copy(add).await;
            } else {
                cluster.api.follow_deployments(false);
            }
        })
        .await;
        assert_eq!(word, "needs human", "{step}: {reason}");
        assert!(
            reason.contains(says) && reason.contains("may have written"),
            "{step}: {reason}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_says_what_it_made() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    cluster.reach(run, APPLY).await;
    let operator = cluster.site.person("b", domain::role::Role::Operator);
    recovery::runs::cancel(&cluster.site.services, &operator, run)
        .await
        .expect("asks");
    let done = cluster.worked(run).await;
    assert!(matches!(done.state, RunState::NeedsHuman { .. }), "{:?}", done.state);
    let (_, reason) = ended(&done);
    assert!(
        reason.contains(&cluster.database) && reason.contains("ampora-key"),
        "{reason}"
    );
}
