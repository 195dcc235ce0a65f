//! Credentials that aren't configured are found where every tool of AWS finds them. Each test runs itself once more in an environment of its
//! own, since the one of this process belongs to all tests.

use std::env;
use std::fs;
use std::process::{Command, Output};

use adapters::aws::AwsError;
use secrecy::ExposeSecret as _;

use super::*;

/// Set in the second run.
const ENDPOINT: &str = "MUSTER_TEST_ENDPOINT";

/// Runs the test of this name again and returns what it wrote.
fn again(test: &str, endpoint: &Url, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", &format!("aws::chain::{test}"), "--nocapture"])
        .env_clear()
        .env(ENDPOINT, endpoint.as_str())
        // There may be a machine's role where the tests run.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied());
    command.output().unwrap()
}

fn unconfigured(endpoint: &str) -> Aws {
    let settings = AwsSettings {
        endpoint: Some(endpoint.parse().unwrap()),
        ..AwsSettings::default()
    };
    Aws::new(settings).unwrap()
}

async fn identity(endpoint: &str) -> String {
    let aws = unconfigured(endpoint);
    assert_eq!(aws.region().await.as_deref(), Ok("us-east-1"));
    let answer = told(&aws, Service::Sts, "GetCallerIdentity", &[]).await;
    answer.find("Arn").unwrap().text.clone()
}

#[tokio::test]
async fn the_environment_is_looked_at() {
    if let Ok(endpoint) = env::var(ENDPOINT) {
        assert_eq!(
            identity(&endpoint).await,
            "arn:aws:iam::123456789012:user/of-the-environment"
        );
        return;
    }
    let moto = Moto::start_strict(PREPARATION);
    let keys = user(&moto, "of-the-environment", &allowing(&["sts:*"])).await;
    let environment = [
        ("AWS_ACCESS_KEY_ID", keys.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key.expose_secret()),
        ("AWS_REGION", "us-east-1"),
    ];
    let output = again("the_environment_is_looked_at", &moto.endpoint(), &environment);
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn a_profile_is_looked_at() {
    if let Ok(endpoint) = env::var(ENDPOINT) {
        assert_eq!(
            identity(&endpoint).await,
            "arn:aws:iam::123456789012:user/of-the-profile"
        );
        return;
    }
    let moto = Moto::start_strict(PREPARATION);
    let keys = user(&moto, "of-the-profile", &allowing(&["sts:*"])).await;
    let folder = tempfile::tempdir().unwrap();
    let profile = format!(
        "[profile backups]\nregion = us-east-1\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.access_key_id,
        keys.secret_access_key.expose_secret()
    );
    let file = folder.path().join("config");
    fs::write(&file, profile).unwrap();
    let environment = [("AWS_PROFILE", "backups"), ("AWS_CONFIG_FILE", file.to_str().unwrap())];
    let output = again("a_profile_is_looked_at", &moto.endpoint(), &environment);
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn a_machine_without_any_says_what_to_give() {
    if let Ok(endpoint) = env::var(ENDPOINT) {
        let aws = unconfigured(&endpoint);
        let region = aws.region().await.unwrap_err();
        assert!(region.to_string().contains("no region is configured"), "{region}");
        let call = Call::query(Service::Sts, "GetCallerIdentity", &[]);
        let error = aws.in_region("us-east-1").call(&call).await.unwrap_err();
        assert!(matches!(error, AwsError::NoCredentials(_)), "{error:?}");
        assert!(error.to_string().contains("access_key_id"), "{error}");
        return;
    }
    let endpoint = "http://127.0.0.1:9/".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let home = [("HOME", folder.path().to_str().unwrap())];
    let output = again("a_machine_without_any_says_what_to_give", &endpoint, &home);
    assert!(output.status.success(), "{output:?}");
}
