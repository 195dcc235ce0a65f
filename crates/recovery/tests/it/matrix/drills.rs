//! Faults that drills show, and that only a drill that passes heals: real backups of a real cluster, restored in a real sandbox.

use chrono::{TimeDelta, Utc};
use domain::drill::{Choice, Verdict};
use domain::finding::Found;
use domain::rules::Looks;
use recovery::Clock;
use testkit::terminal::Terminal;

use super::patient::{commands, follow, judged, only};
use crate::drills::world::World;

const LOOKS: [Looks; 4] = [Looks::Database, Looks::Traces, Looks::Keys, Looks::Backups];

/// What one collection finds, drills included.
async fn told(world: &World) -> Vec<(&'static str, Found)> {
    let judged = judged(&world.services, &LOOKS).await;
    judged
        .into_iter()
        .filter_map(|(rule, says)| Some((rule.code, says.ok()??)))
        .collect()
}

fn codes(told: &[(&'static str, Found)]) -> Vec<&'static str> {
    told.iter().map(|(code, _)| *code).collect()
}

/// What `muster drill run` does; the command itself is typed in the tests of the binary.
async fn passes(world: &World) {
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    assert_eq!(
        codes(&told(world).await),
        Vec::<&str>::new(),
        "after a drill that passed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_that_were_never_restored_are_told_until_a_drill_passes() {
    let world = World::with_backup().await;
    let found = told(&world).await;
    assert_eq!(codes(&found), ["drill-never-run"]);
    let found = only("drill-never-run", found);
    assert_eq!(commands(&found), ["muster drill run --deployment 'demo'"]);
    passes(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_failed_is_told_until_one_passes() {
    let world = World::with_backup().await;
    passes(&world).await;
    let (_, lost) = world.stanza.write_and_archive().await;
    world.stanza.write_and_archive().await;
    world.stanza.lose_wal(1, &lost);
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Failed), "{drill:#?}");
    let found = only("drill-failed", told(&world).await);
    let commands = commands(&found);
    let (run, backup) = commands.split_last().expect("two commands");
    assert_eq!(*run, "muster drill run --deployment 'demo'");
    follow(&Terminal::beside(&world.stanza.options()), backup).await;
    world.settled().await;
    passes(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_lacks_its_server_is_told_until_a_drill_passes() {
    let mut world = World::with_backup().await;
    passes(&world).await;
    let here = adapters::postgres::Binaries::find(None).expect("PostgreSQL");
    let programs = |world: &mut World, dir: std::path::PathBuf| {
        world.change(|settings| {
            let sandbox = settings.deployments[0].drills.sandbox.as_mut().expect("a sandbox");
            sandbox.bin_dir.insert(here.major, dir);
        });
    };
    programs(&mut world, "/nowhere".into());
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::EnvironmentBroken), "{drill:#?}");
    let found = only("drill-environment", told(&world).await);
    assert!(found.recovery().contains("nstall postgresql-"), "{}", found.recovery());
    programs(&mut world, here.dir.clone());
    passes(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_is_overdue_is_told_until_one_passes() {
    let mut world = World::with_backup().await;
    world.change(|settings| settings.deployments[0].promises.drill_every = Some(TimeDelta::hours(1)));
    let earlier = Utc::now() - TimeDelta::hours(2);
    let clock = std::mem::replace(&mut world.services.clock, Clock::new(move || earlier));
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    world.services.clock = clock;
    let found = only("drill-overdue", told(&world).await);
    assert_eq!(commands(&found), ["muster drill run --deployment 'demo'"]);
    passes(&world).await;
}
