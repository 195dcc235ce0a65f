//! What a guarded process keeps to itself, against one that isn't guarded.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use adapters::process::{RunAs, Tool};
use rustix::process::{Resource, getrlimit};

use crate::roles::{play, play_as, wait_for};

fn end(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Lets a role crash where a core file may be as large as it likes, and tells how it ended and which core files there are then.
fn crash(role: &str) -> (ExitStatus, Vec<String>) {
    let workshop = tempfile::tempdir().unwrap();
    let ended = Command::new("/bin/sh")
        .args(["-c", "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("roles::{role}"), "--ignored"])
        .current_dir(workshop.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let files = fs::read_dir(workshop.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    (ended, names.filter(|name| name.contains("core")).collect())
}

#[test]
fn a_guarded_process_that_crashes_leaves_no_core() {
    let (ended, files) = crash("guarded_process_that_crashes");
    assert_eq!(ended.signal(), Some(6), "{ended:?}");
    assert!(!ended.core_dumped() && files.is_empty(), "{ended:?} {files:?}");
    // Without the guard there would be one, where this machine makes any.
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    if !pattern.starts_with(['|', '/']) && getrlimit(Resource::Core).maximum != Some(0) {
        let (ended, files) = crash("process_that_crashes");
        assert!(ended.core_dumped() && files.len() == 1, "{ended:?} {files:?}");
    }
}

/// Locked memory, in KiB, as the kernel counts it.
fn locked(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What the guarded process said of each way.
fn said(workshop: &Path) -> Vec<String> {
    let said = wait_for(&workshop.join("guarded"));
    said.lines().map(str::to_owned).collect()
}

#[test]
fn what_is_said_of_the_lock_is_what_the_kernel_counts() {
    let workshop = tempfile::tempdir().unwrap();
    let process = play("guarded_process", workshop.path());
    let said = said(workshop.path());
    let locked = locked(&process);
    end(process);
    assert_eq!(said[4], "67108864 bytes");
    assert!(
        said[0].starts_with("other processes: none") && said[1].starts_with("core dumps: the kernel makes none"),
        "{said:?}"
    );
    assert_eq!(
        said[3].contains("all memory is locked"),
        locked > 64 * 1024,
        "{locked} KiB {said:?}"
    );
}

/// It has to live on, though it could lock a little.
#[test]
fn a_process_that_may_lock_little_locks_nothing() {
    let workshop = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let user = RunAs::unprivileged().unwrap();
    let process = play_as(user.as_ref(), "ulimit -l 64", "guarded_process", workshop.path());
    let (said, locked) = (said(workshop.path()), locked(&process));
    end(process);
    assert_eq!((said[4].as_str(), locked), ("67108864 bytes", 0));
    assert!(!said[3].contains("all memory is locked"), "{said:?}");
}

/// What another process of the same user reads of this one.
async fn spied(user: Option<RunAs>, process: &Child) -> (String, usize) {
    let script = "tr '\\0' '\\n' < /proc/$0/environ | grep -c MUSTER_TEST; head -c 1 /proc/$0/mem; true";
    let spy = Tool::new("/bin/sh").run_as(user).invoke(["-c", script]);
    let spy = spy.arg(process.id().to_string()).time_limit(Duration::from_secs(10));
    let seen = spy.output().await.unwrap();
    (
        seen.text().into(),
        seen.error_text().matches("Permission denied").count(),
    )
}

/// Root may read everything, so this needs an ordinary user.
#[tokio::test]
async fn a_guarded_process_is_closed_to_its_own_user_where_another_is_open() {
    let user = RunAs::unprivileged().unwrap();
    let folder = || tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let (open, closed) = (folder(), folder());
    let unguarded = play_as(user.as_ref(), "true", "unguarded_process", open.path());
    wait_for(&open.path().join("running"));
    let of_unguarded = spied(user.clone(), &unguarded).await;
    end(unguarded);
    let guarded = play_as(user.as_ref(), "true", "guarded_process", closed.path());
    said(closed.path());
    let of_guarded = spied(user, &guarded).await;
    end(guarded);
    assert_eq!(of_unguarded.0, "1\n");
    assert_eq!(of_guarded, ("0\n".into(), 2));
}
