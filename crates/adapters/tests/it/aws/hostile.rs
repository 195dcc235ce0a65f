//! Endpoints that answer as AWS can when it is busy, and as it never would.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapters::aws::AwsError;
use adapters::rds::Rds;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const THROTTLED: &str =
    "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";

/// Gives the first answers in turn and then the last one for ever; counts the calls.
async fn answering(answers: Vec<String>) -> (Aws, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let call = counted.fetch_add(1, Ordering::Relaxed);
            request(&mut stream).await;
            let _outcome = stream.write_all(answers[call.min(answers.len() - 1)].as_bytes()).await;
        }
    });
    (reached(endpoint, keys("AKIDEXAMPLE", "a-secret", None)), calls)
}

async fn request(stream: &mut TcpStream) {
    let mut request = [0; 8192];
    let _length = stream.read(&mut request).await;
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn describe(aws: &Aws) -> Result<Vec<u8>, AwsError> {
    aws.call(&Call::query(Service::Rds, "DescribeDBInstances", &[])).await
}

#[tokio::test]
async fn a_busy_aws_is_asked_again() {
    let failed = answer(
        "500 Internal Server Error",
        &THROTTLED.replace("Throttling", "InternalFailure"),
    );
    let (aws, calls) = answering(vec![
        answer("400 Bad Request", THROTTLED),
        failed,
        answer("200 OK", "<ok/>"),
    ])
    .await;
    assert_eq!(describe(&aws).await.unwrap(), b"<ok/>");
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_aws_that_stays_busy_is_left_alone() {
    let busy = answer("429 Too Many Requests", THROTTLED).replace("connection:", "retry-after: 0\r\nconnection:");
    let (aws, calls) = answering(vec![busy]).await;
    let error = describe(&aws).await.unwrap_err();
    assert!(
        matches!(
            &error,
            AwsError::Throttled {
                retry_after: Some(Duration::ZERO),
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_refusal_isn_t_repeated() {
    let denied = answer("403 Forbidden", &THROTTLED.replace("Throttling", "AccessDenied"));
    let (aws, calls) = answering(vec![denied]).await;
    assert!(matches!(describe(&aws).await, Err(AwsError::Denied(_))));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_redirect_isn_t_followed() {
    let there = answer("302 Found", "").replace("connection:", "location: http://127.0.0.1:1/\r\nconnection:");
    let (aws, calls) = answering(vec![there]).await;
    let error = describe(&aws).await.unwrap_err();
    assert!(error.to_string().contains("status 302"), "{error}");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn silence_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Aws::new(AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some(format!("http://{}", listener.local_addr().unwrap()).parse().unwrap()),
        keys: Some(keys("AKIDEXAMPLE", "a-secret", None)),
        patience: Duration::from_millis(300),
    });
    let error = describe(&silent.unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("didn’t answer in time"), "{error}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        while stream.write_all(&[b' '; 65536]).await.is_ok() {}
    });
    let error = describe(&reached(endpoint, keys("AKIDEXAMPLE", "a-secret", None)))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
}

const INSTANCE: &str =
    "<R><DBInstances><DBInstance><DBInstanceIdentifier>ampora</DBInstanceIdentifier></DBInstance></DBInstances></R>";

fn snapshots(numbers: std::ops::Range<u32>, marker: &str) -> String {
    let one = |number| {
        format!(
            "<DBSnapshot><DBSnapshotIdentifier>{number}</DBSnapshotIdentifier><DBInstanceIdentifier>ampora</DBInstanceIdentifier></DBSnapshot>"
        )
    };
    let all: String = numbers.map(one).collect();
    answer(
        "200 OK",
        &format!("<R><DBSnapshots>{all}</DBSnapshots><Marker>{marker}</Marker></R>"),
    )
}

/// moto puts everything on one page.
async fn paged(pages: Vec<String>) -> adapters::rds::Managed {
    let automated = "<R><DBInstanceAutomatedBackups/></R>";
    let answers = [vec![answer("200 OK", INSTANCE), answer("200 OK", automated)], pages].concat();
    let (aws, _) = answering(answers).await;
    let source = Rds {
        name: "managed".into(),
        instance: "ampora".into(),
        aws,
    };
    source.read().await.unwrap()
}

#[tokio::test]
async fn every_page_is_read() {
    let managed = paged(vec![
        snapshots(0..100, "a"),
        snapshots(100..200, "b"),
        snapshots(200..210, ""),
    ])
    .await;
    assert_eq!((managed.backups.len(), &managed.unread[..]), (210, &[][..]));
}

#[tokio::test]
async fn pages_that_repeat_themselves_end() {
    let managed = paged(vec![snapshots(0..100, "a"), snapshots(0..100, "a")]).await;
    assert!(managed.unread[0].contains("repeats a page"), "{:?}", managed.unread);
}
