//! Drills of a managed database: against an RDS of our own, which takes its time, refuses what AWS documents that it refuses and deletes, with a
//! real PostgreSQL behind each new address. Whatever happens, no instance is left, and nobody else's is touched.

mod ends;
mod faults;
mod strangers;
pub mod world;

use domain::drill::{CheckStatus, Choice, IsolationKind, PhaseName, Verdict};
use domain::time::rfc3339;
use recovery::drills::{public_keys, verify};
use recovery::settings::{ManagedCopy, SiteCheck};
use testkit::moto::Moto;

use world::{Rehearsed, code, label};

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_state_is_restored_looked_through_and_deleted() {
    let site = Rehearsed::agreed().await;
    let stored = site.drill(Choice::Latest).await;
    let drill = &stored.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    let phases: Vec<_> = drill.phases.iter().map(|phase| phase.name).collect();
    assert_eq!(
        phases,
        [
            PhaseName::Choose,
            PhaseName::Prepare,
            PhaseName::Create,
            PhaseName::Available,
            PhaseName::Connect,
            PhaseName::Check,
            PhaseName::TearDown
        ]
    );
    let not_run = drill.checks.iter().filter(|check| check.status == CheckStatus::NotRun);
    let not_run: Vec<_> = not_run.map(|check| check.name.as_str()).collect();
    assert_eq!(not_run, ["image", "tls", "agents", "rollout"]);
    assert_eq!(drill.isolation.kind, IsolationKind::Elsewhere);
    let figures = &drill.figures;
    assert!(
        figures.rto_seconds.is_some() && figures.rpo_seconds.is_some(),
        "{figures:?}"
    );
    assert!(figures.rows.is_some_and(|rows| rows.0 > 500), "{figures:?}");
    assert_eq!(drill.key_version.as_deref(), Some("2"));
    site.nothing_is_left();
    let audited = site.site.audited().await;
    assert!(
        audited.contains(&("drill.make-instance".into(), "ok".into())),
        "{audited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_is_asked_for_leaves_nothing_to_its_defaults() {
    let site = Rehearsed::agreed().await;
    let drill = site.drill(Choice::LatestRestorableTime).await.drill;
    let name = format!("muster-drill-{}", drill.id.0.simple());
    let made = site.api.calls("RestoreDBInstanceToPointInTime");
    let [made] = &made[..] else { panic!("{made:?}") };
    for (parameter, value) in [
        ("SourceDBInstanceIdentifier", "ampora"),
        ("TargetDBInstanceIdentifier", name.as_str()),
        ("UseLatestRestorableTime", "true"),
        ("DBInstanceClass", "db.m6g.large"),
        ("DBSubnetGroupName", "private"),
        ("DBParameterGroupName", "ampora-16"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-1"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.2", "sg-2"),
        ("MultiAZ", "false"),
        ("PubliclyAccessible", "false"),
        ("DeletionProtection", "false"),
        ("Tags.Tag.1.Key", "muster-drill"),
        ("Tags.Tag.1.Value", &drill.id.to_string()),
        ("Tags.Tag.2.Key", "muster-deployment"),
        ("Tags.Tag.2.Value", "demo"),
    ] {
        assert_eq!(made.get(parameter).map(String::as_str), Some(value), "{parameter}");
    }
    let deleted = site.api.calls("DeleteDBInstance");
    let [deleted] = &deleted[..] else { panic!("{deleted:?}") };
    for (parameter, value) in [
        ("DBInstanceIdentifier", name.as_str()),
        ("SkipFinalSnapshot", "true"),
        ("DeleteAutomatedBackups", "true"),
    ] {
        assert_eq!(deleted.get(parameter).map(String::as_str), Some(value), "{parameter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_names_the_instance_and_the_moment() {
    let site = Rehearsed::agreed().await;
    let stored = site.drill(label(&rfc3339(site.latest))).await;
    assert_eq!(stored.drill.verdict, Some(Verdict::Passed), "{:#?}", stored.drill);
    let made = stored.drill.instance.clone().expect("it is written down");
    assert!(made.gone_at.is_some(), "{made:?}");
    assert_eq!(made.restored_to, Some(site.latest));
    let key = site.site.folder.path().join("receipt.pem.pub");
    let receipt = stored.receipt.expect("one for each verdict");
    let (payload, _) = verify(receipt.as_bytes(), &public_keys(&key).expect("a key")).expect("holds");
    let statement: serde_json::Value = serde_json::from_slice(&payload).expect("a statement");
    let subject = statement.pointer("/subject/0/name").and_then(serde_json::Value::as_str);
    let subject = subject.expect("a subject");
    let resource = made.resource_id.expect("AWS told it");
    for words in [
        format!("arn:aws:rds:us-east-1:123456789012:db:{}", made.name),
        resource,
        "of ampora as of".into(),
        rfc3339(site.latest),
    ] {
        assert!(subject.contains(&words), "{words}: {subject}");
    }
    // Only one of the latest state measures the loss.
    assert_eq!(stored.drill.figures.rpo_seconds, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn chance_takes_a_moment_of_the_window() {
    let site = Rehearsed::agreed().await;
    let drill = site.drill(Choice::Random).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    let made = drill.instance.expect("it is written down");
    let at = made.restored_to.expect("a moment of its own");
    assert!(site.earliest <= at && at <= site.latest, "{at}");
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_that_people_did_not_agree_to() {
    let mut site = Rehearsed::new().await;
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "not-approved"),
        "{drill:#?}"
    );
    let number = site.agree().await;
    // Another class is another copy.
    site.configure(ManagedCopy {
        class: Some("db.r6g.4xlarge".into()),
        ..ManagedCopy::default()
    });
    let drill = site.drill(Choice::Latest).await.drill;
    let words = drill
        .failure
        .as_ref()
        .map(|failure| failure.words.clone())
        .unwrap_or_default();
    assert!(
        words.contains("approved another copy: copy.class was db.m6g.large and is db.r6g.4xlarge"),
        "{words}"
    );
    site.configure(ManagedCopy::default());
    let b = site.site.person("b", domain::role::Role::Operator);
    recovery::approvals::revoke(&site.site.services, &b, number)
        .await
        .expect("revokes");
    assert_eq!(code(&site.drill(Choice::Latest).await.drill), "not-approved");
    assert!(site.api.calls("RestoreDBInstanceToPointInTime").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_productions_sessions_cuts_off_no_reading() {
    let mut site = Rehearsed::agreed().await;
    site.run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''20ms''', current_database()); END $$",
    )
    .await;
    site.site.configure(|settings| {
        settings.deployments[0].drills.checks.push(SiteCheck {
            name: "slow".into(),
            query: "SELECT 1 FROM pg_sleep(0.2)".into(),
            expect: "1".into(),
        });
    });
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_only_read_reads_all_of_it() {
    let mut site = Rehearsed::agreed().await;
    site.read_as("drill_reader", "pg_read_all_data").await;
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    site.read_as("drill_half_reader", "pg_monitor").await;
    let drill = site.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::EnvironmentBroken), "{drill:#?}");
    let remedy = drill.failure.and_then(|failure| failure.remedy).unwrap_or_default();
    assert!(remedy.contains("pg_read_all_data"), "{remedy}");
    site.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_makes_one_that_is_not_deleted_since_it_calls_it_the_source() {
    let moto = Moto::start();
    let mut site = Rehearsed::new().await;
    site.use_moto(&moto).await;
    site.agree().await;
    let drill = site.drill(Choice::Latest).await.drill;
    // moto doesn't tell whether an instance can be reached from the internet, and what is unknown isn't fine.
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "came-out-otherwise"),
        "{drill:#?}"
    );
    // It gives the copy the source's resource id, by which alone the two are told apart when it is about deleting one.
    let made = drill.instance.clone().expect("it is written down");
    assert_eq!(made.resource_id.as_ref(), Some(&made.of_resource_id));
    let words = drill
        .phases
        .last()
        .map(|phase| phase.detail.clone())
        .unwrap_or_default();
    assert!(words.contains("it is the source itself"), "{words}");
    assert_eq!(world::names_at(&moto).await, ["ampora", made.name.as_str()]);
}
