//! Parts that tests need another process for: this same test binary, started again to play one of them.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, chown},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use adapters::{
    memory,
    opamp::Address,
    postgres::Cluster,
    process::{RunAs, Tool, hygiene},
    sandbox::{Limits, Sandboxes},
};
use testkit::postgres::ThrowawayCluster;

use crate::sandbox;

const WORKSHOP: &str = "MUSTER_TEST_WORKSHOP";

/// Starts this binary to play one role; files in `workshop` are how it talks to the test.
pub fn play(role: &str, workshop: &Path) -> Child {
    Command::new("/proc/self/exe")
        .args(["--exact", &format!("roles::{role}"), "--ignored"])
        .env(WORKSHOP, workshop)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("this binary starts again")
}

/// The same as an ordinary user, after a shell has done `first`. Such a user can't read where this binary lies: it is copied into `workshop`.
/// `None`: this user is one.
pub fn play_as(user: Option<&RunAs>, first: &str, role: &str, workshop: &Path) -> Child {
    let executable = workshop.join("it");
    fs::copy("/proc/self/exe", &executable).expect("room for a copy");
    let mut command = Command::new("/bin/sh");
    if let Some(user) = user {
        fs::set_permissions(workshop, Permissions::from_mode(0o755)).expect("own folder");
        chown(workshop, Some(user.uid), Some(user.gid)).expect("root gives away");
        command.uid(user.uid).gid(user.gid);
    }
    command
        .args(["-c", &format!("{first}; exec \"$0\" \"$@\"")])
        .arg(&executable)
        .args(["--exact", &format!("roles::{role}"), "--ignored"])
        .env(WORKSHOP, workshop)
        .current_dir(workshop)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("a copy of this binary starts")
}

/// Waits for a file that a role or tool writes, and returns what it says.
pub fn wait_for(file: &Path) -> String {
    within(Duration::from_secs(20), || {
        fs::read_to_string(file).ok().filter(|text| text.ends_with('\n'))
    })
    .unwrap_or_else(|| panic!("{} was not written", file.display()))
    .trim()
    .to_owned()
}

/// Asks again and again until there is an answer or the time is over.
pub fn within<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        match ask() {
            None if began.elapsed() < limit => sleep(Duration::from_millis(20)),
            answer => return answer,
        }
    }
}

fn workshop() -> PathBuf {
    std::env::var_os(WORKSHOP).expect("started by another test").into()
}

#[tokio::test]
#[ignore = "a role of supervision tests"]
async fn worker_with_a_supervised_tool() {
    let pid_file = workshop().join("tool.pid");
    let script = "trap '' TERM; sleep 600 & echo $$ $! > \"$0\"; wait; wait";
    let call = Tool::new("/bin/sh").invoke(["-c", script]).arg(pid_file).supervised();
    let ended = call.output().await;
    panic!("the tool ended before its worker was killed: {ended:?}");
}

#[tokio::test]
#[ignore = "a role of cluster tests"]
async fn owner_of_a_cluster() {
    let spec = testkit::postgres::fast_spec(&workshop());
    let cluster = Cluster::start(spec).await.expect("starts");
    fs::write(workshop().join("ready"), format!("{:?}\n", *cluster.state().borrow())).expect("writable");
    std::future::pending::<()>().await;
}

#[tokio::test]
#[ignore = "a role of cluster tests"]
async fn owner_of_a_throwaway_cluster() {
    let cluster = ThrowawayCluster::start().await;
    let said = format!(
        "{:?}\n{}\n",
        *cluster.cluster().state().borrow(),
        cluster.cluster().data_dir().display()
    );
    fs::write(workshop().join("ready"), said).expect("writable");
    std::future::pending::<()>().await;
}

#[tokio::test]
#[ignore = "a role of sandbox tests"]
async fn owner_of_a_sandbox() {
    let sandboxes = Sandboxes {
        root: workshop(),
        run_as: RunAs::unprivileged().expect("a user for tools"),
        hidden: Vec::new(),
        limits: Limits::default(),
    };
    let (sandbox, running) = sandbox::started(&sandboxes).await;
    let socket = running
        .copy
        .options("postgres")
        .get_socket()
        .expect("a socket")
        .display()
        .to_string();
    fs::write(
        workshop().join("ready"),
        format!("{}\n{socket}\n", sandbox.data().display()),
    )
    .expect("writable");
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a role of sandbox tests"]
async fn owner_of_a_launched_server() {
    let sandboxes = Sandboxes {
        root: workshop(),
        run_as: RunAs::unprivileged().expect("a user for tools"),
        hidden: Vec::new(),
        limits: Limits::default(),
    };
    let (sandbox, running) = sandbox::started(&sandboxes).await;
    let launched = sandbox::launched(&sandbox, &running).await;
    let Address::Socket(socket) = &launched.address else {
        panic!("a launched server listens at a socket: {:?}", launched.address);
    };
    fs::write(
        workshop().join("ready"),
        format!("{}\n{}\n", sandbox.data().display(), socket.display()),
    )
    .expect("writable");
    std::future::pending::<()>().await;
}

#[tokio::test]
#[ignore = "a role of hygiene tests"]
async fn hardened_process() {
    let before = std::env::current_exe().expect("readable");
    let report = hygiene::harden();
    let problems: Vec<_> = report.problems().collect();
    assert_eq!(std::env::current_exe().expect("still readable"), before);
    let call = Tool::new("/bin/sh").invoke(["-c", "ulimit -c"]).supervised();
    let limit = call
        .output()
        .await
        .expect("this process still starts and supervises tools");
    let said = format!("{problems:?} {}", limit.text());
    fs::write(workshop().join("hardened"), said).expect("writable");
    std::future::pending::<()>().await;
}

#[test]
#[ignore = "a role of memory tests"]
fn guarded_process() {
    let report = memory::guard();
    let guards: Vec<_> = report.guards.iter().map(ToString::to_string).collect();
    // More than any limit on locked memory that isn't none.
    let much = std::hint::black_box(vec![7_u8; 64 << 20]);
    let said = format!("{}\n{} bytes\n", guards.join("\n"), much.len());
    fs::write(workshop().join("guarded"), said).expect("writable");
    loop {
        sleep(Duration::from_secs(60));
    }
}

#[test]
#[ignore = "a role of memory tests"]
fn guarded_process_that_crashes() {
    let _ = memory::guard();
    std::process::abort();
}

#[test]
#[ignore = "a role of memory tests"]
fn process_that_crashes() {
    std::process::abort();
}

#[test]
#[ignore = "a role of memory tests"]
fn unguarded_process() {
    fs::write(workshop().join("running"), "yes\n").expect("writable");
    loop {
        sleep(Duration::from_secs(60));
    }
}
