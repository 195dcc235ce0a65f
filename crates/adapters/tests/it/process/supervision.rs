//! Supervised tools: they die with their worker, and nobody is told they ended when they may not have.

use std::time::Duration;

use adapters::process::{ProcessError, ProcessIdentity};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;

use super::shell;
use crate::roles::{play, wait_for, within};

#[tokio::test]
async fn a_supervised_tool_waits_until_its_identity_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ran");
    let running = shell("echo yes > \"$0\"").arg(&file).supervised().spawn().unwrap();
    assert!(running.identity().is_alive());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!file.exists(), "the tool ran before anybody could store who it is");
    running.collect().await.unwrap();
    assert_eq!(wait_for(&file), "yes");
}

#[tokio::test]
async fn passwords_are_in_no_argument_of_the_supervisor() {
    let secret = SecretString::from("s3cret-for-ps");
    let script = "for p in $PPID $$; do tr '\\0' ' ' < /proc/$p/cmdline; done";
    let output = shell(script)
        .secret_env("PGPASSWORD", &secret)
        .supervised()
        .output()
        .await
        .unwrap();
    assert!(output.text().starts_with("muster __supervise "), "{}", output.text());
    assert!(!output.text().contains("s3cret"));
}

#[test]
fn tools_die_with_a_worker_that_is_killed() {
    let workshop = tempfile::tempdir().unwrap();
    let mut worker = play("worker_with_a_supervised_tool", workshop.path());
    let pids = wait_for(&workshop.path().join("tool.pid"));
    let tools: Vec<_> = pids
        .split(' ')
        .map(|pid| ProcessIdentity::of(pid.parse().unwrap()).unwrap())
        .collect();
    assert_eq!(tools.len(), 2);
    worker.kill().unwrap();
    worker.wait().unwrap();
    // The tool ignores the request to end, so it is killed after the grace.
    let gone = within(Duration::from_secs(10), || {
        tools.iter().all(|tool| !tool.is_alive()).then_some(())
    });
    assert!(gone.is_some(), "the tool or its child outlived the worker");
}

#[tokio::test]
async fn a_lost_supervisor_is_not_taken_for_a_tool_that_ended() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let running = shell("echo $$ > \"$0\"; exec sleep 600")
        .arg(&file)
        .supervised()
        .spawn()
        .unwrap();
    let supervisor = Pid::from_raw(running.identity().pid).unwrap();
    let task = tokio::spawn(running.collect());
    let tool: i32 = tokio::task::spawn_blocking(move || wait_for(&file))
        .await
        .unwrap()
        .parse()
        .unwrap();
    kill_process(supervisor, Signal::KILL).unwrap();
    let error = task.await.unwrap().unwrap_err();
    let tool = Pid::from_raw(tool).unwrap();
    kill_process(tool, Signal::KILL).unwrap();
    assert!(matches!(error, ProcessError::SupervisorLost { .. }), "{error}");
}
