//! AWS Secrets Manager as moto keeps it. moto dates every version by the moment of the question, so their order here is that of their making.

use adapters::aws::AwsSecret;
use adapters::manager::{ManagerError, SecretManager as _, Value};
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::types::{ReplicaRegionType, RotationRulesType};
use aws_sdk_secretsmanager::{Client, Config};
use domain::custody::{Keep, Life, Protection, Rotation, Secret};
use zeroize::Zeroizing;

use super::*;

mod access;
mod answers;
mod logs;
mod writes;

const NAME: &str = "ampora/master-key";

/// Amazon's SDK as anybody uses it, to bring secrets into their states.
fn sdk(moto: &Moto, region: &'static str) -> Client {
    let keys = Credentials::new(moto::ACCESS_KEY_ID, moto::SECRET_ACCESS_KEY, None, None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(keys)
        .endpoint_url(moto.endpoint());
    Client::from_conf(config.build())
}

fn settings(moto: &Moto, keys: AccessKeys) -> AwsSettings {
    AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some(moto.endpoint()),
        keys: Some(keys),
        ..AwsSettings::default()
    }
}

fn everybodys_keys() -> AccessKeys {
    keys(moto::ACCESS_KEY_ID, moto::SECRET_ACCESS_KEY, None)
}

fn secret(moto: &Moto, id: &str) -> AwsSecret {
    AwsSecret::new(id, settings(moto, everybodys_keys())).unwrap()
}

/// A version's name as AWS draws them.
fn version(digit: char) -> String {
    format!("{0}{0}{0}{0}{0}{0}{0}{0}-0000-4000-8000-000000000000", digit)
}

/// A secret with one version, `a`, and its ARN.
async fn created(sdk: &Client, text: &str) -> String {
    let made = sdk.create_secret().name(NAME).secret_string(text);
    let made = made.client_request_token(version('a')).send().await.unwrap();
    made.arn.unwrap()
}

/// One version more, which becomes current.
async fn added(sdk: &Client, digit: char, text: &str) {
    let added = sdk.put_secret_value().secret_id(NAME).secret_string(text);
    added.client_request_token(version(digit)).send().await.unwrap();
}

fn whole(text: &str) -> Value {
    Value::Whole(Zeroizing::new(text.as_bytes().to_vec()))
}

fn bytes(value: Value) -> Vec<u8> {
    match value {
        Value::Whole(bytes) => bytes.to_vec(),
        Value::Fields(_) => panic!("AWS keeps no fields"),
    }
}

fn labels(secret: &Secret) -> Vec<(String, Vec<String>)> {
    let versions = secret.versions.iter();
    versions
        .map(|version| (version.name.clone(), version.labels.clone()))
        .collect()
}

fn held(digit: char, labels: &[&str]) -> (String, Vec<String>) {
    (version(digit), labels.iter().map(|label| (*label).to_owned()).collect())
}

#[tokio::test]
async fn each_version_is_listed_with_its_labels_and_read_by_its_name() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    let arn = created(&sdk, "first").await;
    added(&sdk, 'b', "second").await;
    added(&sdk, 'c', "third").await;
    let pending = sdk.put_secret_value().secret_id(NAME).secret_string("fourth");
    let pending = pending.client_request_token(version('d')).version_stages("AWSPENDING");
    pending.send().await.unwrap();
    for id in [NAME, &arn] {
        let secret = secret(&moto, id);
        let told = secret.describe().await.unwrap();
        let expected = [
            held('a', &[]),
            held('b', &["AWSPREVIOUS"]),
            held('c', &["AWSCURRENT"]),
            held('d', &["AWSPENDING"]),
        ];
        assert_eq!(labels(&told), expected);
        assert!(matches!(told.versions[0].keep, Keep::AtRisk { .. }));
        assert_eq!(told.current().unwrap().name, version('c'));
        assert!(told.versions.iter().all(|version| version.created_at.is_some()));
        assert_eq!((told.rotation, told.gone_at), (Rotation::Off, None));
        assert!(told.remarks.is_empty(), "{:?}", told.remarks);
        for (digit, text) in [('a', "first"), ('b', "second"), ('c', "third"), ('d', "fourth")] {
            assert_eq!(bytes(secret.read(&version(digit)).await.unwrap()), text.as_bytes());
        }
        assert_eq!(secret.identity(), "aws us-east-1 ampora/master-key");
    }
}

#[tokio::test]
async fn bytes_are_read_as_they_are() {
    let moto = Moto::start();
    let key: Vec<u8> = (0..32).map(|byte| 0xE0 ^ byte).collect();
    let made = sdk(&moto, moto::REGION)
        .create_secret()
        .name(NAME)
        .secret_binary(Blob::new(key.clone()));
    let name = made.send().await.unwrap().version_id.unwrap();
    assert_eq!(bytes(secret(&moto, NAME).read(&name).await.unwrap()), key);
}

#[tokio::test]
async fn rotation_protection_and_copies_are_told() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let rules = RotationRulesType::builder().automatically_after_days(30).build();
    sdk.rotate_secret()
        .secret_id(NAME)
        .rotation_rules(rules)
        .send()
        .await
        .unwrap();
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"secretsmanager:DeleteSecret","Resource":"*"}}"#;
    sdk.put_resource_policy()
        .secret_id(NAME)
        .resource_policy(deny)
        .send()
        .await
        .unwrap();
    let there = self::sdk(&moto, "eu-west-1");
    there
        .create_secret()
        .name(NAME)
        .secret_string("another")
        .send()
        .await
        .unwrap();
    let regions = ["eu-west-1", "eu-central-1"].map(|region| ReplicaRegionType::builder().region(region).build());
    let copied = sdk.replicate_secret_to_regions().secret_id(NAME);
    copied
        .set_add_replica_regions(Some(regions.into()))
        .send()
        .await
        .unwrap();

    let told = secret(&moto, NAME).describe().await.unwrap();
    let Rotation::On { every, last, next } = &told.rotation else {
        panic!("{:?}", told.rotation)
    };
    assert_eq!(every.as_deref(), Some("30 days"));
    assert!(last.is_some() && next > last);
    assert!(matches!(told.protection, Protection::Protected { .. }));
    let copies: Vec<_> = told.copies.iter().map(|copy| (&*copy.place, copy.in_step)).collect();
    assert_eq!(copies, [("eu-west-1", Some(false)), ("eu-central-1", Some(true))]);
    assert!(
        told.copies[0].detail.contains("already exists"),
        "{}",
        told.copies[0].detail
    );

    let copy = AwsSettings {
        region: Some("eu-central-1".into()),
        ..settings(&moto, everybodys_keys())
    };
    let told = AwsSecret::new(NAME, copy).unwrap().describe().await.unwrap();
    assert!(
        told.remarks[0].contains("copies it from us-east-1"),
        "{:?}",
        told.remarks
    );
}

#[tokio::test]
async fn a_secret_that_is_marked_for_deletion_says_so_and_hands_out_nothing() {
    let moto = Moto::start();
    let sdk = sdk(&moto, moto::REGION);
    created(&sdk, "first").await;
    let deleted = sdk
        .delete_secret()
        .secret_id(NAME)
        .recovery_window_in_days(7)
        .send()
        .await
        .unwrap();
    let secret = secret(&moto, NAME);
    let told = secret.describe().await.unwrap();
    let gone_at = told.gone_at.unwrap();
    assert_eq!(gone_at.timestamp(), deleted.deletion_date.unwrap().secs());
    assert_eq!(told.versions[0].life, Life::Deleted);
    assert!(matches!(&told.versions[0].keep, Keep::Until { at, .. } if *at == gone_at));
    let refused = secret.read(&version('a')).await.unwrap_err();
    assert!(
        matches!(&refused, ManagerError::Absent(_, said) if said.contains("marked for deletion") && said.contains("restore-secret")),
        "{refused}"
    );
    sdk.restore_secret().secret_id(NAME).send().await.unwrap();
    assert_eq!(bytes(secret.read(&version('a')).await.unwrap()), b"first");
}

#[tokio::test]
async fn a_key_of_kms_that_goes_is_remarked() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    let call = |action: &str, body: serde_json::Value| Call::kms(action, &body);
    let key = aws.call(&call("CreateKey", serde_json::json!({}))).await.unwrap();
    let key: serde_json::Value = serde_json::from_slice(&key).unwrap();
    let id = key["KeyMetadata"]["KeyId"].as_str().unwrap();
    let sdk = sdk(&moto, moto::REGION);
    let made = sdk.create_secret().name(NAME).secret_string("first").kms_key_id(id);
    made.send().await.unwrap();
    let secret = secret(&moto, NAME);
    assert!(secret.describe().await.unwrap().remarks.is_empty());
    let disabled = call("DisableKey", serde_json::json!({ "KeyId": id }));
    aws.call(&disabled).await.unwrap();
    let told = secret.describe().await.unwrap();
    assert!(told.remarks[0].contains("is disabled"), "{:?}", told.remarks);
}
