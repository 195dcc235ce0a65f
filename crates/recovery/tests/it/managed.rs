//! A managed database at Amazon, as moto emulates it.

use adapters::aws::{Aws, Call, Service};
use adapters::rds::Rds;
use chrono::Utc;
use domain::inventory::ArtifactKind;
use domain::policy::{Immutability, What};
use domain::status::Status;
use recovery::collect::rds;
use serde_json::{Value, json};
use testkit::moto::{self, Moto};

fn source(aws: Aws) -> Rds {
    Rds {
        name: "managed".into(),
        instance: "ampora".into(),
        aws,
    }
}

/// An instance with its snapshot, encrypted with a key whose id is returned.
async fn encrypted_instance(aws: &Aws) -> String {
    let key = aws.call(&Call::kms("CreateKey", &json!({}))).await.expect("a key");
    let key: Value = serde_json::from_slice(&key).expect("JSON");
    let id = key["KeyMetadata"]["KeyId"].as_str().expect("an id").to_owned();
    let name = ("DBInstanceIdentifier", "ampora");
    let create = [
        name,
        ("DBInstanceClass", "db.t3.small"),
        ("Engine", "postgres"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "ampora"),
        ("MasterUserPassword", "not-a-secret"),
        ("BackupRetentionPeriod", "7"),
        ("StorageEncrypted", "true"),
        ("KmsKeyId", id.as_str()),
    ];
    let calls = [
        Call::query(Service::Rds, "CreateDBInstance", &create),
        Call::query(
            Service::Rds,
            "CreateDBSnapshot",
            &[name, ("DBSnapshotIdentifier", "before-upgrade")],
        ),
    ];
    for call in calls {
        aws.call(&call).await.expect("moto does it");
    }
    id
}

#[tokio::test]
async fn what_the_policy_needs_is_read_with_the_backups() {
    let moto = Moto::start();
    let aws = moto::client(moto.endpoint());
    let key = encrypted_instance(&aws).await;
    let now = Utc::now();
    let reading = rds::read(&source(aws), now).await.expect("read");
    let facts = reading.managed.clone().expect("a managed service");
    assert_eq!(
        (reading.kind.as_str(), reading.status),
        ("rds", Status::Ok),
        "{}",
        reading.detail
    );
    assert!(reading.backups.iter().any(|backup| backup.label == "before-upgrade"));
    let span = facts.span("managed").expect("a span");
    assert_eq!((span.source.as_str(), span.retention_days), ("managed", 7));
    let [place] = &facts.places("managed", now)[..] else {
        panic!("{facts:?}")
    };
    assert_eq!((place.what, place.site.as_deref()), (What::Backups, Some("us-east-1")));
    assert_eq!(place.immutable.known(), Ok(&Immutability::Open));
    let [artifact] = &facts.keys[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(
        (artifact.kind, artifact.name.as_str(), artifact.status),
        (ArtifactKind::KmsKey, key.as_str(), Status::Ok)
    );
    assert_eq!(
        serde_json::from_value::<rds::RdsFacts>(json!(facts)).expect("reads back"),
        facts
    );
}

#[tokio::test]
async fn a_key_that_will_be_deleted_is_broken_with_its_date() {
    let moto = Moto::start();
    let aws = moto::client(moto.endpoint());
    let key = encrypted_instance(&aws).await;
    let schedule = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    aws.call(&Call::kms("ScheduleKeyDeletion", &schedule))
        .await
        .expect("scheduled");
    let reading = rds::read(&source(aws), Utc::now()).await.expect("read");
    let facts = reading.managed.expect("a managed service");
    assert_eq!(facts.keys[0].status, Status::Broken);
    assert!(
        facts.keys[0].detail.contains("will be deleted on 20"),
        "{}",
        facts.keys[0].detail
    );
}

#[tokio::test]
async fn an_instance_that_isn_t_there_is_an_error_for_people() {
    let moto = Moto::start();
    let error = rds::read(&source(moto::client(moto.endpoint())), Utc::now())
        .await
        .expect_err("nothing is there");
    assert!(
        error.starts_with("AWS knows no instance or cluster ampora in us-east-1"),
        "{error}"
    );
}
