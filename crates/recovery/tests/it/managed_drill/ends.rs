//! Every way out of a drill deletes its instance: cancelled, killed at each step, and when AWS doesn't answer.

use domain::drill::{Choice, Verdict};
use recovery::drills::{self, DrillState};
use recovery::settings::SiteCheck;
use testkit::rds::Answer;
use tokio_util::sync::CancellationToken;

use super::world::{Rehearsed, code};
use crate::drills::world::operator;

fn is_made(site: &Rehearsed) -> bool {
    site.api.instances().len() > 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_drill_deletes_what_aws_still_makes() {
    let site = Rehearsed::agreed().await;
    site.api.makes(site.endpoint.clone(), 4);
    let id = site.queue(Choice::Latest).await;
    let worker = site.begin(id, CancellationToken::new());
    site.until(is_made).await;
    drills::cancel(&site.site.services, &operator(&site.site), id)
        .await
        .expect("cancels");
    worker.await.expect("ends");
    let stored = site.finish(id).await;
    assert_eq!((stored.state, stored.drill.verdict), (DrillState::Cancelled, None));
    assert!(stored.drill.instance.is_some_and(|made| made.gone_at.is_some()));
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muster_that_is_stopped_hurries_and_leaves_none() {
    let site = Rehearsed::agreed().await;
    site.api.makes(site.endpoint.clone(), 3);
    let stop = CancellationToken::new();
    let id = site.queue(Choice::Latest).await;
    let worker = site.begin(id, stop.clone());
    site.until(is_made).await;
    stop.cancel();
    worker.await.expect("ends");
    site.finish(id).await;
    site.swept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_while_aws_is_asked_is_found_by_name_and_tag() {
    let site = Rehearsed::agreed().await;
    site.api.change(|making| making.answer = Answer::Never);
    let id = site.queue(Choice::Latest).await;
    let worker = site.begin(id, CancellationToken::new());
    site.until(is_made).await;
    site.abandoned(id, worker).await;
    let stored = site.finish(id).await;
    assert_eq!(code(&stored.drill), "interrupted", "{:#?}", stored.drill);
    let made = stored.drill.instance.expect("it was written down before AWS was asked");
    assert_eq!(made.resource_id, None, "nobody heard what AWS made");
    site.swept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_while_it_is_made_is_deleted_once_aws_lets_it() {
    let site = Rehearsed::agreed().await;
    site.api.makes(site.endpoint.clone(), 5);
    let id = site.queue(Choice::Latest).await;
    let worker = site.begin(id, CancellationToken::new());
    site.until(|site| site.api.calls("DescribeDBInstances").len() > 4).await;
    site.abandoned(id, worker).await;
    // Looked for before anybody has closed the drill: it may be under way elsewhere.
    drills::sweep(&site.site.services).await;
    assert_eq!(site.api.calls("DeleteDBInstance").len(), 0);
    assert_eq!(code(&site.finish(id).await.drill), "interrupted");
    site.swept().await;
    let audited = site.site.audited().await;
    assert!(
        audited.contains(&("drill.remove-instance".into(), "ok".into())),
        "{audited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_during_the_checks_is_deleted_when_the_drill_is_closed() {
    let mut site = Rehearsed::agreed().await;
    site.site.configure(|settings| {
        settings.deployments[0].drills.checks.push(SiteCheck {
            name: "slow".into(),
            query: "SELECT pg_sleep(30)".into(),
            expect: String::new(),
        });
    });
    let id = site.queue(Choice::Latest).await;
    let worker = site.begin(id, CancellationToken::new());
    loop {
        let drill = site
            .site
            .services
            .store
            .drill(id)
            .await
            .expect("answers")
            .expect("is there")
            .drill;
        if drill.checks.iter().any(|check| check.name == "migrations") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    site.abandoned(id, worker).await;
    assert_eq!(code(&site.finish(id).await.drill), "interrupted");
    // No sweep was needed.
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_while_it_deletes_is_deleted_by_the_next() {
    let site = Rehearsed::agreed().await;
    site.api.refuses("DeleteDBInstance", "Throttling", "Rate exceeded");
    let id = site.queue(Choice::Latest).await;
    let worker = site.begin(id, CancellationToken::new());
    site.until(|site| !site.api.calls("DeleteDBInstance").is_empty()).await;
    site.abandoned(id, worker).await;
    site.api.refuses_nothing();
    let stored = site.finish(id).await;
    assert_eq!(stored.drill.verdict, Some(Verdict::EnvironmentBroken));
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_whose_answer_got_lost_is_known_again_by_its_tag() {
    let site = Rehearsed::agreed().await;
    site.api.change(|making| making.answer = Answer::Lost);
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    assert!(site.api.calls("RestoreDBInstanceToPointInTime").len() > 1);
    assert!(drill.instance.is_some_and(|made| made.resource_id.is_some()));
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_aws_does_not_let_muster_delete_is_said_and_deleted_later() {
    let site = Rehearsed::agreed().await;
    site.api.refuses(
        "DeleteDBInstance",
        "AccessDenied",
        "not authorized to perform: rds:DeleteDBInstance",
    );
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "instance-left"),
        "{drill:#?}"
    );
    let failure = drill.failure.expect("a reason");
    assert!(failure.remedy.expect("a remedy").contains("rds:DeleteDBInstance"));
    site.api.refuses_nothing();
    site.swept().await;
}
