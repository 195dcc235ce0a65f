//! Drills of real backups of a real cluster: one passes, and each fault makes it fail for its own reason and no other.

mod agents;
mod faults;
mod heartbeat;
mod overlay;
mod queue;
mod receipts;
pub mod world;

use domain::drill::{CheckStatus, Choice, IsolationKind, Verdict};

use testkit::installation::Installation;
use world::{World, label};

testkit::on_both!(
    the_latest_backup_passes_with_all_wal_behind_it_and_leaves_nothing,
    an_older_backup_passes_by_its_label_and_measures_no_loss,
    a_dump_passes_and_the_sites_own_questions_are_asked,
);

async fn the_latest_backup_passes_with_all_wal_behind_it_and_leaves_nothing(on: Installation) {
    let world = World::on(on).await;
    let before = [1, 2].map(|repo| world.stanza.files(repo));
    let stored = world.drill(Choice::Latest).await;
    let drill = &stored.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    assert_eq!(drill.isolation.kind, IsolationKind::Namespaces, "{:?}", drill.isolation);
    assert!(
        drill.figures.rto_seconds.is_some() && drill.figures.rpo_seconds.is_some(),
        "{:?}",
        drill.figures
    );
    assert_eq!(drill.key_version.as_deref(), Some("2"));
    let not_run: Vec<_> = drill
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::NotRun)
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(not_run, ["image", "tls", "agents", "rollout"]);
    let after = [1, 2].map(|repo| world.stanza.files(repo));
    assert_eq!(
        after, before,
        "the archive gains no segment, no timeline and nothing else"
    );
    assert_eq!(world.slots().await, 0, "nor production a slot");
    world.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_backup_of_an_older_version_passes_beside_them() {
    let world = World::on(Installation::of(16)).await;
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    assert!(
        drill.figures.versions["postgresql"].starts_with("16."),
        "{:?}",
        drill.figures.versions
    );
}

async fn an_older_backup_passes_by_its_label_and_measures_no_loss(on: Installation) {
    let world = World::on(on).await;
    let first = world.first_backup.clone();
    world.stanza.run("INSERT INTO tenants VALUES (9, 'later')").await;
    world.seen().await;
    world.stanza.backup(1, testkit::pgbackrest::Copies::Everything).await;
    let stored = world.drill(label(&first)).await;
    assert_eq!(stored.drill.verdict, Some(Verdict::Passed), "{:#?}", stored.drill);
    assert_eq!(stored.drill.figures.rpo_seconds, None);
    assert!(
        stored.drill.figures.rpo_detail.contains("on purpose"),
        "{}",
        stored.drill.figures.rpo_detail
    );
}

async fn a_dump_passes_and_the_sites_own_questions_are_asked(on: Installation) {
    let mut world = World::on(on).await;
    world.dump("ampora.dump").await;
    world.ask("three tenants", "SELECT count(*) FROM tenants", "3");
    world.ask("four tenants", "SELECT count(*) FROM tenants", "4");
    let drill = world.drill(label("ampora.dump")).await.drill;
    assert_eq!(world::broken(&drill), ["site: four tenants"], "{drill:#?}");
    let fine = drill.checks.iter().find(|check| check.name == "site: three tenants");
    assert_eq!(fine.map(|check| check.status), Some(CheckStatus::Ok));
}
