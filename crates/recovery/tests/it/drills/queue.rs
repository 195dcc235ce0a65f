//! Who may start a drill, how many run at a time, what a cancelled one leaves, and when one begins by itself.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::drill::{Choice, Trigger};
use domain::role::{Actor, Role};
use recovery::drills::{self, DrillState};
use recovery::settings::Schedule;
use recovery::{Clock, Error};
use store::drills::DrillFilter;
use tokio_util::sync::CancellationToken;

use super::world::{World, operator};

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_starts_a_drill_and_a_viewer_does_not() {
    let world = World::with_backup().await;
    let viewer = world.site.person("vera", Role::Viewer);
    let refused = drills::start(&world.services, &viewer, "demo", Choice::Latest).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let id = drills::start(&world.services, &operator(&world.site), "demo", Choice::Latest)
        .await
        .expect("queues");
    drills::cancel(&world.services, &operator(&world.site), id)
        .await
        .expect("cancels");
    let stored = drills::run_here(&world.services, id, &CancellationToken::new())
        .await
        .expect("closes");
    assert_eq!((stored.state, stored.drill.verdict), (DrillState::Cancelled, None));
    assert!(stored.receipt.is_some(), "a cancelled drill has a receipt too");
    let audited = world.site.audited().await;
    for expected in [
        ("drill.start", "refused"),
        ("drill.start", "ok"),
        ("drill.cancel", "ok"),
        ("drill.run", "failed"),
    ] {
        let pair = (expected.0.to_owned(), expected.1.to_owned());
        assert!(audited.contains(&pair), "{expected:?} in {audited:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_drills_of_twenty_deployments_never_run_more_than_two_at_a_time() {
    let mut world = World::with_backup().await;
    world.change(|settings| {
        let one = settings.deployments[0].clone();
        settings.deployments = (0..20)
            .map(|n| recovery::settings::Deployment {
                name: format!("fleet-{n}"),
                ..one.clone()
            })
            .collect();
    });
    for number in 0..20 {
        let name = format!("fleet-{number}");
        drills::queue(
            &world.services,
            &Actor::job("shell"),
            &name,
            Choice::Latest,
            Trigger::Shell,
        )
        .await
        .expect("queues");
    }
    let stop = CancellationToken::new();
    let events = Arc::new(store::events::Events::listen(&world.services.store));
    // Two workers, as two processes would be.
    let workers: Vec<_> = (0..2)
        .map(|_| tokio::spawn(drills::work(world.services.clone(), Arc::clone(&events), stop.clone())))
        .collect();
    loop {
        assert!(world.services.store.drills_running().await.expect("answers") <= 2);
        let all = world
            .services
            .store
            .drills(&DrillFilter::default(), None, 50)
            .await
            .expect("answers");
        if all.iter().all(|drill| drill.state.is_over()) {
            assert_eq!(all.len(), 20);
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    for worker in workers {
        worker.await.expect("ends");
    }
    world.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_times_are_made_up_for_once() {
    let mut world = World::with_backup().await;
    world.change(|settings| {
        settings.deployments[0].drills.schedule = Some(Schedule {
            cron: "0 * * * *".into(),
            zone: chrono_tz::Europe::Berlin,
            choice: Choice::Random,
        });
    });
    let deployment = world.services.settings.deployments[0].clone();
    assert!(
        !drills::look(&world.services, &deployment).await.expect("looks"),
        "nothing was missed before it was written"
    );
    world.services.clock = Clock::new(|| Utc::now() + TimeDelta::hours(5));
    assert!(drills::look(&world.services, &deployment).await.expect("looks"));
    assert!(
        !drills::look(&world.services, &deployment).await.expect("looks"),
        "five times were missed, one is made up for"
    );
}
