//! How tools end: at their limit, cancelled or dropped, and never leaving a child behind.

use std::time::{Duration, Instant};

use adapters::process::{ProcessError, ProcessIdentity};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::shell;
use crate::roles::{wait_for, within};

#[tokio::test]
async fn a_time_limit_ends_the_whole_group() {
    for supervised in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = "sleep 600 & echo $! > \"$0\"; echo waiting; wait";
        let mut call = shell(script).arg(&file).time_limit(Duration::from_millis(500));
        if supervised {
            call = call.supervised();
        }
        let began = Instant::now();
        let error = call.output().await.unwrap_err();
        let ProcessError::TimedOut { tail, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(tail, ["waiting"]);
        assert!(
            began.elapsed() < Duration::from_secs(4),
            "a willing tool was not ended at once"
        );
        let grandchild: i32 = wait_for(&file).parse().unwrap();
        assert!(
            within(Duration::from_secs(2), || ProcessIdentity::of(grandchild)
                .is_none()
                .then_some(()))
            .is_some()
        );
    }
}

#[tokio::test]
async fn a_tool_that_ignores_the_request_to_end_is_killed() {
    let began = Instant::now();
    let call = shell("trap '' TERM; while true; do sleep 1; done").time_limit(Duration::from_millis(100));
    let error = call.output().await.unwrap_err();
    assert!(matches!(error, ProcessError::TimedOut { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn cancelling_and_dropping_end_the_whole_group() {
    for (supervised, dropped) in [(false, false), (false, true), (true, false), (true, true)] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let token = CancellationToken::new();
        let mut call = shell("sleep 600 & echo $! > \"$0\"; wait")
            .arg(&file)
            .cancelled_by(token.clone());
        if supervised {
            call = call.supervised();
        }
        let task = tokio::spawn(call.output());
        let grandchild: i32 = tokio::task::spawn_blocking(move || wait_for(&file))
            .await
            .unwrap()
            .parse()
            .unwrap();
        if dropped {
            task.abort();
        } else {
            token.cancel();
            assert!(matches!(task.await.unwrap(), Err(ProcessError::Cancelled { .. })));
        }
        let gone = tokio::task::spawn_blocking(move || {
            within(Duration::from_secs(3), || {
                ProcessIdentity::of(grandchild).is_none().then_some(())
            })
        });
        assert!(
            gone.await.unwrap().is_some(),
            "supervised {supervised}, dropped {dropped}"
        );
    }
}

#[tokio::test]
async fn what_a_tool_leaves_in_its_group_ends_with_it() {
    let began = Instant::now();
    let output = shell("sleep 600 & echo $!").output().await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "waited for the child left behind"
    );
    let pid: i32 = output.text().trim().parse().unwrap();
    assert!(
        within(Duration::from_secs(2), || ProcessIdentity::of(pid)
            .is_none()
            .then_some(()))
        .is_some()
    );
}

#[tokio::test]
async fn a_reader_that_never_reads_does_not_keep_an_ended_tool() {
    let (sender, _unread) = mpsc::channel(1);
    let call = shell("yes").time_limit(Duration::from_millis(200));
    let ended = tokio::time::timeout(Duration::from_secs(30), call.stream(sender)).await;
    assert!(matches!(ended, Ok(Err(ProcessError::TimedOut { .. }))));
}

#[tokio::test]
async fn a_daemon_that_keeps_the_pipe_busy_does_not_keep_the_caller() {
    let call = shell("setsid sh -c 'echo $$; while true; do echo noise; done' & sleep 0.2").keep(100);
    let ended = tokio::time::timeout(Duration::from_secs(20), call.output()).await;
    let output = ended.expect("returned").unwrap();
    // The daemon's next line has no reader any more, which ends it.
    let daemon: i32 = output.text().lines().next().unwrap().parse().unwrap();
    assert!(
        within(Duration::from_secs(5), || ProcessIdentity::of(daemon)
            .is_none()
            .then_some(()))
        .is_some()
    );
}
