//! What goes wrong, and whose fault it is: what AWS refuses, what comes out otherwise than asked for, and what the copy lacks.

use chrono::Duration;
use domain::drill::{CheckStatus, Choice, Drill, Verdict};
use domain::time::rfc3339;
use recovery::drills;
use sqlx::Executor as _;

use super::world::{Rehearsed, code, label};
use crate::drills::world::operator;

fn broken(drill: &Drill) -> Vec<&str> {
    let broken = drill.checks.iter().filter(|check| check.status == CheckStatus::Broken);
    broken.map(|check| check.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_refuses_is_blamed_on_what_it_names() {
    let site = Rehearsed::agreed().await;
    for (refusal, verdict, reason, remedy) in [
        (
            "InstanceQuotaExceeded",
            Verdict::EnvironmentBroken,
            "quota",
            "raise this quota",
        ),
        (
            "StorageQuotaExceeded",
            Verdict::EnvironmentBroken,
            "quota",
            "raise this quota",
        ),
        (
            "InsufficientDBInstanceCapacity",
            Verdict::EnvironmentBroken,
            "capacity",
            "another class",
        ),
        (
            "DBSubnetGroupNotFoundFault",
            Verdict::EnvironmentBroken,
            "subnet-group",
            "deployment.source.drill",
        ),
        (
            "AccessDenied",
            Verdict::EnvironmentBroken,
            "access-denied",
            "allow rds:RestoreDBInstanceToPointInTime",
        ),
        ("InvalidRestoreFault", Verdict::Failed, "restore-refused", ""),
    ] {
        site.api.refuses("RestoreDBInstanceToPointInTime", refusal, "not now");
        let drill = site.drill(Choice::Latest).await.drill;
        assert_eq!((drill.verdict, code(&drill)), (Some(verdict), reason), "{drill:#?}");
        let said = drill.failure.and_then(|failure| failure.remedy).unwrap_or_default();
        assert!(said.contains(remedy), "{remedy}: {said}");
    }
    assert!(site.api.calls("DeleteDBInstance").is_empty());
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_came_out_otherwise_is_deleted_and_not_looked_into() {
    let site = Rehearsed::agreed().await;
    site.api.is_careless();
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "came-out-otherwise"),
        "{drill:#?}"
    );
    assert!(drill.checks.is_empty(), "{drill:#?}");
    site.nothing_is_left();
    site.api.change(|making| {
        (making.careless, making.other_key) = (false, true);
    });
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "other-encryption"),
        "{drill:#?}"
    );
    assert_eq!(drill.kept_until, None, "an instance isn’t kept to be looked at");
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_aws_can_not_make_is_deleted() {
    let site = Rehearsed::agreed().await;
    for (status, verdict, reason) in [
        ("incompatible-restore", Verdict::Failed, "restore-failed"),
        ("storage-full", Verdict::EnvironmentBroken, "instance-not-made"),
    ] {
        site.api.change(|making| making.ends_as = Some(status.into()));
        let drill = site.drill(Choice::Latest).await.drill;
        assert_eq!((drill.verdict, code(&drill)), (Some(verdict), reason), "{drill:#?}");
        site.nothing_is_left();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_that_aws_can_not_restore_to_speaks_against_the_backups() {
    let site = Rehearsed::agreed().await;
    for at in [site.latest + Duration::hours(1), site.earliest - Duration::hours(1)] {
        let drill = site.drill(label(&rfc3339(at))).await.drill;
        assert_eq!(
            (drill.verdict, code(&drill)),
            (Some(Verdict::Failed), "outside-window"),
            "{drill:#?}"
        );
    }
    let without = Rehearsed::keeping(0).await;
    let drill = without.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "no-backup"),
        "{drill:#?}"
    );
    assert!(site.api.calls("RestoreDBInstanceToPointInTime").is_empty());
    // A snapshot's name is no moment.
    let drill = site.drill(label("before-upgrade")).await.drill;
    assert_eq!(code(&drill), "no-such-backup", "{drill:#?}");
    let why = drills::cannot_rehearse(&site.site.services.settings.deployments[0], "managed");
    assert!(why.is_some_and(|why| why.contains("to a moment")));
    let moment = label(&rfc3339(site.latest));
    let started = drills::start(&site.site.services, &operator(&site.site), "demo", moment).await;
    assert!(started.is_ok(), "{started:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_one_behind_is_found_by_the_key_alone() {
    let site = Rehearsed::agreed().await;
    std::fs::write(site.site.folder.path().join("keys/current"), "1\n").expect("writes");
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:key"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["key"]);
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_copy_lacks_is_found_by_its_own_check_alone() {
    for (sql, check) in [
        ("DELETE FROM ca_signing_keys", "authority"),
        (
            r#"DELETE FROM audit_events WHERE "Id" IN (SELECT "Id" FROM audit_events ORDER BY "Timestamp" DESC LIMIT 20)"#,
            "recovery",
        ),
    ] {
        let site = Rehearsed::agreed().await;
        site.run(sql).await;
        let drill = site.drill(Choice::Latest).await.drill;
        assert_eq!(drill.verdict, Some(Verdict::Failed), "{drill:#?}");
        assert_eq!(broken(&drill), [check], "{drill:#?}");
        site.nothing_is_left();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_later_moment_than_asked_for_is_no_success() {
    let site = Rehearsed::agreed().await;
    let mut conn = site.production.connect().await;
    conn.execute(r#"UPDATE heartbeats SET "BeatUtc" = clock_timestamp() + interval '1 h'"#)
        .await
        .expect("updates");
    let drill = site.drill(label(&rfc3339(site.latest))).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:recovery"),
        "{drill:#?}"
    );
    let words = drill.failure.expect("a reason").words;
    assert!(words.contains("recovery-went-too-far"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_lets_nobody_in_is_the_environments_fault() {
    let mut site = Rehearsed::agreed().await;
    site.site.configure(|settings| {
        let database = settings.deployments[0].database.as_mut().expect("a database");
        database.options = database.options.clone().username("nobody_knows");
    });
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "copy-unreachable"),
        "{drill:#?}"
    );
    site.nothing_is_left();
}
