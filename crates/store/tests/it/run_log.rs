use std::time::Duration;

use domain::time::Timestamp;
use store::runs::{LOG_LIMIT, LogLine, LogStream};

use crate::sample::{now, queued};
use crate::store;

const LEASE: Duration = Duration::from_secs(60);

fn line(at: Timestamp, text: impl Into<String>) -> LogLine {
    LogLine {
        at,
        step: 1,
        stream: LogStream::Err,
        text: text.into(),
    }
}

#[tokio::test]
async fn lines_come_back_in_order_from_where_one_left() {
    let store = store().await;
    let run = queued(&store, "demo").await;
    let fence = store.run_claim("w", LEASE).await.unwrap().unwrap().fence;
    let at = now(&store).await;
    let lines = ["one", "two", "three"].map(|text| line(at, text));
    store.run_log_append(run, fence, &lines[..2]).await.unwrap();
    store.run_log_append(run, fence, &lines[2..]).await.unwrap();
    let first = store.run_log(run, 0, 2).await.unwrap();
    let rest = store.run_log(run, first[1].seq, 100).await.unwrap();
    let read: Vec<_> = first.into_iter().chain(rest).map(|stored| stored.line).collect();
    assert_eq!(read, lines);
}

#[tokio::test]
async fn a_long_line_is_cut_between_characters_and_nul_is_made_visible() {
    let store = store().await;
    let run = queued(&store, "demo").await;
    let fence = store.run_claim("w", LEASE).await.unwrap().unwrap().fence;
    let at = now(&store).await;
    let lines = [line(at, "ä".repeat(4000)), line(at, "a\0b"), line(at, "x".repeat(4096))];
    store.run_log_append(run, fence, &lines).await.unwrap();
    let read = store.run_log(run, 0, 10).await.unwrap();
    assert!(read[0].line.text.len() <= 4096 && read[0].line.text.ends_with("ä … (cut)"));
    assert_eq!(read[1].line.text, "a\u{FFFD}b");
    assert_eq!(read[2].line, lines[2]);
}

#[tokio::test]
async fn a_flood_ends_with_a_line_that_says_so_and_muster_is_heard_all_the_same() {
    let store = store().await;
    let run = queued(&store, "demo").await;
    let fence = store.run_claim("w", LEASE).await.unwrap().unwrap().fence;
    let at = now(&store).await;
    let flood = vec![line(at, "x".repeat(4096)); 1000];
    let mut left_out = 0;
    for _ in 0..27 {
        left_out += store.run_log_append(run, fence, &flood).await.unwrap();
    }
    let kept = usize::try_from(LOG_LIMIT).unwrap() / 4096;
    assert_eq!(left_out, 27_000 - kept);
    let said = LogLine {
        stream: LogStream::Note,
        ..line(at, "the step failed")
    };
    store
        .run_log_append(run, fence, std::slice::from_ref(&said))
        .await
        .unwrap();
    store
        .run_log_append_last(run, fence, &[line(at, "the tool’s last words")])
        .await
        .unwrap();
    assert_eq!(store.run_log_size(run).await.unwrap(), i64::try_from(kept).unwrap() + 3);
    let end = store.run_log_last(run, 4).await.unwrap();
    let end: Vec<_> = end.iter().map(|stored| stored.line.text.as_str()).collect();
    assert!(
        end[0].starts_with("xxx") && end[1].starts_with("The log ends here"),
        "{}",
        end[1]
    );
    assert_eq!(end[2..], ["the step failed", "the tool’s last words"]);
    let page = store.run_log_page(run, i64::try_from(kept).unwrap(), 2).await.unwrap();
    assert_eq!(page[1].line, said);
}
