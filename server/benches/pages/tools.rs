//! The raw tools beside Muster's whole reading of what they show: a stanza with its WAL, and a dump from its first byte to its last.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Stdio;

use adapters::postgres::Cluster;
use adapters::process::Tool;
use domain::role::Actor;
use recovery::collect;
use recovery::keys::Memory;
use recovery::settings::Deployment;
use server::config::{self, Environment};
use server::wiring::{self, Reach};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tempfile::TempDir;
use testkit::postgres::{SUPERUSER, ThrowawayCluster};
use tokio::process::Command;

use crate::measure::{Times, measure};

/// Backups in the stanza, and WAL segments between two of them.
const BACKUPS: usize = 6;
const SEGMENTS: usize = 20;
const ROWS: usize = 1_000_000;
const STANZA: &str = "bench";
/// Sources in the configuration, in its order.
const SOURCES: [&str; 2] = ["stanza", "dumps"];

/// One tool beside Muster.
pub struct Beside {
    pub name: &'static str,
    pub raw: Times,
    pub muster: Times,
}

/// Makes a cluster with both kinds of backups and measures both readings.
pub async fn beside(rounds: usize) -> Vec<Beside> {
    let folder = folder();
    let config = folder.path().join("pgbackrest.conf");
    let push = format!(
        "pgbackrest --config={} --stanza={STANZA} archive-push %p",
        config.display()
    );
    let spec = |spec: adapters::postgres::ClusterSpec| {
        [
            ("archive_mode", "on"),
            ("archive_command", push.as_str()),
            ("wal_level", "replica"),
        ]
        .into_iter()
        .fold(spec, |spec, (name, value)| {
            spec.setting(name, value).expect("a plain setting")
        })
    };
    let server = ThrowawayCluster::start_with(spec).await;
    let cluster = server.cluster();
    let backrest = Tool::new("pgbackrest").run_as(cluster.run_as().cloned());
    back_up(cluster, &backrest, folder.path(), &config).await;
    let deployment = deployment(folder.path(), &config);

    let bin = &cluster.binaries().dir;
    let info = [
        &format!("--config={}", config.display()),
        &format!("--stanza={STANZA}"),
        "--log-level-file=off",
        "info",
        "--output=json",
    ]
    .map(str::to_owned);
    let dump = folder.path().join("dumps/bench.dump").display().to_string();
    let copy = ["-f", "/dev/null", &dump].map(str::to_owned);
    vec![
        Beside {
            name: "pgbackrest info",
            raw: measure(rounds, async || raw(cluster, Path::new("pgbackrest"), &info).await).await,
            muster: measure(rounds, async || read(&deployment, 0).await).await,
        },
        Beside {
            name: "pg_restore -f /dev/null",
            raw: measure(rounds, async || raw(cluster, &bin.join("pg_restore"), &copy).await).await,
            muster: measure(rounds, async || read(&deployment, 1).await).await,
        },
    ]
}

/// Where the server's user can go.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("muster-bench-")
        .tempdir_in("/tmp")
        .expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).expect("our own folder");
    folder
}

async fn back_up(cluster: &Cluster, backrest: &Tool, folder: &Path, config: &Path) {
    for made in ["repo", "dumps"].map(|name| folder.join(name)) {
        fs::create_dir(&made).expect("our own folder");
        if let Some(user) = cluster.run_as() {
            chown(&made, Some(user.uid), Some(user.gid)).expect("root gives away");
        }
    }
    let text = format!(
        "[global]\nrepo1-path={0}/repo\nlock-path={0}/repo/lock\nlog-path={0}/repo\nlog-level-file=off\nstart-fast=y\n\
         archive-timeout=120\n[{STANZA}]\npg1-path={1}\npg1-socket-path={2}\npg1-user={SUPERUSER}\n",
        folder.display(),
        cluster.data_dir().display(),
        cluster.socket_dir().display(),
    );
    fs::write(config, text).expect("our own folder");
    call(backrest, config, &["stanza-create"]).await;
    let mut conn = cluster
        .connect_options("postgres", SUPERUSER)
        .connect()
        .await
        .expect("connects");
    let fill = format!(
        "create table events as
         select number, md5(number::text) as name, now() as at from generate_series(1, {ROWS}) as numbers (number)"
    );
    sqlx::raw_sql(AssertSqlSafe(fill))
        .execute(&mut conn)
        .await
        .expect("takes the rows");
    for number in 0..BACKUPS {
        let kind = if number == 0 { "--type=full" } else { "--type=incr" };
        call(backrest, config, &["backup", kind]).await;
        for _ in 0..SEGMENTS {
            let next = sqlx::raw_sql("create table next (); drop table next; select pg_switch_wal()");
            next.execute(&mut conn).await.expect("goes on");
        }
    }
    let dumped = cluster.tool("pg_dump").invoke(["--format=custom", "--no-password"]);
    let dumped = dumped
        .arg("--host")
        .arg(cluster.socket_dir())
        .arg(format!("--username={SUPERUSER}"));
    let dumped = dumped
        .arg("--file")
        .arg(folder.join("dumps/bench.dump"))
        .arg("postgres");
    dumped.output().await.expect("is dumped");
}

async fn call(backrest: &Tool, config: &Path, arguments: &[&str]) {
    let settings = [format!("--config={}", config.display()), format!("--stanza={STANZA}")];
    let call = arguments
        .iter()
        .fold(backrest.invoke(settings), |call, argument| call.arg(argument));
    call.output().await.expect("pgBackRest does it");
}

fn deployment(folder: &Path, config: &Path) -> Deployment {
    let [stanza, dumps] = SOURCES;
    let text = format!(
        r#"
[[deployment]]
name = "bench"
[[deployment.source]]
kind = "pgbackrest"
name = "{stanza}"
stanza = "{STANZA}"
command = ["pgbackrest", "--config={config}"]
[[deployment.source]]
kind = "dumps"
name = "{dumps}"
location = "file://{folder}/dumps"
timezone = "UTC"
"#,
        config = config.display(),
        folder = folder.display(),
    );
    let path = folder.join("muster.toml");
    fs::write(&path, text).expect("our own folder");
    let loaded = config::load(Some(&path), &Environment::default()).expect("a configuration");
    let mut settings = wiring::settings(&loaded.config, Reach::Observe).expect("settings");
    settings.deployments.remove(0)
}

/// The tool as somebody at a shell calls it.
async fn raw(cluster: &Cluster, program: &Path, arguments: &[String]) {
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/").stdout(Stdio::piped());
    if let Some(user) = cluster.run_as() {
        command.uid(user.uid).gid(user.gid);
    }
    let output = command.output().await.expect("the tool starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The whole reading, as the collector does it, with nothing remembered.
async fn read(deployment: &Deployment, source: usize) {
    let (memory, actor) = (Memory::None, Actor::job("bench"));
    let source = &deployment.sources[source];
    let read = collect::source(deployment, source, None, &memory, &actor, chrono::Utc::now()).await;
    assert!(!read.expect("can be read").backups.is_empty());
}
