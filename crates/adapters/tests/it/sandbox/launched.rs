//! A server that was launched on a copy: what stays of it when it is ended, and when its Muster is killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adapters::opamp::{Address, ServerIdentity};
use adapters::sandbox::{LaunchSpec, Launched, Running, Sandbox};
use chrono::Utc;
use sqlx::ConnectOptions as _;
use testkit::miniature;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{place, processes_about, started};
use crate::roles;

/// The stand-in for Ampora, launched on the cluster of the sandbox.
pub async fn launched(sandbox: &Sandbox, running: &Running) -> Launched {
    let key = miniature::master_key(2);
    let options = running.copy.options("postgres");
    miniature::fill(&options.options([("default_transaction_read_only", "off")]), &key).await;
    let (log, mut lines) = mpsc::channel(64);
    tokio::spawn(async move { while lines.recv().await.is_some() {} });
    let server = ServerIdentity::make(Utc::now()).expect("an identity");
    let command = testkit::stand_in::command("usual");
    let spec = LaunchSpec {
        command: &command,
        database: "postgres",
        key: &key,
        server: &server,
        time_limit: Duration::from_secs(60),
        cancellation: CancellationToken::new(),
        log,
    };
    sandbox.launch(&running.copy, spec).await.expect("it serves agents")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_muster_that_was_killed_no_launched_server_and_no_key_is_left() {
    let place = place();
    fs::create_dir(&place.sandboxes.root).expect("our own folder");
    let mut muster = roles::play("owner_of_a_launched_server", &place.sandboxes.root);
    let said = roles::wait_for(&place.sandboxes.root.join("ready"));
    let mut lines = said.lines();
    let (data, socket) = (lines.next().expect("a folder"), lines.next().expect("a socket"));
    assert!(Path::new(socket).exists());
    let serving = serving(socket);
    let spaces: Vec<_> = serving.iter().filter_map(|pid| namespaces(*pid)).collect();
    assert!(!spaces.is_empty(), "it runs in namespaces of its own: {serving:?}");
    assert!(
        !Path::new("/dev/shm/muster").exists(),
        "what it was handed is seen only inside"
    );
    muster.kill().expect("it is our child");
    muster.wait().expect("it is dead");
    let swept = place.sandboxes.sweep(Utc::now()).await.expect("sweeps");
    assert_eq!((swept.removed, swept.kept), (1, 0));
    assert_eq!(processes_about(data), Vec::<String>::new());
    assert_eq!(processes_about(socket), Vec::<String>::new());
    assert!(!Path::new(data).exists() && !Path::new(socket).exists());
    // A namespace ends with the last process in it, and with it the memory that held the key.
    let alive: Vec<_> = pids().filter_map(namespaces).collect();
    assert!(
        spaces.iter().all(|space| !alive.contains(space)),
        "{spaces:?} in {alive:?}"
    );
    fs::remove_file(place.sandboxes.root.join("ready")).expect("what the role wrote");
    assert_eq!(fs::read_dir(&place.sandboxes.root).expect("a folder").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launched_server_that_ends_leaves_the_copy_running_and_nothing_else() {
    let place = place();
    let (sandbox, running) = started(&place.sandboxes).await;
    let launched = launched(&sandbox, &running).await;
    let Address::Socket(socket) = launched.address.clone() else {
        panic!("a launched server listens at a socket");
    };
    let socket = socket.to_str().expect("text").to_owned();
    assert!(!serving(&socket).is_empty());
    launched.end().await;
    assert_eq!(serving(&socket), Vec::<i32>::new());
    running
        .copy
        .options("postgres")
        .connect()
        .await
        .expect("the copy goes on");
    running.end().await;
    sandbox.remove().await.expect("goes");
    assert!(!Path::new(&socket).exists());
    assert_eq!(fs::read_dir(&place.sandboxes.root).expect("a folder").count(), 0);
}

fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Processes that were told to listen at this socket.
fn serving(socket: &str) -> Vec<i32> {
    let told = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&format!("--listen={socket}"))
    };
    pids().filter(told).collect()
}

/// Network and files of a process, if they aren't those of this one.
fn namespaces(pid: i32) -> Option<[PathBuf; 2]> {
    let of = |pid: &str| -> Option<[PathBuf; 2]> {
        let link = |kind: &str| fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok();
        Some([link("net")?, link("mnt")?])
    };
    of(&pid.to_string()).filter(|found| of("self").is_some_and(|own| own[0] != found[0]))
}
