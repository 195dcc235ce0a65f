//! Muster's own memory stays its own.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown},
    process::{Command, Stdio},
    time::Duration,
};

use adapters::process::{RunAs, Tool};

use crate::roles::{play, wait_for};

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
    let Some(user) = RunAs::unprivileged().unwrap() else {
        return;
    };
    let workshop = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    fs::set_permissions(workshop.path(), Permissions::from_mode(0o755)).unwrap();
    chown(workshop.path(), Some(user.uid), Some(user.gid)).unwrap();
    let executable = workshop.path().join("it");
    fs::copy("/proc/self/exe", &executable).unwrap();
    let mut process = {
        use std::os::unix::process::CommandExt;
        Command::new(&executable)
            .args(["--exact", "roles::hardened_process", "--ignored"])
            .env("MUSTER_TEST_WORKSHOP", workshop.path())
            .uid(user.uid)
            .gid(user.gid)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let said = wait_for(&workshop.path().join("hardened"));
    let script = "cat /proc/$0/environ; head -c 1 /proc/$0/mem; cat /proc/$0/maps; ls /proc/$0/fd; true";
    let spy = Tool::new("/bin/sh")
        .run_as(Some(user))
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
