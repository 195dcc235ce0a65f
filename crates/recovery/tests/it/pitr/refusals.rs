//! What can't be planned, and in which words.

use adapters::database_host::DatabaseHost;
use recovery::Error;
use recovery::approvals;
use recovery::plans::Wish;
use recovery::settings::RestoreHost;
use testkit::installation::{Installation, NEWEST};
use testkit::pgbackrest::{Copies, Stanza};

use super::ground::Ground;

type Adjust = fn(RestoreHost) -> RestoreHost;

async fn refused(ground: &Ground, wish: &Wish) -> String {
    match approvals::plan(&ground.site.services, &ground.a(), wish).await {
        Err(Error::Invalid(reasons)) => reasons.join("\n"),
        Err(other) => panic!("{other}"),
        Ok(plan) => panic!("it was planned: {}", plan.pinned.title()),
    }
}

testkit::on_both!(
    a_time_in_a_gap_is_refused_with_the_nearest_on_both_sides,
    the_latest_state_over_a_hole_is_refused,
);

async fn a_time_in_a_gap_is_refused_with_the_nearest_on_both_sides(on: Installation) {
    let ground = Ground::on(on).await;
    ground.event("first").await;
    ground.stanza.write_and_archive().await;
    let (_, lost) = ground.stanza.write_and_archive().await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let inside = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    ground.stanza.write_and_archive().await;
    ground.stanza.backup(1, Copies::Everything).await;
    ground.stanza.write_and_archive().await;
    ground.stanza.lose_wal(1, &lost);
    let words = refused(&ground, &ground.wish(&inside)).await;
    assert!(words.contains("lies in a gap"), "{words}");
    assert!(words.contains(&lost), "{words}");
    assert!(
        words.contains("The nearest before it is") && words.contains("the nearest after it"),
        "{words}"
    );
}

async fn the_latest_state_over_a_hole_is_refused(on: Installation) {
    let ground = Ground::on(on).await;
    ground.stanza.write_and_archive().await;
    let (_, lost) = ground.stanza.write_and_archive().await;
    ground.stanza.write_and_archive().await;
    ground.stanza.lose_wal(1, &lost);
    let words = refused(&ground, &ground.wish("latest")).await;
    assert!(words.contains(&lost) && words.contains("can’t be reached"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clusters_directory_is_refused() {
    let other = Stanza::start().await;
    let data = other.cluster().data_dir().display().to_string();
    let foreign = |host: RestoreHost| RestoreHost { pgdata: data, ..host };
    let ground = Ground::with(None, foreign).await;
    let (target, _) = ground.between_two().await;
    let words = refused(&ground, &ground.wish(&target)).await;
    assert!(
        words.contains("another cluster’s directory is never replaced"),
        "{words}"
    );
    assert!(
        words.contains("The database that is configured runs in the cluster"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_databases_have_to_be_named() {
    let ground = Ground::new().await;
    let (target, _) = ground.between_two().await;
    ground.sql("CREATE DATABASE shop").await;
    let words = refused(&ground, &ground.wish(&target)).await;
    assert!(words.contains("shop with it"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_hooks_tools_or_an_answer_is_refused_in_words() {
    let without_hooks = |host: RestoreHost| RestoreHost { stop: None, ..host };
    let without_tool = |host: RestoreHost| RestoreHost {
        tool: vec!["/nowhere/pgbackrest".into(), "--config=/nowhere".into()],
        ..host
    };
    let without_config = |host: RestoreHost| RestoreHost {
        tool: vec!["pgbackrest".into()],
        ..host
    };
    let unreachable = |host: RestoreHost| RestoreHost {
        host: DatabaseHost::over_ssh(vec!["ssh".into(), "-p".into(), "1".into()], "127.0.0.1".into(), None),
        ..host
    };
    let table: [(Adjust, &str); 4] = [
        (without_hooks, "The server is running, and there is no command"),
        (without_tool, "/nowhere/pgbackrest was not found"),
        (without_config, "has to name its configuration"),
        (unreachable, "can’t be looked at"),
    ];
    for (adjust, expected) in table {
        let ground = Ground::with(None, adjust).await;
        let (target, _) = ground.between_two().await;
        let words = refused(&ground, &ground.wish(&target)).await;
        assert!(words.contains(expected), "{expected}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_an_older_postgresql_are_refused() {
    let older = Installation::packaged().binaries.dir.display().to_string();
    let named = |host: RestoreHost| RestoreHost {
        bin_dir: Some(older),
        ..host
    };
    let ground = Ground::on_with(Installation::of(NEWEST), named).await;
    let (target, lost) = ground.between_two().await;
    let words = refused(&ground, &ground.wish(&target)).await;
    for expected in [
        "(PostgreSQL) 15.",
        "the cluster is of PostgreSQL 18",
        "install postgresql-18",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_standbys_and_other_runs_are_refused() {
    let ground = Ground::new().await;
    let (target, _) = ground.between_two().await;
    std::fs::write(ground.stanza.cluster().data_dir().join("patroni.dynamic.json"), "{}").expect("root writes");
    ground.sql("SELECT pg_create_physical_replication_slot('db2')").await;
    std::os::unix::fs::symlink("another", ground.folder().join("data.muster-lock")).expect("root makes links");
    let words = refused(&ground, &ground.wish(&target)).await;
    for expected in [
        "looked after by Patroni",
        "the replication slot db2 follows",
        "held by run another",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
}
