//! Muster's own memory stays its own.

use std::time::Duration;

use adapters::process::{RunAs, Tool};

use crate::roles::{play, play_as, wait_for};

#[test]
fn a_hardened_process_works_on_and_dumps_no_core() {
    let workshop = tempfile::tempdir().unwrap();
    let mut process = play("hardened_process", workshop.path());
    let said = wait_for(&workshop.path().join("hardened"));
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(said, "[] 0");
}

/// Root may read everything, so this needs an ordinary user and another process of the same one.
#[tokio::test]
async fn another_process_of_the_same_user_can_read_neither_environment_nor_memory() {
    let user = RunAs::unprivileged().unwrap();
    let workshop = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let mut process = play_as(user.as_ref(), "true", "hardened_process", workshop.path());
    let said = wait_for(&workshop.path().join("hardened"));
    let script = "cat /proc/$0/environ; head -c 1 /proc/$0/mem; cat /proc/$0/maps; ls /proc/$0/fd; true";
    let spy = Tool::new("/bin/sh")
        .run_as(user)
        .invoke(["-c", script])
        .arg(process.id().to_string());
    let seen = spy.time_limit(Duration::from_secs(10)).output().await.unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(said, "[] 0");
    assert_eq!(seen.text(), "");
    assert_eq!(
        seen.error_text().matches("Permission denied").count(),
        4,
        "{}",
        seen.error_text()
    );
}
