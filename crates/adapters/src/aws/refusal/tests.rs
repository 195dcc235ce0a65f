use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::aws::Service;

fn told(answer: Answer) -> AwsError {
    let call = Call::query(Service::Rds, "DescribeDBInstances", &[]);
    judge(&call, answer, &credentials()).unwrap_err()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "a-secret", Some("a-token".into()), None, "test")
}

fn xml(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    Answer {
        status,
        body: body.into_bytes(),
        ..Answer::default()
    }
}

#[test]
fn aws_s_codes_are_sorted_by_what_helps() {
    type Expected = fn(&AwsError) -> bool;
    let denied: Expected = |error| matches!(error, AwsError::Denied(_));
    let credentials: Expected = |error| matches!(error, AwsError::Credentials(_));
    let expired: Expected = |error| matches!(error, AwsError::Expired(_));
    let throttled: Expected = |error| matches!(error, AwsError::Throttled { .. });
    let faulty: Expected = |error| matches!(error, AwsError::Faulty(_));
    let refused: Expected = |error| matches!(error, AwsError::Refused(_));
    for (status, code, expected) in [
        (403, "AccessDenied", denied),
        (403, "SignatureDoesNotMatch", credentials),
        (403, "InvalidClientTokenId", credentials),
        (403, "RequestTimeTooSkewed", credentials),
        (400, "ExpiredToken", expired),
        (400, "Throttling", throttled),
        (503, "SlowDown", throttled),
        (429, "SomethingNew", throttled),
        (500, "InternalFailure", faulty),
        (404, "DBInstanceNotFound", refused),
    ] {
        let error = told(xml(status, code, "why"));
        assert!(expected(&error), "{error:?}");
        assert_eq!(error.code(), Some(code));
        assert!(error.to_string().contains(&format!("{code}: why")), "{error}");
    }
}

#[test]
fn the_other_dialects_are_understood() {
    let s3 = Answer {
        status: 404,
        body: b"<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>gone</Message><BucketName>b</BucketName></Error>".into(),
        ..Answer::default()
    };
    assert_eq!(told(s3).code(), Some("NoSuchBucket"));
    for (header, body) in [
        (
            None,
            json!({ "__type": "com.amazonaws.kms#NotFoundException", "message": "gone" }),
        ),
        (
            Some("NotFoundException:http://internal.amazon.com/"),
            json!({ "Message": "gone" }),
        ),
    ] {
        let answer = Answer {
            status: 400,
            error_type: header.map(str::to_owned),
            body: body.to_string().into_bytes(),
            ..Answer::default()
        };
        let error = told(answer);
        assert_eq!(error.code(), Some("NotFoundException"));
        assert!(error.to_string().contains("gone"), "{error}");
    }
}

#[test]
fn a_page_of_something_else_is_no_refusal_of_aws() {
    let page = Answer {
        status: 500,
        kind: Some("text/html".into()),
        body: b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>".into(),
        ..Answer::default()
    };
    let error = told(page).to_string();
    assert!(error.contains("isn’t understood: status 500 with text/html"), "{error}");
}

#[test]
fn a_bucket_elsewhere_names_its_region() {
    for answer in [
        xml(301, "PermanentRedirect", ""),
        Answer {
            status: 301,
            ..Answer::default()
        },
    ] {
        let elsewhere = Answer {
            bucket_region: Some("eu-central-1".into()),
            ..answer
        };
        assert!(matches!(told(elsewhere), AwsError::Elsewhere { region, .. } if region == "eu-central-1"));
    }
}

#[test]
fn a_complaint_about_a_signature_gives_nothing_away() {
    let message = "The request signature for AKIDEXAMPLE, a-secret, a-token doesn’t match.\n\nThe Canonical String should have been\n\
                   'POST\nx-amz-security-token:a-token\n'";
    let error = told(xml(403, "SignatureDoesNotMatch", message));
    let said = format!("{error} {error:?}");
    assert!(
        said.contains("The request signature for …, …, … doesn’t match"),
        "{said}"
    );
    for secret in ["AKIDEXAMPLE", "a-secret", "a-token", "Canonical"] {
        assert!(!said.contains(secret), "{said}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(status in 300u16..600, body in prop::collection::vec(any::<u8>(), 0..300), long in "\\PC{0,600}") {
        told(Answer { status, body, ..Answer::default() });
        told(xml(status, "Code", &long));
    }
}
