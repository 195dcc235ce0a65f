//! A secret is made where none was; a version becomes current only behind the one that is expected.

use adapters::manager::Written;
use domain::ids::Sha256;
use domain::key::{Encoding, MasterKey, to_setting};
use serde_json::json;

use super::*;

async fn current(secret: &AwsSecret) -> Vec<u8> {
    let told = secret.describe().await.unwrap();
    bytes(secret.read(&told.current().unwrap().name).await.unwrap())
}

#[tokio::test]
async fn a_secret_is_made_once() {
    let moto = Moto::start();
    let secret = secret(&moto, NAME);
    let name = secret.create(&whole("first")).await.unwrap();
    assert_eq!(secret.describe().await.unwrap().current().unwrap().name, name);
    let exists = ManagerError::Exists("aws ampora/master-key in us-east-1".into());
    assert_eq!(secret.create(&whole("second")).await, Err(exists.clone()));
    assert_eq!(current(&secret).await, b"first");
    let sdk = sdk(&moto, moto::REGION);
    sdk.delete_secret().secret_id(NAME).send().await.unwrap();
    assert_eq!(secret.create(&whole("second")).await, Err(exists));
}

#[tokio::test]
async fn a_copy_that_aws_keeps_is_in_the_way_too() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let there = ReplicaRegionType::builder().region("eu-west-1").build();
    let copied = sdk
        .replicate_secret_to_regions()
        .secret_id(NAME)
        .add_replica_regions(there);
    copied.send().await.unwrap();
    let settings = AwsSettings {
        region: Some("eu-west-1".into()),
        ..settings(&moto, everybodys_keys())
    };
    let copy = AwsSecret::new(NAME, settings).unwrap();
    assert!(matches!(
        copy.create(&whole("second")).await,
        Err(ManagerError::Exists(_))
    ));
    let refused = copy.append(&whole("second"), &version('a')).await.unwrap_err();
    assert!(refused.to_string().contains("primary secret's region"), "{refused}");
}

#[tokio::test]
async fn a_secret_isn_t_made_by_an_arn_nor_with_fields() {
    let moto = Moto::start();
    let by_arn = secret(
        &moto,
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:ampora-AbC1x9",
    );
    let fields = Value::Fields([("a".to_owned(), Zeroizing::new(b"b".to_vec()))].into());
    for (secret, value) in [(by_arn, whole("first")), (secret(&moto, NAME), fields)] {
        let refused = secret.create(&value).await;
        assert!(matches!(refused, Err(ManagerError::Unsupported(..))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_version_follows_the_one_that_is_expected() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let secret = secret(&moto, NAME);
    let second = secret.append(&whole("second"), &version('a')).await.unwrap();
    let expected = [
        held('a', &["AWSPREVIOUS"]),
        (second.clone(), vec!["AWSCURRENT".to_owned()]),
    ];
    assert_eq!(labels(&secret.describe().await.unwrap()), expected);
    assert_eq!(current(&secret).await, b"second");

    let moved = secret.append(&whole("third"), &version('a')).await;
    assert_eq!(moved, Err(ManagerError::Moved(secret.name(), second)));
    assert_eq!(labels(&secret.describe().await.unwrap()), expected);
}

#[tokio::test]
async fn the_same_attempt_again_adds_no_version() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let secret = secret(&moto, NAME);
    let second = secret.append(&whole("second"), &version('a')).await.unwrap();
    // As it stands after a crash between the two calls: written, and not yet current.
    let back = sdk
        .update_secret_version_stage()
        .secret_id(NAME)
        .version_stage("AWSCURRENT");
    let back = back.remove_from_version_id(&second).move_to_version_id(version('a'));
    back.send().await.unwrap();
    assert_eq!(current(&secret).await, b"first");

    assert_eq!(
        secret.append(&whole("second"), &version('a')).await.as_ref(),
        Ok(&second)
    );
    assert_eq!(secret.describe().await.unwrap().versions.len(), 2);
    assert_eq!(current(&secret).await, b"second");
}

#[tokio::test]
async fn what_another_attempt_left_behind_is_left_alone() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let secret = secret(&moto, NAME);
    let left = secret.append(&whole("second"), &version('a')).await.unwrap();
    let back = sdk
        .update_secret_version_stage()
        .secret_id(NAME)
        .version_stage("AWSCURRENT");
    let back = back.remove_from_version_id(&left).move_to_version_id(version('a'));
    back.send().await.unwrap();

    let third = secret.append(&whole("third"), &version('a')).await.unwrap();
    assert_ne!(third, left);
    assert_eq!(bytes(secret.read(&left).await.unwrap()), b"second");
    assert_eq!(current(&secret).await, b"third");
}

#[tokio::test]
async fn a_rotation_under_way_is_let_finish() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let pending = sdk.put_secret_value().secret_id(NAME).secret_string("rotating");
    let pending = pending.client_request_token(version('b')).version_stages("AWSPENDING");
    pending.send().await.unwrap();
    let secret = secret(&moto, NAME);
    let refused = secret.append(&whole("second"), &version('a')).await.unwrap_err();
    assert!(
        refused.to_string().contains("a rotation is under way") && refused.to_string().contains(&version('b')),
        "{refused}"
    );
    let expected = [held('a', &["AWSCURRENT"]), held('b', &["AWSPENDING"])];
    assert_eq!(labels(&secret.describe().await.unwrap()), expected);
}

#[tokio::test]
async fn a_key_in_json_is_replaced_and_what_stands_beside_it_stays() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    let written = Written {
        field: Some("MasterKey".into()),
        encoding: Encoding::Base64,
    };
    let key = |seed: u8| MasterKey::new(Zeroizing::new(Sha256::of(&[&[seed]]).0));
    let text = json!({ "MasterKey": *to_setting(&key(1)), "user": "ampora" });
    created(&sdk, &text.to_string()).await;
    let secret = secret(&moto, NAME);
    let before = secret.read(&version('a')).await.unwrap();
    assert!(written.key(&before).unwrap().key == key(1));

    let after = written.value(&key(2), Some(&before)).unwrap();
    let second = secret.append(&after, &version('a')).await.unwrap();
    let read = secret.read(&second).await.unwrap();
    assert!(written.key(&read).unwrap().key == key(2));
    let read: serde_json::Value = serde_json::from_slice(&bytes(read)).unwrap();
    assert_eq!(read["user"], "ampora");
}

#[tokio::test]
async fn bytes_are_followed_by_bytes() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    let made = sdk.create_secret().name(NAME).secret_binary(Blob::new("first"));
    let first = made.send().await.unwrap().version_id.unwrap();
    let second = secret(&moto, NAME).append(&whole("second"), &first).await.unwrap();
    let found = sdk
        .get_secret_value()
        .secret_id(NAME)
        .version_id(second)
        .send()
        .await
        .unwrap();
    assert_eq!(found.secret_binary, Some(Blob::new("second")));
    assert_eq!(found.secret_string, None);
}
