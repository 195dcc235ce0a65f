//! A restore on another host that is to end: its process group over there ends with it, and only where nobody can tell has a person to look.

use domain::run::{RunState, StepState};
use recovery::runs;

use super::behind::Behind;
use super::ground::Ground;

const RESTORE: usize = 2;

async fn over_ssh(behind: &Behind) -> Ground {
    Ground::with(Some(testkit::sshd::Sshd::start()), |host| behind.called(host)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_over_ssh_that_is_cancelled_half_way_is_ended_over_there() {
    let behind = Behind::halfway();
    let ground = over_ssh(&behind).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let cancel = async {
        behind.reached("half").await;
        assert_eq!(
            ground.leftovers("data.muster-tool").len(),
            1,
            "the record of whose it is"
        );
        runs::cancel(&ground.site.services, &ground.b(), run)
            .await
            .expect("asks");
    };
    let (seen, ()) = tokio::join!(ground.worked(run), cancel);
    assert!(
        matches!(seen.state, RunState::Cancelled { .. }),
        "{:?} {:?}",
        seen.state,
        seen.steps
    );
    let StepState::Failed { detail, .. } = &seen.steps[RESTORE].1 else {
        panic!("{:?}", seen.steps)
    };
    for expected in ["was ended with all its processes", "was not touched"] {
        assert!(detail.contains(expected), "{expected}: {detail}");
    }
    assert!(!behind.goes_on() && !behind.were_there_two());
    assert!(ground.events().await.contains(&lost));
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_doesn_t_answer_a_cancel_needs_a_person() {
    let behind = Behind::halfway();
    let mut ground = over_ssh(&behind).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let sshd = ground.sshd.take();
    let cancel = async {
        behind.reached("half").await;
        drop(sshd);
        runs::cancel(&ground.site.services, &ground.b(), run)
            .await
            .expect("asks");
    };
    let (seen, ()) = tokio::join!(ground.worked(run), cancel);
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    for expected in [
        "may still be running there",
        "was not touched",
        "end what is left there",
    ] {
        assert!(seen.contains(expected), "{expected}: {seen}");
    }
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_takes_over_ends_what_the_one_before_left_over_there() {
    let behind = Behind::slow_at_first(300);
    let ground = over_ssh(&behind).await;
    let (target, _) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    tokio::select! {
        seen = ground.worked_until(run, |_| false, false) => panic!("{:?}", seen.state),
        () = behind.reached("half") => {}
    }
    assert!(behind.goes_on(), "nobody told it that its worker died");
    ground.let_the_lease_run_out(run).await;
    let seen = ground.worked(run).await;
    assert!(
        matches!(seen.state, RunState::Paused { .. }),
        "{:?} {:?}",
        seen.state,
        seen.steps
    );
    assert!(!behind.were_there_two(), "never two restores");
}
