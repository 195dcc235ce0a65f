//! What a cluster survives: a killed Muster, a killed server, and what both leave behind.

use std::{fs, os::unix::process::CommandExt, process::Command, time::Duration};

use adapters::{
    postgres::{Cluster, ClusterError, ClusterState},
    process::{ProcessIdentity, RunAs},
};
use sqlx::ConnectOptions;
use testkit::postgres::{ClusterFolder, SUPERUSER, fast_spec};
use tokio::time::timeout;

use super::{ask, kill, running_pid};
use crate::roles::{play, wait_for};

#[tokio::test]
async fn the_server_of_a_killed_muster_is_adopted() {
    let folder = ClusterFolder::create();
    let mut owner = play("owner_of_a_cluster", folder.path());
    let said = tokio::task::spawn_blocking({
        let ready = folder.path().join("ready");
        move || wait_for(&ready)
    });
    let said = said.await.unwrap();
    let refused = Cluster::start(fast_spec(folder.path())).await.map(drop).unwrap_err();
    let ClusterError::InUse { holder, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!(holder, Some(owner.id()));
    owner.kill().unwrap();
    owner.wait().unwrap();

    let spec = fast_spec(folder.path()).setting("work_mem", "5MB").unwrap();
    let cluster = Cluster::start(spec).await.unwrap();
    assert_eq!(
        format!(
            "{:?}",
            ClusterState::Running {
                pid: running_pid(&cluster)
            }
        ),
        said,
        "another server was started"
    );
    assert_eq!(
        ask(&cluster, "SHOW work_mem").await,
        "5MB",
        "the adopted server was not told of a changed setting"
    );
    let pid = running_pid(&cluster);
    cluster.stop().await.unwrap();
    assert!(ProcessIdentity::of(pid).is_none());
}

#[tokio::test]
async fn a_server_that_dies_is_started_again() {
    let folder = ClusterFolder::create();
    let cluster = Cluster::start(folder.spec()).await.unwrap();
    let supervision = cluster.supervise();
    let mut state = cluster.state();
    // A session is open, so backends outlive their postmaster for a moment.
    let _session = cluster.connect_options("postgres", SUPERUSER).connect().await.unwrap();
    let first = running_pid(&cluster);
    kill(first);
    let changes = async {
        state
            .wait_for(|state| matches!(state, ClusterState::Restarting { attempt: 1, .. }))
            .await
            .unwrap();
        state
            .wait_for(|state| matches!(state, ClusterState::Running { pid } if *pid != first))
            .await
            .unwrap();
    };
    timeout(Duration::from_secs(30), changes).await.expect("restarted");
    assert_eq!(ask(&cluster, "SELECT 'back'").await, "back");
    cluster.stop().await.unwrap();
    timeout(Duration::from_secs(5), supervision)
        .await
        .expect("supervision ended")
        .unwrap();
    assert_eq!(*cluster.state().borrow(), ClusterState::Stopped);
}

#[tokio::test]
async fn an_adopted_server_that_dies_is_started_again() {
    let folder = ClusterFolder::create();
    drop(Cluster::start(folder.spec()).await.unwrap());
    let cluster = Cluster::start(folder.spec()).await.unwrap();
    let _supervision = cluster.supervise();
    let (mut state, first) = (cluster.state(), running_pid(&cluster));
    kill(first);
    let back = state.wait_for(|state| matches!(state, ClusterState::Running { pid } if *pid != first));
    timeout(Duration::from_secs(30), back)
        .await
        .expect("restarted")
        .unwrap();
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn half_made_clusters_are_cleared_away() {
    let folder = ClusterFolder::create();
    let half = folder.path().join("data.new-killed");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::start(folder.spec()).await.unwrap();
    assert!(!half.exists());
    cluster.stop().await.unwrap();
}

/// The number in the file belongs to a living process of the server's own user: PostgreSQL alone refuses to start.
#[tokio::test]
async fn a_stale_pid_file_whose_number_was_reused_is_no_obstacle() {
    let folder = ClusterFolder::create();
    let cluster = Cluster::start(folder.spec()).await.unwrap();
    let (data, pid) = (cluster.data_dir(), running_pid(&cluster));
    drop(cluster);
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    kill(pid);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut bystander = Command::new("/bin/sleep");
    bystander.arg("600");
    if let Some(user) = RunAs::unprivileged().unwrap() {
        bystander.uid(user.uid).gid(user.gid);
    }
    let mut bystander = bystander.spawn().unwrap();
    let stale = pid_file.replacen(&pid.to_string(), &bystander.id().to_string(), 1);
    fs::write(data.join("postmaster.pid"), stale).unwrap();

    let started = Cluster::start(folder.spec()).await;
    assert!(bystander.try_wait().unwrap().is_none(), "an innocent process was ended");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    let cluster = started.unwrap();
    assert_eq!(ask(&cluster, "SELECT 'recovered'").await, "recovered");
    cluster.stop().await.unwrap();
}
