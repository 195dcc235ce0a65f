//! Steps that people do elsewhere: the run waits, takes the word of who may give it, and believes nothing that it sees not to be so.

use domain::approval::Decision;
use domain::plan::Confirmer;
use domain::role::{Actor, Role};
use domain::run::{RunState, StepState};
use recovery::plans::full_disaster::{AGENTS, CHECKLIST, LEAD, NAME, START, TLS};
use recovery::{Error, runs};

use super::ground::{NewCluster, place_of};

async fn says(cluster: &NewCluster, who: &Actor, step: &str, note: &str) -> Result<(), Error> {
    runs::confirm(&cluster.site.services, who, 1, step, note).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_takes_a_role_a_note_and_the_step_that_waits() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    let seen = cluster.waits_at(run, TLS).await;
    assert!(
        seen.contains("[deployment.tls]") && seen.contains("an operator"),
        "{seen}"
    );
    let operator = cluster.site.person("a", Role::Operator);
    for role in [Role::Viewer, Role::Auditor, Role::Approver] {
        let refused = says(&cluster, &cluster.site.person("x", role), TLS, "done").await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role:?}: {refused:?}");
    }
    for note in ["", "  \n", &"x".repeat(2001)] {
        let refused = says(&cluster, &operator, TLS, note).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let early = says(&cluster, &operator, NAME, "done").await;
    assert!(matches!(early, Err(Error::Invalid(_))), "{early:?}");
    for step in ["apply-manifests", "nowhere"] {
        let refused = says(&cluster, &operator, step, "done").await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{step}: {refused:?}");
    }
    let viewer = cluster.site.person("v", Role::Viewer);
    let services = &cluster.site.services;
    for (number, step) in [(1, "nowhere"), (7, TLS)] {
        let refused = runs::confirm(services, &viewer, number, step, "done").await;
        assert!(
            matches!(refused, Err(Error::Forbidden(_))),
            "who may confirm nothing isn’t told what there is: {refused:?}"
        );
        let missing = runs::confirm(services, &operator, number, step, "done").await;
        assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");
    }
    let nowhere = domain::ids::RunId(uuid::Uuid::nil());
    let refused = runs::cancel(services, &viewer, nowhere).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let promoted = cluster
        .site
        .decide(&cluster.site.person("b", Role::Operator), 1, Decision::Promote)
        .await;
    assert!(
        matches!(promoted, Err(Error::Invalid(_))),
        "no login decides this: {promoted:?}"
    );
    assert!(matches!(cluster.seen(run).await.state, RunState::Paused { .. }));
    says(&cluster, &operator, TLS, "issued by the corporate CA, ticket 12")
        .await
        .expect("may");
    let twice = says(&cluster, &operator, TLS, "again").await;
    assert!(matches!(twice, Err(Error::Invalid(_))), "{twice:?}");
    let audited = cluster.site.audited().await;
    let outcomes = audited.iter().filter(|(action, _)| action == "run.confirm");
    let outcomes: Vec<_> = outcomes.map(|(_, outcome)| outcome.as_str()).collect();
    assert_eq!(outcomes, ["refused", "refused", "refused", "refused", "refused", "ok"]);
    assert_eq!(audited.iter().filter(|(action, _)| action == "run.pause").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_stay_out_until_each_line_is_settled_whatever_is_confirmed() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    let seen = cluster.waits_at(run, CHECKLIST).await;
    assert!(seen.contains("neither done nor waived"), "{seen}");
    assert_eq!(cluster.replicas(), Some(1), "one pod, and no agent");
    let asker = cluster.site.person("a", Role::Approver);
    let own = says(&cluster, &asker, CHECKLIST, "fine").await;
    assert!(
        matches!(own, Err(Error::Refused(_))),
        "who asked for it doesn’t waive it: {own:?}"
    );
    let approver = cluster.site.person("c", Role::Approver);
    says(&cluster, &approver, CHECKLIST, "fine").await.expect("may");
    let still = |run: &store::runs::Run| run.state.reason().is_some_and(|seen| seen.contains("and it isn’t"));
    let seen = cluster.works_until(run, false, still).await;
    assert!(matches!(seen.state, RunState::Paused { .. }), "{:?}", seen.state);
    assert!(matches!(seen.steps[place_of(&seen, START)].1, StepState::Waiting));
    let done = cluster.worked(run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{:?}", done.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_string_that_nobody_brought_is_waited_for() {
    let cluster = NewCluster::new().await;
    cluster.api.remove("secrets", Some("ampora"), "ampora-database");
    let run = cluster.started().await;
    let seen = cluster.waits_at(run, LEAD).await;
    assert!(
        seen.contains("Secret ampora-database, key ConnectionStrings__Ampora") && seen.contains("Bring it along"),
        "{seen}"
    );
    assert_eq!(cluster.replicas(), Some(0));
    cluster.api.put(cluster.connection());
    let done = cluster.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_that_nobody_has_heard_of_stay_unknown_in_the_record() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    let done = cluster.worked(run).await;
    let (step, state) = &done.steps[place_of(&done, AGENTS)];
    assert_eq!(step.manual, Some(Confirmer::Operator));
    let StepState::Done { detail, .. } = state else {
        panic!("{state:?}")
    };
    assert!(
        detail.starts_with("not verified: none of the 5 agents has reported yet"),
        "{detail}"
    );
}
