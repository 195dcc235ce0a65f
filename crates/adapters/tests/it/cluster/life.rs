//! How a cluster comes, is used and goes.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    time::{Duration, Instant},
};

use adapters::{
    postgres::{Auth, Cluster, ClusterState},
    process::{ProcessIdentity, RunAs},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use testkit::postgres::{ClusterFolder, SUPERUSER, ThrowawayCluster, fast_spec};
use tokio::time::timeout;

use super::{ask, running_pid, servers_in};
use crate::roles::{play, wait_for, within};

#[tokio::test]
async fn starts_in_seconds_stops_cleanly_and_starts_again_with_its_data() {
    let folder = ClusterFolder::create();
    let began = Instant::now();
    let cluster = Cluster::start(fast_spec(folder.path())).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(15), "took {:?}", began.elapsed());
    let settings = "SELECT concat_ws(' ', current_setting('listen_addresses'), current_setting('data_checksums'), \
                    current_setting('server_encoding'), current_setting('TimeZone'), \
                    (SELECT datcollate FROM pg_database WHERE datname = 'template1'))";
    assert_eq!(ask(&cluster, settings).await, " on UTF8 UTC C.UTF-8");
    ask(
        &cluster,
        "WITH made AS (SELECT lo_create(4711)) SELECT 'made' FROM made",
    )
    .await;
    let (pid, socket) = (running_pid(&cluster), cluster.socket_dir().to_owned());
    let group = rustix::process::getpgid(rustix::process::Pid::from_raw(pid)).unwrap();
    assert_eq!(group.as_raw_pid(), pid, "Ctrl-C at the terminal would reach the server");
    cluster.stop().await.unwrap();
    cluster.stop().await.unwrap();
    assert_eq!(*cluster.state().borrow(), ClusterState::Stopped);
    assert!(ProcessIdentity::of(pid).is_none(), "the server is still there");
    assert!(!cluster.data_dir().join("postmaster.pid").exists() && !socket.exists());

    let cluster = Cluster::start(fast_spec(folder.path())).await.unwrap();
    assert_eq!(
        ask(
            &cluster,
            "SELECT loid::text FROM (SELECT oid loid FROM pg_largeobject_metadata) l"
        )
        .await,
        "4711"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn as_root_the_server_runs_as_postgres_and_the_socket_is_closed_to_others() {
    let cluster = ThrowawayCluster::start().await;
    let expected = RunAs::unprivileged()
        .unwrap()
        .map_or_else(|| rustix::process::getuid().as_raw(), |user| user.uid);
    let server = fs::metadata(format!("/proc/{}", running_pid(cluster.cluster()))).unwrap();
    assert_eq!(server.uid(), expected);
    let socket_dir = fs::metadata(cluster.cluster().socket_dir()).unwrap();
    assert_eq!((socket_dir.uid(), socket_dir.mode() & 0o777), (expected, 0o700));
    let psql = cluster
        .cluster()
        .tool("psql")
        .invoke(["--no-psqlrc", "-Atc", "SELECT current_user"]);
    let output = psql
        .arg(cluster.cluster().url(SUPERUSER, "postgres"))
        .output()
        .await
        .unwrap();
    assert_eq!(output.text(), "tester\n");
}

#[tokio::test]
async fn each_test_gets_an_empty_database() {
    let (one, two) = tokio::join!(testkit::postgres::database(), testkit::postgres::database());
    assert_ne!(one.name, two.name);
    let mut connection = one.connect().await;
    sqlx::query("CREATE TABLE t (id int)")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut other = sqlx::PgConnection::connect(&two.url).await.unwrap();
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn with_scram_a_role_needs_its_password_and_the_superuser_none() {
    let cluster = ThrowawayCluster::start_with(|spec| spec.auth(Auth::Scram)).await;
    let cluster = cluster.cluster();
    ask(cluster, "SELECT current_user::text").await;
    let mut connection = cluster.connect_options("postgres", SUPERUSER).connect().await.unwrap();
    let make = "CREATE ROLE app LOGIN PASSWORD 'right one'";
    sqlx::query(AssertSqlSafe(make)).execute(&mut connection).await.unwrap();
    let app = cluster.connect_options("postgres", "app");
    assert!(app.clone().connect().await.is_err());
    assert!(app.clone().password("wrong").connect().await.is_err());
    assert!(app.password("right one").connect().await.is_ok());
}

#[tokio::test]
async fn with_peer_a_named_role_needs_no_password_and_others_get_in_nowhere() {
    let cluster = ThrowawayCluster::start_with(|spec| spec.role("app").unwrap()).await;
    let cluster = cluster.cluster();
    let mut connection = cluster.connect_options("postgres", SUPERUSER).connect().await.unwrap();
    for role in ["app", "other"] {
        let make = AssertSqlSafe(format!("CREATE ROLE {role} LOGIN PASSWORD 'x'"));
        sqlx::query(make).execute(&mut connection).await.unwrap();
    }
    assert!(cluster.connect_options("postgres", "app").connect().await.is_ok());
    assert!(
        cluster
            .connect_options("postgres", "other")
            .password("x")
            .connect()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_very_long_data_path_works() {
    let folder = ClusterFolder::create();
    let long = folder.path().join("a-folder-with-a-long-name/".repeat(8));
    let cluster = Cluster::start(fast_spec(&long)).await.unwrap();
    assert!(cluster.data_dir().as_os_str().len() > 200);
    assert!(cluster.socket_dir().as_os_str().len() < 40);
    assert_eq!(ask(&cluster, "SELECT 'here'").await, "here");
    cluster.stop().await.unwrap();
}

#[test]
fn a_throwaway_cluster_goes_with_its_process() {
    let workshop = tempfile::tempdir().unwrap();
    let mut owner = play("owner_of_a_throwaway_cluster", workshop.path());
    let said = wait_for(&workshop.path().join("ready"));
    let data = Path::new(said.lines().nth(1).unwrap());
    let root = data.parent().and_then(Path::parent).unwrap();
    assert!(!servers_in(data).is_empty() && root.exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    let gone = || (servers_in(data).is_empty() && !root.exists()).then_some(());
    assert!(
        within(Duration::from_secs(10), gone).is_some(),
        "something was left of {said}"
    );
}

#[tokio::test]
async fn an_interrupted_start_leaves_no_server() {
    for patience in [30, 300, 400, 500, 600] {
        let folder = ClusterFolder::create();
        let start = Cluster::start(folder.spec());
        let interrupted = timeout(Duration::from_millis(patience), start).await;
        if let Ok(cluster) = interrupted {
            cluster.unwrap().stop().await.unwrap();
        }
        let data = folder.path().join("data");
        let gone = || servers_in(&data).is_empty().then_some(());
        assert!(within(Duration::from_secs(5), gone).is_some(), "after {patience} ms");
    }
}
