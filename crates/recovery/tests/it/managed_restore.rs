//! A new RDS instance of another moment: against an RDS of our own, which refuses what AWS documents that it refuses and takes its time, with
//! a real PostgreSQL behind the new address; and against moto.

use adapters::aws::{Call, Service};
use adapters::rds::Rds;
use chrono::{Duration, Utc};
use domain::gap::Outcome;
use domain::plan::{Basis, Revived};
use domain::role::Role;
use domain::run::{RunState, StepState};
use domain::time::rfc3339;
use recovery::plans::Wish;
use recovery::runs as use_cases;
use recovery::settings::Source;
use recovery::{Error, approvals};
use testkit::moto::{self, Moto};
use testkit::rds::{Instance, RdsApi};
use url::Url;

use crate::runs::{abandon, worked};
use crate::site::Site;

/// A site whose live database stands for what AWS restores.
struct Managed {
    site: Site,
    api: RdsApi,
}

fn use_source(site: &mut Site, endpoint: Url) {
    let rds = Rds {
        name: "managed".into(),
        instance: "ampora".into(),
        aws: moto::client(endpoint),
    };
    site.configure(|settings| settings.deployments[0].sources.push(Source::Rds(rds)));
}

impl Managed {
    async fn new(retention_days: u32) -> Self {
        let mut site = Site::new().await;
        let socket = site.live.options.get_socket().expect("a socket").display().to_string();
        let endpoint = (socket, site.live.options.get_port());
        let api = RdsApi::start(Instance {
            retention_days,
            earliest: Utc::now() - Duration::days(7),
            latest: Utc::now() - Duration::minutes(5),
            ..Instance::usual("ampora", endpoint.clone())
        })
        .await;
        api.makes(endpoint, 2);
        use_source(&mut site, api.endpoint());
        Self { site, api }
    }

    async fn refused(&self, at: &str, instance: &str) -> String {
        let person = self.site.person("a", Role::Operator);
        match approvals::plan(&self.site.services, &person, &wish(at, instance)).await {
            Err(Error::Invalid(reasons)) => reasons.join(" "),
            other => panic!("it was planned: {other:?}"),
        }
    }
}

fn wish(at: &str, instance: &str) -> Wish {
    Wish::RestoreRds {
        deployment: "demo".into(),
        source: "managed".into(),
        at: at.into(),
        instance: instance.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_instance_is_made_as_the_old_one_is_and_looked_through() {
    let managed = Managed::new(7).await;
    let at = rfc3339(Utc::now() - Duration::hours(1));
    let run = managed.site.started(&wish(&at, "ampora-2")).await;
    let done = worked(&managed.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let report = use_cases::report(&managed.site.services, run).await.expect("reads");
    let (report, settled) = report.expect("what it lacks and revives is kept with the run");
    let lost = report.lost.as_ref().expect("both answer");
    assert_eq!(lost.basis, Basis::Exact, "{lost:?}");
    let tenants = report.comparisons.iter().find(|one| one.what == "tenants");
    assert_eq!(
        tenants.map(|one| one.outcome),
        Some(Outcome::Same),
        "{:?}",
        report.comparisons
    );
    assert!(
        report.revived.iter().any(|line| line.kind == Revived::RolePassword),
        "roles went back with it: {:?}",
        report.revived
    );
    assert!(settled.is_empty(), "nobody has settled a line yet");
    let calls = managed.api.calls("RestoreDBInstanceToPointInTime");
    let [call] = &calls[..] else { panic!("{calls:?}") };
    for (name, value) in [
        ("SourceDBInstanceIdentifier", "ampora"),
        ("TargetDBInstanceIdentifier", "ampora-2"),
        ("DBInstanceClass", "db.m6g.large"),
        ("DBSubnetGroupName", "private"),
        ("DBParameterGroupName", "ampora-16"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-1"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.2", "sg-2"),
        ("MultiAZ", "true"),
        ("PubliclyAccessible", "false"),
        ("RestoreTime", &at),
        ("Tags.Tag.1.Key", "muster-run"),
    ] {
        assert_eq!(call.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(
        managed.api.calls("DeleteDBInstance").is_empty(),
        "Muster deletes no instance"
    );
    assert!(
        managed
            .refused(&at, "ampora-2")
            .await
            .contains("There is an instance ampora-2 already")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_begin_twice_and_one_instance_is_made() {
    let managed = Managed::new(7).await;
    let run = managed.site.started(&wish("latest", "ampora-2")).await;
    for left_at in 0..5 {
        abandon(&managed.site, run, left_at).await;
    }
    let done = worked(&managed.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let calls = managed.api.calls("RestoreDBInstanceToPointInTime");
    assert_eq!(calls.len(), 1, "never a second instance");
    assert_eq!(
        calls[0].get("UseLatestRestorableTime").map(String::as_str),
        Some("true")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_would_refuse_is_refused_before_anybody_is_asked() {
    let managed = Managed::new(7).await;
    let now = Utc::now();
    let late = managed.refused(&rfc3339(now), "ampora-2").await;
    assert!(late.contains("behind the latest restorable time"), "{late}");
    let early = managed.refused(&rfc3339(now - Duration::days(8)), "ampora-2").await;
    assert!(early.contains("before the earliest restorable time"), "{early}");
    assert!(
        managed
            .refused("yesterday", "ampora-2")
            .await
            .contains("no time with an offset")
    );
    assert!(managed.refused("latest", "Ampora--2").await.contains("hyphens"));
    assert!(managed.refused("latest", "ampora").await.contains("already"));
    let without = Managed::new(0).await;
    assert!(
        without
            .refused("latest", "ampora-2")
            .await
            .contains("no automated backups")
    );
    assert!(managed.api.calls("RestoreDBInstanceToPointInTime").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_came_out_otherwise_is_no_success() {
    let managed = Managed::new(7).await;
    managed.api.is_careless();
    let run = managed.site.started(&wish("latest", "ampora-2")).await;
    let seen = worked(&managed.site, run).await;
    let RunState::Failed { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state);
    };
    for words in [
        "security groups sg-default instead of sg-1, sg-2",
        "parameter group default.postgres16",
        "zone false instead of true",
    ] {
        assert!(reason.contains(words), "{words}: {reason}");
    }
    assert!(matches!(seen.steps[4].1, StepState::Waiting), "nobody looks into it");
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_makes_one_too() {
    let moto = Moto::start();
    let mut site = Site::new().await;
    use_source(&mut site, moto.endpoint());
    let parameters = [
        ("DBInstanceIdentifier", "ampora"),
        ("DBInstanceClass", "db.t3.small"),
        ("Engine", "postgres"),
        ("EngineVersion", "16.4"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "ampora"),
        ("MasterUserPassword", "not-a-secret"),
        ("BackupRetentionPeriod", "7"),
        ("StorageEncrypted", "true"),
    ];
    let made = moto::client(moto.endpoint())
        .call(&Call::query(Service::Rds, "CreateDBInstance", &parameters))
        .await;
    made.expect("moto makes it");
    let run = site.started(&wish("latest", "ampora-2")).await;
    let seen = worked(&site, run).await;
    // moto doesn't tell whether the new instance can be reached from the internet, and what is unknown isn't fine.
    let words: Vec<_> = seen.steps.iter().map(|(_, state)| state.word()).collect();
    assert_eq!(
        words,
        ["done", "done", "done", "failed", "waiting"],
        "{:?} {:?}",
        seen.state,
        seen.steps
    );
    let reason = seen.state.reason().unwrap_or_default();
    assert!(
        reason.ends_with("ampora-2 isn’t as the plan says: it may be reachable from the internet"),
        "{reason}"
    );
}
