use adapters::rds::{Managed, Rds, RdsError};
use domain::backup::Kind;
use domain::status::Status;

use super::*;

async fn create(aws: &Aws, name: &str, retention: &str) {
    let parameters = [
        ("DBInstanceIdentifier", name),
        ("DBInstanceClass", "db.t3.small"),
        ("Engine", "postgres"),
        ("EngineVersion", "16.4"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "ampora"),
        ("MasterUserPassword", "not-a-secret"),
        ("BackupRetentionPeriod", retention),
        ("StorageEncrypted", "true"),
    ];
    told(aws, Service::Rds, "CreateDBInstance", &parameters).await;
}

async fn snapshot(aws: &Aws, of: &str, name: &str) {
    let parameters = [("DBInstanceIdentifier", of), ("DBSnapshotIdentifier", name)];
    told(aws, Service::Rds, "CreateDBSnapshot", &parameters).await;
}

async fn delete(aws: &Aws, name: &str) {
    let parameters = [
        ("DBInstanceIdentifier", name),
        ("SkipFinalSnapshot", "true"),
        ("DeleteAutomatedBackups", "false"),
    ];
    told(aws, Service::Rds, "DeleteDBInstance", &parameters).await;
}

async fn read(aws: &Aws, instance: &str) -> Result<Managed, RdsError> {
    let source = Rds {
        name: "managed".into(),
        instance: instance.into(),
        aws: aws.clone(),
    };
    source.read().await
}

#[tokio::test]
async fn an_instance_is_read_with_its_snapshots() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    create(&aws, "ampora", "7").await;
    create(&aws, "other", "7").await;
    snapshot(&aws, "ampora", "before-upgrade").await;
    let managed = read(&aws, "Ampora").await.unwrap();
    assert_eq!(
        (managed.status, &managed.unread[..]),
        (Status::Ok, &[][..]),
        "{}",
        managed.detail
    );
    assert!(managed.latest_restorable().is_some());
    // moto doesn't name the beginning of the span.
    assert_eq!(managed.windows, []);
    assert!(managed.detail.contains("since when isn’t told"), "{}", managed.detail);
    let database = managed.database.unwrap();
    assert_eq!(
        (database.retention_days, database.encrypted, database.multi_az),
        (Some(7), Some(true), Some(false))
    );
    assert_eq!(managed.kms_keys.len(), 1);
    assert_eq!(managed.automated.len(), 1, "of the other instance nothing");
    let [automated, manual] = &managed.backups[..] else {
        panic!("{:?}", managed.backups)
    };
    assert!(automated.label.starts_with("rds:ampora-") && automated.detail.contains("automated snapshot"));
    assert_eq!(
        (manual.label.as_str(), manual.kind, manual.status),
        ("before-upgrade", Kind::Snapshot, Status::Ok)
    );
    assert!(
        manual.stopped_at.is_some() && manual.detail.contains("postgres 16.4"),
        "{manual:?}"
    );
}

#[tokio::test]
async fn without_automated_backups_it_is_broken() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    create(&aws, "ampora", "0").await;
    let managed = read(&aws, "ampora").await.unwrap();
    assert_eq!(managed.status, Status::Broken);
    assert!(
        managed.detail.contains("automated backups are off"),
        "{}",
        managed.detail
    );
}

#[tokio::test]
async fn backups_are_found_when_their_instance_is_gone() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    create(&aws, "ampora", "7").await;
    snapshot(&aws, "ampora", "before-upgrade").await;
    delete(&aws, "ampora").await;
    let managed = read(&aws, "ampora").await.unwrap();
    assert_eq!((managed.status, managed.database), (Status::Broken, None));
    assert!(managed.detail.contains("the database is gone"), "{}", managed.detail);
    assert_eq!(managed.automated[0].status.as_deref(), Some("retained"));
    assert!(
        managed
            .backups
            .iter()
            .any(|backup| backup.label == "before-upgrade" && backup.status == Status::Ok)
    );
}

#[tokio::test]
async fn a_cluster_opens_a_window_and_so_does_its_instance() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    let cluster = ("DBClusterIdentifier", "ampora");
    let parameters = [
        cluster,
        ("Engine", "aurora-postgresql"),
        ("MasterUsername", "ampora"),
        ("MasterUserPassword", "not-a-secret"),
    ];
    told(&aws, Service::Rds, "CreateDBCluster", &parameters).await;
    let parameters = [cluster, ("DBClusterSnapshotIdentifier", "before-upgrade")];
    told(&aws, Service::Rds, "CreateDBClusterSnapshot", &parameters).await;
    let parameters = [
        cluster,
        ("DBInstanceIdentifier", "ampora-1"),
        ("DBInstanceClass", "db.t3.small"),
        ("Engine", "aurora-postgresql"),
    ];
    told(&aws, Service::Rds, "CreateDBInstance", &parameters).await;
    for identifier in ["ampora", "ampora-1"] {
        let managed = read(&aws, identifier).await.unwrap();
        assert_eq!(managed.status, Status::Ok, "{}", managed.detail);
        let [window] = &managed.windows[..] else {
            panic!("{:?}", managed.windows)
        };
        assert_eq!(
            (window.source.as_str(), window.repo, window.end_lsn),
            ("managed", 0, None)
        );
        assert_eq!(Some(window.to), managed.latest_restorable());
        assert!(managed.backups.iter().any(|backup| backup.label == "before-upgrade"));
    }
}

#[tokio::test]
async fn what_aws_doesn_t_know_is_an_error_that_says_where_it_looked() {
    let moto = Moto::start();
    let error = read(&anybody(&moto), "nowhere").await.unwrap_err();
    assert!(matches!(error, RdsError::Absent { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("AWS knows no instance or cluster nowhere in us-east-1"),
        "{error}"
    );
}

#[tokio::test]
async fn what_may_not_be_read_leaves_the_rest_known() {
    let moto = Moto::start_strict(PREPARATION + 2);
    let administrator = anybody(&moto);
    create(&administrator, "ampora", "7").await;
    snapshot(&administrator, "ampora", "before-upgrade").await;
    let policy = allowing(&["rds:DescribeDBInstances", "rds:DescribeDBInstanceAutomatedBackups"]);
    let keys = user(&moto, "muster", &policy).await;
    let managed = read(&reached(moto.endpoint(), keys), "ampora").await.unwrap();
    assert_eq!((managed.status, managed.backups.len()), (Status::Unknown, 0));
    assert!(managed.latest_restorable().is_some());
    assert!(
        managed.unread[0].contains("doesn’t allow rds:DescribeDBSnapshots"),
        "{:?}",
        managed.unread
    );
}
