//! Answers that moto never gives: several pages of versions, pages without end, and what others change between two calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

use super::*;

type Answer = fn(&str, usize) -> (StatusCode, Json);

/// A server that gives the answers of a function: of the action and how often it was asked for.
async fn answering(answer: Answer) -> (Url, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let handler = async move |State(asked): State<Arc<AtomicUsize>>, headers: HeaderMap| {
        let action = headers["x-amz-target"]
            .to_str()
            .unwrap()
            .rsplit('.')
            .next()
            .unwrap()
            .to_owned();
        let (status, body) = answer(&action, asked.fetch_add(1, Ordering::Relaxed));
        (status, axum::Json(body))
    };
    let router = Router::new().fallback(handler).with_state(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (endpoint, asked)
}

fn reached(endpoint: Url, id: &str) -> AwsSecret {
    let settings = AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some(endpoint),
        keys: Some(everybodys_keys()),
        ..AwsSettings::default()
    };
    AwsSecret::new(id, settings).unwrap()
}

fn pages(action: &str, asked: usize) -> (StatusCode, Json) {
    let entry = |name: String, day: usize| json!({ "VersionId": name, "CreatedDate": 1_790_000_000 + day * 86_400, "New": [1] });
    let body = match action {
        "DescribeSecret" => json!({ "Name": NAME, "ARN": "arn", "RotationEnabled": null }),
        // Newest first.
        "ListSecretVersionIds" if asked < 3 => {
            let entries: Vec<_> = (0..100)
                .map(|n| entry(format!("v{asked}-{n}"), 1000 - asked * 100 - n))
                .collect();
            json!({ "Versions": entries, "NextToken": format!("page {asked}") })
        }
        "ListSecretVersionIds" => {
            json!({ "Versions": [entry("oldest".into(), 0), { "CreatedDate": 1 }], "NextToken": null })
        }
        _ => json!({}),
    };
    (StatusCode::OK, body)
}

#[tokio::test]
async fn every_page_of_versions_is_read_and_put_in_order() {
    let (endpoint, _) = answering(pages).await;
    let told = reached(endpoint, NAME).describe().await.unwrap();
    assert_eq!(told.versions.len(), 201);
    assert_eq!(told.versions[0].name, "oldest");
    assert_eq!(told.versions[200].name, "v1-0");
    assert!(
        told.versions
            .windows(2)
            .all(|two| two[0].created_at < two[1].created_at)
    );
}

fn endless(action: &str, asked: usize) -> (StatusCode, Json) {
    match action {
        "ListSecretVersionIds" => (StatusCode::OK, json!({ "NextToken": format!("page {asked}") })),
        _ => (StatusCode::OK, json!({ "Name": NAME })),
    }
}

#[tokio::test]
async fn pages_without_end_are_given_up() {
    let (endpoint, asked) = answering(endless).await;
    let told = reached(endpoint, NAME).describe().await.unwrap();
    assert!(told.remarks[0].contains("more than 100 pages"), "{:?}", told.remarks);
    assert_eq!(asked.load(Ordering::Relaxed), 102);
}

fn busy(_: &str, _: usize) -> (StatusCode, Json) {
    let words = json!({ "__type": "ThrottlingException", "message": "Rate exceeded" });
    (StatusCode::BAD_REQUEST, words)
}

#[tokio::test]
async fn a_busy_aws_is_asked_three_times() {
    let (endpoint, asked) = answering(busy).await;
    let error = reached(endpoint, NAME).describe().await.unwrap_err();
    assert!(
        matches!(&error, ManagerError::Unreachable(_, said) if said.contains("Rate exceeded")),
        "{error:?}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

fn closed(action: &str, _: usize) -> (StatusCode, Json) {
    let code = match action {
        "GetSecretValue" => "DecryptionFailure",
        _ => "ExpiredTokenException",
    };
    (
        StatusCode::BAD_REQUEST,
        json!({ "__type": code, "Message": "words of AWS" }),
    )
}

#[tokio::test]
async fn a_closed_key_and_an_expired_session_are_denied() {
    let (endpoint, _) = answering(closed).await;
    let secret = reached(endpoint, NAME);
    for error in [
        secret.read("a").await.unwrap_err(),
        secret.describe().await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, ManagerError::Denied(_, said) if said.contains("words of AWS")),
            "{error:?}"
        );
    }
}

fn partial(_: &str, _: usize) -> (StatusCode, Json) {
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ampora-master-AbC1x9";
    (
        StatusCode::OK,
        json!({ "ARN": arn, "Name": "ampora-master", "SecretString": "first" }),
    )
}

/// `ampora-master` looks like `ampora` with six drawn characters, and AWS takes the beginning of an ARN for the whole.
#[tokio::test]
async fn the_beginning_of_an_arn_is_no_name_for_a_secret() {
    let (endpoint, _) = answering(partial).await;
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ampora-master";
    let secret = reached(endpoint, arn);
    for refused in [
        secret.describe().await.map(drop),
        secret.read("a").await.map(drop),
        secret.append(&whole("second"), "a").await.map(drop),
    ] {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("only the beginning of"), "{refused}");
    }
}

#[tokio::test]
async fn an_answer_that_isn_t_aws_s_is_odd_and_not_repeated_in_words() {
    let (endpoint, _) = answering(|_, _| (StatusCode::OK, json!(["a-value-that-leaked"]))).await;
    let odd = reached(endpoint, NAME).read("a").await.unwrap_err();
    assert!(
        matches!(odd, ManagerError::Odd(..) | ManagerError::Absent(..)),
        "{odd:?}"
    );
    assert!(!odd.to_string().contains("leaked"), "{odd}");
}

/// Somebody else's version becomes current between the two calls that write.
fn raced(action: &str, asked: usize) -> (StatusCode, Json) {
    let current = if asked < 3 { "a" } else { "theirs" };
    match action {
        "DescribeSecret" => (
            StatusCode::OK,
            json!({ "ARN": "arn", "VersionIdsToStages": { current: ["AWSCURRENT"] } }),
        ),
        "UpdateSecretVersionStage" => (
            StatusCode::BAD_REQUEST,
            json!({ "__type": "InvalidParameterException", "message": "AWSCURRENT is attached to version theirs" }),
        ),
        _ => (StatusCode::OK, json!({ "VersionId": "ours", "SecretString": "first" })),
    }
}

#[tokio::test]
async fn a_version_that_became_current_meanwhile_stays_it() {
    let (endpoint, _) = answering(raced).await;
    let secret = reached(endpoint, NAME);
    let moved = secret.append(&whole("second"), "a").await;
    let overtaken = ManagerError::Overtaken(secret.name(), "theirs".into(), "ours".into());
    let said = overtaken.to_string();
    assert!(
        said.contains("what was written is version ours") && !said.contains("nothing"),
        "{said}"
    );
    assert_eq!(moved, Err(overtaken));
}
