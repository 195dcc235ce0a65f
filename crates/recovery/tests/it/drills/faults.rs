//! One fault each, and nothing but that fault in the verdict.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};

use domain::drill::{Blame, Choice, Verdict};
use sqlx::ConnectOptions as _;
use testkit::installation::Installation;
use testkit::pgbackrest::Copies;

use super::world::{World, broken, code, label};

async fn value(world: &World, query: &'static str) -> String {
    let mut conn = world.stanza.options().connect().await.expect("connects");
    sqlx::query_scalar(query).fetch_one(&mut conn).await.expect("answers")
}

testkit::on_both!(
    a_wrong_key_is_found_by_the_key_alone,
    a_lost_row_of_the_authority_is_found_by_the_authority_alone,
    a_rewound_audit_log_is_found_by_the_log_alone,
    a_table_that_is_corrupt_on_disk_is_found_by_reading_it,
    a_lost_segment_is_named_before_anything_is_started,
    a_truncated_dump_fails_as_a_dump,
    a_missing_extension_is_the_sandboxs_fault_and_comes_with_its_remedy,
);

async fn a_wrong_key_is_found_by_the_key_alone(on: Installation) {
    let world = World::on(on).await;
    world.wrong_key();
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:key"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["key"]);
}

async fn a_lost_row_of_the_authority_is_found_by_the_authority_alone(on: Installation) {
    let world = World::on(on).await;
    world.stanza.run("DELETE FROM ca_signing_keys").await;
    world.stanza.write_and_archive().await;
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:authority"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["authority"]);
}

async fn a_rewound_audit_log_is_found_by_the_log_alone(on: Installation) {
    let world = World::on(on).await;
    world.stanza.run(r#"DELETE FROM audit_events WHERE "Id" IN (SELECT "Id" FROM audit_events ORDER BY "Timestamp" DESC LIMIT 20)"#).await;
    world.stanza.write_and_archive().await;
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:audit"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["audit"]);
}

async fn a_table_that_is_corrupt_on_disk_is_found_by_reading_it(on: Installation) {
    let world = World::on(on).await;
    let path = value(&world, "SELECT pg_relation_filepath('configuration_versions')").await;
    world.stanza.run("CHECKPOINT").await;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(world.stanza.data_dir().join(path))
        .expect("a relation");
    file.seek(SeekFrom::Start(5000)).expect("seeks");
    file.write_all(b"a bit flipped, and some more").expect("writes");
    drop(file);
    let set = world.stanza.backup(1, Copies::Everything).await;
    let drill = world.drill(label(&set)).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:tables"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["tables"]);
    assert!(
        drill
            .failure
            .expect("a reason")
            .words
            .contains("configuration_versions")
    );
}

async fn a_lost_segment_is_named_before_anything_is_started(on: Installation) {
    let world = World::on(on).await;
    let (_, lost) = world.stanza.write_and_archive().await;
    world.stanza.write_and_archive().await;
    world.stanza.lose_wal(1, &lost);
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "wal-gap"),
        "{drill:#?}"
    );
    assert!(drill.failure.expect("a reason").words.contains(&lost));
    assert!(drill.checks.is_empty(), "nothing is green behind a hole");
    let before = world.drill(Choice::LatestRestorableTime).await.drill;
    assert_eq!(
        before.verdict,
        Some(Verdict::Passed),
        "it ends before the hole: {before:#?}"
    );
    assert!(before.figures.rpo_seconds.is_some(), "{:?}", before.figures);
}

async fn a_truncated_dump_fails_as_a_dump(on: Installation) {
    let world = World::on(on).await;
    world.dump("ampora-2.dump").await;
    let path = world.site.dumps().join("ampora-2.dump");
    let length = fs::metadata(&path).expect("a dump").len();
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("opens")
        .set_len(length - 400)
        .expect("cuts");
    let drill = world.drill(label("ampora-2.dump")).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "dump-broken"),
        "{drill:#?}"
    );
    assert!(broken(&drill).is_empty());
}

async fn a_missing_extension_is_the_sandboxs_fault_and_comes_with_its_remedy(on: Installation) {
    let world = World::on(on).await;
    world
        .stanza
        .run(
            "INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
              VALUES (90001, 'postgis', 10, 2200, false, '3.3')",
        )
        .await;
    world.dump("spatial.dump").await;
    world.stanza.write_and_archive().await;
    for choice in [label("spatial.dump"), Choice::Latest] {
        let drill = world.drill(choice).await.drill;
        assert_eq!(drill.verdict, Some(Verdict::EnvironmentBroken), "{drill:#?}");
        let failure = drill.failure.expect("a reason");
        assert_eq!(failure.blame, Blame::Environment);
        assert!(
            failure.words.contains("postgis") && failure.remedy.is_some(),
            "{failure:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_grows_beyond_its_limit_is_ended_and_removed() {
    let mut world = World::with_backup().await;
    world.dump("growing.dump").await;
    world.change(|settings| {
        let deployment = &mut settings.deployments[0];
        let sandbox = deployment.drills.sandbox.as_mut().expect("a sandbox");
        // More than is asked for before it begins, and less than the question writes beside what was restored.
        sandbox.disk_limit = Some(380 << 20);
        deployment.drills.checks.push(recovery::settings::SiteCheck {
            name: "greedy".into(),
            query: "WITH much AS MATERIALIZED (SELECT repeat(md5(n::text), 30) FROM generate_series(1, 380000) n)
                    SELECT count(*)::text || pg_sleep(30)::text FROM much"
                .into(),
            expect: "1".into(),
        });
    });
    let drill = world.drill(label("growing.dump")).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "disk-limit"),
        "{drill:#?}"
    );
    world.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_installed_is_named_with_its_package() {
    let mut world = World::with_backup().await;
    world.change(|settings| {
        let sandbox = settings.deployments[0].drills.sandbox.as_mut().expect("a sandbox");
        let here = adapters::postgres::Binaries::find(None).expect("PostgreSQL").major;
        sandbox.bin_dir.insert(here, "/nowhere".into());
    });
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "missing-version"),
        "{drill:#?}"
    );
    assert!(
        drill
            .failure
            .and_then(|failure| failure.remedy)
            .is_some_and(|remedy| remedy.contains("install postgresql-"))
    );
}
