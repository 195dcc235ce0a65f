//! Private clusters on the PostgreSQL that is installed here.

mod life;
mod refusals;
mod survival;

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use adapters::postgres::{Cluster, ClusterState};
use sqlx::{ConnectOptions, Connection};
use testkit::postgres::SUPERUSER;

fn running_pid(cluster: &Cluster) -> i32 {
    match *cluster.state().borrow() {
        ClusterState::Running { pid } => pid,
        ref other => panic!("not running: {other:?}"),
    }
}

async fn ask(cluster: &Cluster, query: &'static str) -> String {
    let mut connection = cluster.connect_options("postgres", SUPERUSER).connect().await.unwrap();
    let answer = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

/// Processes named `postgres` that work in this folder.
fn servers_in(data: &Path) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    processes
        .filter(|process| fs::read_to_string(process.join("comm")).is_ok_and(|name| name == "postgres\n"))
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data))
        .collect()
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Name, size and modification time of all files, to tell whether anything was touched.
fn fingerprint(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let meta = entry.metadata().unwrap();
        found.push(format!(
            "{} {} {}.{}",
            entry.path().display(),
            meta.len(),
            meta.mtime(),
            meta.mtime_nsec()
        ));
        if meta.is_dir() {
            found.extend(fingerprint(&entry.path()));
        }
    }
    found.sort();
    found
}
