use serde_json::json;

use super::*;
use crate::aws::Service;

fn aws(endpoint: Option<&str>) -> Result<Aws, AwsError> {
    Aws::new(AwsSettings {
        region: Some("eu-west-1".into()),
        endpoint: endpoint.map(|endpoint| endpoint.parse().unwrap()),
        keys: Some(keys()),
        ..AwsSettings::default()
    })
}

fn keys() -> AccessKeys {
    AccessKeys {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        session_token: Some("a-session-token".into()),
    }
}

fn url(endpoint: Option<&str>, call: &Call) -> String {
    aws(endpoint).unwrap().url(call, "eu-west-1").unwrap().into()
}

#[test]
fn signed_calls_don_t_cross_a_network_unprotected() {
    for endpoint in [
        "http://rds.example.org",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
    ] {
        assert!(matches!(aws(Some(endpoint)), Err(AwsError::Settings(_))), "{endpoint}");
    }
    assert!(aws(Some("http://127.0.0.1:5005")).is_ok());
    assert!(aws(Some("https://vpce-1.rds.eu-west-1.vpce.amazonaws.com")).is_ok());
}

#[test]
fn a_region_can_t_lead_elsewhere() {
    let settings = AwsSettings {
        region: Some("x.example.org/".into()),
        ..AwsSettings::default()
    };
    assert!(matches!(Aws::new(settings), Err(AwsError::Settings(_))));
    let there = aws(None).unwrap().in_region("x.example.org/");
    assert_eq!(there.region.as_deref(), Some("eu-west-1"));
}

#[test]
fn each_call_has_its_address() {
    let describe = Call::query(Service::Rds, "DescribeDBInstances", &[]);
    let versioning = |bucket| Call::bucket("GetBucketVersioning", bucket, "versioning");
    for (endpoint, call, expected) in [
        (None, &describe, "https://rds.eu-west-1.amazonaws.com/"),
        (Some("http://127.0.0.1:5005"), &describe, "http://127.0.0.1:5005/"),
        (
            None,
            &versioning("dumps"),
            "https://dumps.s3.eu-west-1.amazonaws.com/?versioning=",
        ),
        (
            None,
            &versioning("dumps.example.org"),
            "https://s3.eu-west-1.amazonaws.com/dumps.example.org?versioning=",
        ),
        (
            Some("http://127.0.0.1:5005/"),
            &versioning("dumps"),
            "http://127.0.0.1:5005/dumps?versioning=",
        ),
        (
            Some("http://127.0.0.1:5005/"),
            &versioning("a/../b?x"),
            "http://127.0.0.1:5005/a%2F..%2Fb%3Fx?versioning=",
        ),
    ] {
        assert_eq!(url(endpoint, call), expected);
    }
}

#[test]
fn a_bucket_s_name_can_t_become_another_host() {
    for name in ["example.org/", "x@example.org", "x:1@y/", "x/y", "x#y"] {
        let call = Call::bucket("GetBucketVersioning", name, "versioning");
        match aws(None).unwrap().url(&call, "eu-west-1") {
            Ok(url) => assert!(url.host_str().unwrap().ends_with("s3.eu-west-1.amazonaws.com"), "{url}"),
            Err(error) => assert!(matches!(error, AwsError::Settings(_)), "{error}"),
        }
    }
}

#[test]
fn the_signature_covers_the_body_and_carries_the_token() {
    let call = Call::kms("DescribeKey", &json!({ "KeyId": "1" }));
    let url: Url = "https://kms.eu-west-1.amazonaws.com/".parse().unwrap();
    let headers = signature(&call, &url, "eu-west-1", &keys().into()).unwrap();
    let value = |name| &headers.iter().find(|(header, _)| *header == name).unwrap().1;
    assert!(value("authorization").contains(
        "/eu-west-1/kms/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"
    ));
    assert_eq!(value("x-amz-security-token"), "a-session-token");
}

#[test]
fn nothing_of_the_credentials_is_printed() {
    let printed = format!(
        "{:?} {:?}",
        aws(None).unwrap(),
        AwsSettings {
            keys: Some(keys()),
            ..AwsSettings::default()
        }
    );
    for secret in ["AKIDEXAMPLE", "wJalr", "a-session-token"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn who_is_told_to_wait_long_doesn_t() {
    let throttled = |seconds| AwsError::Throttled {
        refusal: super::super::Refusal {
            call: "rds:DescribeDBInstances".into(),
            status: 400,
            code: "Throttling".into(),
            message: String::new(),
        },
        retry_after: Some(Duration::from_secs(seconds)),
    };
    assert_eq!(pause(&throttled(2), 0), Some(Duration::from_secs(2)));
    assert_eq!(pause(&throttled(600), 0), None);
    assert_eq!(pause(&AwsError::NoCredentials(String::new()), 0), None);
}
