//! Pointing Ampora at a restored database: a real PostgreSQL on both sides, and a Kubernetes API whose Deployments have pods that come and go.

pub mod ground;
mod service;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::plan::{Pinned, Reach};
use domain::role::Role;
use domain::run::RunState;
use recovery::approvals;
use recovery::plans::Wish;
use recovery::plans::repoint::{FENCE, LEAD, START_ONE, STOP};
use serde_json::json;
use sqlx::{ConnectOptions as _, Executor as _};

use crate::runs::{abandon, worked};
use crate::secrets;
use ground::{Cluster, DEPLOYMENT, PASSWORD, deployment};

#[tokio::test(flavor = "multi_thread")]
async fn ampora_stops_its_old_database_closes_and_it_starts_on_the_other() {
    secrets::listen();
    let cluster = Cluster::new().await;
    let done = cluster.run().await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(cluster.replicas(), 2);
    assert!(
        !cluster.is_open(&cluster.site.live.name).await,
        "nobody writes to the old database"
    );
    let object = cluster.api.object(DEPLOYMENT).expect("there");
    let env = &object["spec"]["template"]["spec"]["containers"][0]["env"];
    let secret = format!("ampora-database-{}", cluster.copy.replace('_', "-"));
    assert_eq!(
        env[1]["valueFrom"]["secretKeyRef"],
        json!({ "name": secret, "key": "ConnectionStrings__Ampora" })
    );
    assert_eq!(env[0]["value"], "0", "what else it is given stays");
    let made = cluster
        .api
        .object(&format!("/api/v1/namespaces/ampora/secrets/{secret}"))
        .expect("made");
    let text = STANDARD
        .decode(made["data"]["ConnectionStrings__Ampora"].as_str().expect("a text"))
        .expect("base64");
    let text = String::from_utf8(text).expect("text");
    assert!(
        text.contains(&format!("Database={};", cluster.copy)) && text.contains(PASSWORD),
        "{text}"
    );
    let writes = cluster
        .api
        .requests()
        .into_iter()
        .filter(|request| request.method != "GET");
    let order: Vec<_> = writes
        .map(|request| {
            format!(
                "{} {}",
                request.method,
                request.path.rsplit('/').next().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        order,
        [
            "PUT ampora-web",
            "POST secrets",
            "PUT ampora-web",
            "PUT ampora-web",
            "PUT ampora-web"
        ],
        "to 0, the Secret, the connection, to 1, to 2"
    );
    secrets::words_are_kept_nowhere(&cluster.site, PASSWORD).await;
    cluster.reopen().await;
    assert!(
        cluster.refused(&cluster.wish()).await.contains("is pointed at"),
        "a second time it is there already"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_begin_twice() {
    let cluster = Cluster::new().await;
    let run = cluster.site.started(&cluster.wish()).await;
    let steps = cluster
        .site
        .services
        .store
        .run(run)
        .await
        .expect("reads")
        .expect("there")
        .steps
        .len();
    for left_at in 0..steps {
        abandon(&cluster.site, run, left_at).await;
    }
    let done = worked(&cluster.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(cluster.replicas(), 2);
    assert!(done.fence as usize > steps, "it was claimed anew each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_before_ampora_starts_says_how_to_put_all_back() {
    for (step, break_it) in [
        (
            STOP,
            (|cluster| cluster.api.forbid_to("update", "deployments")) as fn(&Cluster),
        ),
        (FENCE, |cluster| cluster.api.forbid_to("create", "secrets")),
        (LEAD, |cluster| cluster.api.forbid_to("create", "secrets")),
    ] {
        let cluster = Cluster::new().await;
        let run = cluster.site.started(&cluster.wish()).await;
        if step == FENCE {
            abandon(&cluster.site, run, 2).await;
        }
        break_it(&cluster);
        let seen = worked(&cluster.site, run).await;
        let RunState::Failed { reason, .. } = &seen.state else {
            panic!("{step}: {:?}", seen.state);
        };
        assert!(
            reason.contains("nothing was written") && reason.contains("--replicas=2"),
            "{reason}"
        );
        assert!(
            seen.steps
                .iter()
                .any(|(step, state)| step.name == START_ONE && state.word() == "waiting"),
            "{:?}",
            seen.steps
        );
        assert!(step == STOP || reason.contains("ALLOW_CONNECTIONS true"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ampora_that_does_not_get_ready_needs_somebody() {
    let cluster = Cluster::new().await;
    cluster.api.follow_deployments(false);
    let seen = cluster.run().await;
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?}", seen.state);
    };
    assert!(
        seen.contains("0 of 1 pods are ready") && seen.contains("may have written"),
        "{seen}"
    );
    assert!(
        !cluster.is_open(&cluster.site.live.name).await,
        "two databases are never written at once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_changed_since_it_was_approved_is_not_started_on() {
    let cluster = Cluster::new().await;
    let run = cluster.site.started(&cluster.wish()).await;
    abandon(&cluster.site, run, 3).await;
    let mut conn = cluster
        .site
        .live
        .options
        .clone()
        .database(&cluster.copy)
        .connect()
        .await
        .expect("connects");
    conn.execute("DELETE FROM tenants WHERE ctid = (SELECT min(ctid) FROM tenants)")
        .await
        .expect("deletes");
    let seen = worked(&cluster.site, run).await;
    let RunState::Failed { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state);
    };
    assert!(
        reason.contains("tenants") && reason.contains("was approved"),
        "{reason}"
    );
    assert_eq!(cluster.replicas(), 0, "Ampora stays stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_would_put_it_back_has_to_rest_first() {
    let cluster = Cluster::new().await;
    cluster.api.install_gitops();
    let labels = json!({ "labels": { "kustomize.toolkit.fluxcd.io/name": "fleet", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" } });
    cluster.api.put(deployment(&labels));
    let refused = cluster.refused(&cluster.wish()).await;
    assert!(
        refused.contains("Whether Flux Kustomization flux-system/fleet is suspended isn’t known"),
        "{refused}"
    );
    let keeper = |suspend: bool| {
        json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": { "name": "fleet", "namespace": "flux-system" }, "spec": { "suspend": suspend },
        })
    };
    cluster.api.put(keeper(false));
    let refused = cluster.refused(&cluster.wish()).await;
    assert!(
        refused.contains("flux suspend kustomization fleet -n flux-system"),
        "{refused}"
    );
    cluster.api.put(keeper(true));
    let person = cluster.site.person("a", Role::Operator);
    approvals::plan(&cluster.site.services, &person, &cluster.wish())
        .await
        .expect("planned");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_server_that_is_gone_takes_somebody_who_says_so() {
    let mut cluster = Cluster::new().await;
    assert!(
        cluster
            .refused(&cluster.wish_if(true))
            .await
            .contains("answers, so the old server isn’t gone")
    );
    let nowhere = cluster.site.live.options.clone().host("127.0.0.1").port(1);
    cluster.site.configure(|settings| {
        let restore = settings.deployments[0].restore.as_mut().expect("configured");
        restore.repoint.fence = Some(nowhere);
    });
    assert!(
        cluster
            .refused(&cluster.wish())
            .await
            .contains("If its server is gone for good, say so")
    );
    let run = cluster.site.started(&cluster.wish_if(true)).await;
    let number = cluster
        .site
        .services
        .store
        .run(run)
        .await
        .expect("reads")
        .expect("there")
        .number;
    let stored = cluster
        .site
        .services
        .store
        .request(number)
        .await
        .expect("reads")
        .expect("there");
    let Pinned::Repoint(plan) = &stored.plan.pinned else {
        panic!("another plan")
    };
    assert_eq!(plan.from.reach, Reach::Gone);
    let done = worked(&cluster.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_ampora_must_not_start_on_is_refused() {
    let cluster = Cluster::new().await;
    let mut conn = cluster
        .site
        .live
        .options
        .clone()
        .database(&cluster.copy)
        .connect()
        .await
        .expect("connects");
    conn.execute("DELETE FROM tenants; DELETE FROM ca_signing_keys")
        .await
        .expect("empties");
    let refused = cluster.refused(&cluster.wish()).await;
    assert!(
        refused.contains("has no tenants") && refused.contains("has no certificate authority"),
        "{refused}"
    );
    let missing = Wish::Repoint {
        deployment: "demo".into(),
        database: "nowhere".into(),
        old_is_gone: false,
    };
    assert!(cluster.refused(&missing).await.contains("There is no database nowhere"));
}
