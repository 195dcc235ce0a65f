//! A cluster set back to a point in time, for real: pgBackRest, a stanza with two repositories, hooks that stop and start the server.

mod afterwards;
mod behind;
mod costs;
mod elsewhere;
mod faults;
pub mod ground;
mod in_place;
mod in_place_faults;
mod kept_wal;
mod refusals;
mod sweep;
mod told;

use domain::approval::Decision;
use domain::role::Role;
use domain::run::RunState;
use testkit::installation::Installation;

use ground::Ground;

testkit::on_both!(the_cluster_goes_back_to_between_two_transactions);

async fn the_cluster_goes_back_to_between_two_transactions(on: Installation) {
    went_back(Ground::on(on).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_on_another_host_goes_back_over_ssh() {
    let ground = Ground::over_ssh().await;
    went_back(ground).await;
}

async fn went_back(ground: Ground) {
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    let paused = ground.worked(run).await;
    let RunState::Paused { seen, .. } = &paused.state else {
        panic!("{:?} {:?}", paused.state, paused.steps)
    };
    assert!(seen.contains("goes on as it was"), "{seen}");
    assert!(
        ground.events().await.contains(&lost),
        "the cluster itself goes on until somebody decides"
    );

    let own = ground.site.decide(&ground.a(), number, Decision::Promote).await;
    assert!(own.is_err(), "who asked doesn’t decide");
    let viewer = ground.site.person("v", Role::Viewer);
    assert!(ground.site.decide(&viewer, number, Decision::Promote).await.is_err());
    ground.decide(number, Decision::Promote).await;
    let done = ground.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );

    let report = recovery::runs::report(&ground.site.services, run).await.expect("reads");
    let (report, _) = report.expect("what was lost is kept with the run");
    let undone = report.lost.and_then(|lost| lost.audit_events);
    assert_eq!(
        undone,
        Some(domain::plan::Range::exactly(2)),
        "the second event, and the one that was never archived"
    );
    assert!(
        report.comparisons.iter().any(|one| one.what == "newest audit event"),
        "{:?}",
        report.comparisons
    );

    let apart = report
        .comparisons
        .iter()
        .find(|one| one.what == "rows of other tenants");
    let apart = apart.expect("whether tenants are kept apart is told in any case");
    assert_eq!(
        apart
            .detail
            .starts_with("not run, since the server’s socket can’t be reached from here"),
        ground.sshd.is_some(),
        "{apart:?}"
    );
    let events = ground.events().await;
    assert!(events.contains(&"first".to_owned()), "{events:?}");
    assert!(!events.contains(&lost), "{events:?}");
    let details = format!("{:?}", done.steps);
    assert!(details.contains("it writes timeline 2"), "{details}");
    assert!(details.contains("is a full backup of timeline 2"), "{details}");
    assert!(details.contains("WAL of timeline 2 arrives"), "{details}");
    assert_eq!(
        ground.fulls().await,
        2,
        "the one that was restored, and one of what came back"
    );
    assert!(
        details.contains("sorted here as where the indexes were built"),
        "{details}"
    );
    assert_eq!(ground.leftovers("data.muster-"), Vec::<String>::new());
    let kept = ground.leftovers("data.before-");
    assert_eq!(kept.len(), 1, "{kept:?}");
    // What the old cluster committed and never archived: crash recovery of its own directory brings it back.
    assert!(ground.events_in(&kept[0]).await.contains(&"never archived".to_owned()));
    let again = ground.site.decide(&ground.b(), number, Decision::Promote).await;
    assert!(again.is_err(), "a decision counts once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_state_has_everything_that_was_archived() {
    let ground = Ground::new().await;
    ground
        .sql("UPDATE pg_database SET datcollversion = 'of another libc' WHERE datname = current_database()")
        .await;
    let (_, last) = ground.between_two().await;
    let (number, run) = ground.approved("latest").await;
    let paused = ground.worked(run).await;
    assert!(
        matches!(paused.state, RunState::Paused { .. }),
        "{:?} {:?}",
        paused.state,
        paused.steps
    );
    ground.decide(number, Decision::Promote).await;
    let done = ground.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert!(ground.events().await.contains(&last));
    let told = format!("{:?}", done.steps);
    assert!(told.contains("REFRESH COLLATION VERSION"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_given_up_leaves_the_cluster_as_it_was() {
    let ground = Ground::new().await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.worked(run).await;
    assert_eq!(
        ground.leftovers("data.muster-").len(),
        2,
        "the copy and the link that keeps others away"
    );
    ground.decide(number, Decision::GiveUp).await;
    let done = ground.worked(run).await;
    assert!(
        matches!(done.state, RunState::Cancelled { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert!(ground.events().await.contains(&lost));
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());
}
