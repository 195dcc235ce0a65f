//! What is denied, what is absent, and what can't be reached are three different findings.

use testkit::peer::free_port;

use super::*;

/// What reading needs; a policy that lacks one of them is common.
const RIGHTS: [&str; 4] = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:GetSecretValue",
];

/// A secret in a moto that then checks every call, and secrets as a user sees them who has these rights.
async fn guarded(rights: &[&str]) -> (Moto, impl Fn(&str) -> AwsSecret) {
    let moto = Moto::start_strict(PREPARATION + 1);
    created(&sdk(&moto, moto::REGION), "first").await;
    let keys = user(&moto, "muster", &allowing(rights)).await;
    let settings = settings(&moto, keys);
    (moto, move |name| AwsSecret::new(name, settings.clone()).unwrap())
}

#[tokio::test]
async fn the_rights_that_are_documented_are_enough() {
    let (_moto, secret) = guarded(&RIGHTS).await;
    let secret = secret(NAME);
    assert_eq!(labels(&secret.describe().await.unwrap()), [held('a', &["AWSCURRENT"])]);
    assert_eq!(bytes(secret.read(&version('a')).await.unwrap()), b"first");
}

#[tokio::test]
async fn a_value_that_is_denied_isn_t_called_absent() {
    let (_moto, secret) = guarded(&RIGHTS[..3]).await;
    let denied = secret(NAME).read(&version('a')).await.unwrap_err();
    assert!(matches!(&denied, ManagerError::Denied(..)), "{denied:?}");
    let said = denied.to_string();
    assert!(
        said.contains("aws ampora/master-key in us-east-1 refuses: secretsmanager:GetSecretValue")
            && said.contains("user/muster is not authorized"),
        "{said}"
    );
}

#[tokio::test]
async fn what_isn_t_there_is_absent() {
    let (_moto, secret) = guarded(&RIGHTS).await;
    let absent = secret("ampora/other").describe().await.unwrap_err().to_string();
    assert_eq!(absent, "AWS Secrets Manager in us-east-1 has no secret ampora/other");
    let absent = secret(NAME).read(&version('e')).await.unwrap_err();
    assert!(
        matches!(&absent, ManagerError::Absent(_, what) if what.contains(&version('e'))),
        "{absent:?}"
    );
}

#[tokio::test]
async fn a_right_that_is_missing_takes_away_its_own_part() {
    let (_moto, secret) = guarded(&["secretsmanager:DescribeSecret"]).await;
    let told = secret(NAME).describe().await.unwrap();
    assert_eq!(labels(&told), [held('a', &["AWSCURRENT"])]);
    assert!(
        told.remarks[0].contains("secretsmanager:ListSecretVersionIds"),
        "{:?}",
        told.remarks
    );
    assert!(matches!(told.protection, Protection::Unknown { why } if why.contains("secretsmanager:GetResourcePolicy")));
    let (_moto, secret) = guarded(&RIGHTS[1..]).await;
    assert!(matches!(secret(NAME).describe().await, Err(ManagerError::Denied(..))));
}

#[tokio::test]
async fn credentials_that_aws_doesn_t_take_are_denied_and_not_repeated() {
    let moto = Moto::start_strict(PREPARATION);
    let right = user(&moto, "muster", &allowing(&RIGHTS)).await;
    for (id, code) in [
        (right.access_key_id.as_str(), "SignatureDoesNotMatch"),
        ("AKIAUNKNOWN", "InvalidClientTokenId"),
    ] {
        let secret = AwsSecret::new(NAME, settings(&moto, keys(id, "a-wrong-secret", None))).unwrap();
        let denied = secret.describe().await.unwrap_err();
        assert!(
            matches!(&denied, ManagerError::Denied(_, said) if said.contains(code)),
            "{denied:?}"
        );
        let said = denied.to_string();
        assert!(!said.contains("a-wrong-secret") && !said.contains(id), "{said}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_unreachable() {
    let settings = AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some(format!("http://127.0.0.1:{}", free_port()).parse().unwrap()),
        keys: Some(everybodys_keys()),
        ..AwsSettings::default()
    };
    let secret = AwsSecret::new(NAME, settings).unwrap();
    let down = secret.describe().await.unwrap_err();
    assert!(
        matches!(&down, ManagerError::Unreachable(_, said) if said.contains("Connection refused")),
        "{down:?}"
    );
}

#[test]
fn an_endpoint_without_tls_is_refused() {
    let settings = AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some("http://aws.example.org".parse().unwrap()),
        ..AwsSettings::default()
    };
    let refused = AwsSecret::new(NAME, settings).unwrap_err();
    assert!(refused.to_string().contains("isn’t https://"), "{refused}");
}
