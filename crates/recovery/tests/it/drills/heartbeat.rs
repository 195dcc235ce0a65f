//! What a drill measures by the heartbeat that Muster writes itself, and when it holds its breath.

use std::time::Duration;

use adapters::ampora::Heartbeat;
use domain::drill::{Choice, Verdict};
use recovery::heartbeat::{Beat, beat};
use recovery::settings;
use testkit::docs::example;

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_lost_is_measured_by_it() {
    let mut world = World::with_backup().await;
    for statement in example("ampora-schema.md", "sql heartbeat").split_inclusive(";\n") {
        world.stanza.run(statement).await;
    }
    let options = world.stanza.options().options([("role", "muster_heartbeat")]);
    let heartbeat = settings::Heartbeat {
        writer: Heartbeat::new(options),
        every: Duration::from_secs(60),
    };
    world.change(|settings| {
        let database = settings.deployments[0].database.as_mut().expect("a database");
        database.schema.heartbeat = Some(Heartbeat::column());
    });
    let first = beat(&world.services, "demo", &heartbeat).await.expect("writes");
    world.settled().await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    // Never archived, so a restore would lose it.
    let last = beat(&world.services, "demo", &heartbeat).await.expect("writes");
    let (Beat::At(first), Beat::At(last)) = (first, last) else {
        panic!("{first:?} {last:?}")
    };
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    let lost = u32::try_from((last - first).num_seconds()).expect("some seconds");
    assert!(lost >= 2);
    assert_eq!(drill.figures.rpo_seconds, Some(lost), "{}", drill.figures.rpo_detail);
    assert!(
        !drill.figures.rpo_detail.contains("at most"),
        "{}",
        drill.figures.rpo_detail
    );

    world.site.started(&world.site.restore_wish("ampora_copy")).await;
    let held = beat(&world.services, "demo", &heartbeat).await.expect("can be asked");
    assert_eq!(held, Beat::Held, "a restore is under way");
}
