use adapters::aws::AwsError;
use testkit::peer::free_port;

use super::*;

fn instances() -> Call {
    Call::query(Service::Rds, "DescribeDBInstances", &[])
}

#[tokio::test]
async fn an_allowed_call_is_answered_and_another_is_denied_in_aws_s_words() {
    let moto = Moto::start_strict(PREPARATION);
    let keys = user(&moto, "muster", &allowing(&["rds:DescribeDBInstances"])).await;
    let aws = reached(moto.endpoint(), keys);
    aws.call(&instances()).await.unwrap();
    let error = aws
        .call(&Call::query(Service::Rds, "DescribeDBSnapshots", &[]))
        .await
        .unwrap_err();
    let AwsError::Denied(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (refusal.call.as_str(), refusal.status),
        ("rds:DescribeDBSnapshots", 403)
    );
    assert!(error.to_string().contains("user/muster is not authorized"), "{error}");
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key_aren_t_accepted() {
    let moto = Moto::start_strict(PREPARATION);
    let right = user(&moto, "muster", &allowing(&["rds:*"])).await;
    let wrong = keys(&right.access_key_id, "wrong", None);
    let unknown = keys("AKIAUNKNOWN", "wrong", None);
    for (keys, code) in [(wrong, "SignatureDoesNotMatch"), (unknown, "InvalidClientTokenId")] {
        let error = reached(moto.endpoint(), keys).call(&instances()).await.unwrap_err();
        assert!(matches!(error, AwsError::Credentials(_)), "{error:?}");
        assert_eq!(error.code(), Some(code));
        assert!(!error.to_string().contains(&right.access_key_id), "{error}");
    }
}

#[tokio::test]
async fn the_session_of_a_role_is_signed_with_its_token() {
    let moto = Moto::start_strict(PREPARATION + 3);
    let anybody = anybody(&moto);
    let role = ("RoleName", "reader");
    let trust =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}"#;
    told(
        &anybody,
        Service::Iam,
        "CreateRole",
        &[role, ("AssumeRolePolicyDocument", trust)],
    )
    .await;
    let policy = allowing(&["rds:DescribeDBInstances"]);
    let parameters = [role, ("PolicyName", "all"), ("PolicyDocument", policy.as_str())];
    told(&anybody, Service::Iam, "PutRolePolicy", &parameters).await;
    let arn = [
        ("RoleArn", "arn:aws:iam::123456789012:role/reader"),
        ("RoleSessionName", "muster"),
    ];
    let session = told(&anybody, Service::Sts, "AssumeRole", &arn).await;
    let value = |name| session.find("Credentials").unwrap().value(name).unwrap();
    let token = Some(value("SessionToken"));
    let keys = keys(value("AccessKeyId"), value("SecretAccessKey"), token);
    user(&moto, "nobody", &allowing(&["rds:*"])).await;
    let aws = reached(moto.endpoint(), keys);
    aws.call(&instances()).await.unwrap();
    let other = aws.call(&Call::query(Service::Rds, "DescribeDBSnapshots", &[])).await;
    assert!(matches!(other, Err(AwsError::Denied(_))), "{other:?}");
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_said_to_be() {
    let endpoint = format!("http://127.0.0.1:{}", free_port()).parse().unwrap();
    let error = reached(endpoint, keys("AKIDEXAMPLE", "a-secret", None))
        .call(&instances())
        .await
        .unwrap_err();
    assert!(matches!(error, AwsError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("Connection refused"), "{error}");
}
