use adapters::aws::{AwsError, KeyState};
use domain::status::Status;
use serde_json::{Value, json};

use super::*;

/// Id and resource name of a new key.
async fn create(aws: &Aws) -> (String, String) {
    let answer = aws.call(&Call::kms("CreateKey", &json!({}))).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let text = |name: &str| answer["KeyMetadata"][name].as_str().unwrap().to_owned();
    (text("KeyId"), text("Arn"))
}

#[tokio::test]
async fn a_key_is_enabled_disabled_or_about_to_go() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    let (id, arn) = create(&aws).await;
    let key = aws.kms_key(&arn).await.unwrap();
    assert_eq!(
        (key.arn.as_str(), &key.state, key.judge().0),
        (arn.as_str(), &KeyState::Enabled, Status::Ok)
    );
    aws.call(&Call::kms("DisableKey", &json!({ "KeyId": id })))
        .await
        .unwrap();
    assert_eq!(aws.kms_key(&arn).await.unwrap().state, KeyState::Disabled);
    let schedule = json!({ "KeyId": id, "PendingWindowInDays": 7 });
    aws.call(&Call::kms("ScheduleKeyDeletion", &schedule)).await.unwrap();
    let key = aws.kms_key(&arn).await.unwrap();
    assert!(
        matches!(key.state, KeyState::PendingDeletion { at: Some(_) }),
        "{key:?}"
    );
    assert!(key.judge().1.contains("will be deleted on 20"), "{}", key.judge().1);
}

#[tokio::test]
async fn a_key_that_aws_doesn_t_know_is_missing() {
    let moto = Moto::start();
    let arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    let key = anybody(&moto).kms_key(arn).await.unwrap();
    assert_eq!((&key.state, key.judge().0), (&KeyState::Missing, Status::Broken));
}

#[tokio::test]
async fn a_denied_look_is_an_error() {
    let moto = Moto::start_strict(PREPARATION + 1);
    let (_, arn) = create(&anybody(&moto)).await;
    let keys = user(&moto, "muster", &allowing(&["rds:*"])).await;
    let error = reached(moto.endpoint(), keys).kms_key(&arn).await.unwrap_err();
    assert!(matches!(error, AwsError::Denied(_)), "{error:?}");
}
