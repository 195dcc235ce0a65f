//! What code in a restored database can reach, and what stays of a sandbox whose Muster was killed.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use adapters::postgres::Binaries;
use adapters::process::RunAs;
use adapters::sandbox::{Control, Limits, Running, Sandbox, Sandboxes, ServerSpec};
use chrono::{TimeDelta, Utc};
use domain::drill::IsolationKind;
use domain::ids::DrillId;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::roles;

mod launched;
mod limits;
mod relay;

pub use launched::launched;

struct Place {
    folder: tempfile::TempDir,
    sandboxes: Sandboxes,
}

fn place() -> Place {
    let folder = tempfile::Builder::new()
        .prefix("muster-sandboxes-")
        .tempdir_in("/tmp")
        .expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our own folder");
    let secret = folder.path().join("secret");
    fs::write(&secret, "a key of Muster's").expect("writes");
    let sandboxes = Sandboxes {
        root: folder.path().join("sandbox"),
        run_as: RunAs::unprivileged().expect("a user for tools"),
        hidden: vec![secret],
        limits: Limits {
            memory: 1 << 30,
            cpus: None,
        },
    };
    Place { folder, sandboxes }
}

/// A sandbox with a server on an empty cluster.
pub async fn started(sandboxes: &Sandboxes) -> (Sandbox, Running) {
    let binaries = Binaries::find(None).expect("PostgreSQL");
    let sandbox = sandboxes
        .make(DrillId(Uuid::from_bytes(rand::random())))
        .await
        .expect("a sandbox");
    let superuser = sandbox.initialise(&binaries).await.expect("a cluster");
    let (log, mut lines) = mpsc::channel(64);
    tokio::spawn(async move { while lines.recv().await.is_some() {} });
    let spec = ServerSpec {
        binaries: &binaries,
        superusers: vec!["nobody_by_that_name".into(), superuser],
        preload: Vec::new(),
        temp_limit: 1 << 30,
        recovery: Vec::new(),
        time_limit: Duration::from_secs(60),
        cancellation: CancellationToken::new(),
        log,
    };
    let running = sandbox.start(spec, &Control::default()).await.expect("it starts");
    (sandbox, running)
}

/// What a shell inside says.
async fn said(conn: &mut PgConnection, command: &str) -> String {
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS said (line text); TRUNCATE said")
        .await
        .expect("a table");
    let copy = format!("COPY said FROM PROGRAM {}", adapters::postgres::literal(command));
    sqlx::query(AssertSqlSafe(copy))
        .execute(&mut *conn)
        .await
        .expect("a superuser runs programs");
    let lines: Vec<Option<String>> = sqlx::query_scalar("SELECT line FROM said")
        .fetch_all(conn)
        .await
        .expect("answers");
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sql_inside_a_sandbox_nothing_of_muster_can_be_reached() {
    let place = place();
    let (sandbox, running) = started(&place.sandboxes).await;
    assert_eq!(
        sandbox.isolation.kind,
        IsolationKind::Namespaces,
        "{:?}",
        sandbox.isolation
    );
    let options = running
        .copy
        .options("template1")
        .options([("default_transaction_read_only", "off")]);
    let mut conn = options.connect().await.expect("its superuser");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let secret = place.folder.path().join("secret");
    let own = std::process::id();
    let table = [
        (
            format!("cat /proc/{own}/environ >/dev/null 2>&1 && echo read || echo none"),
            "none",
        ),
        (format!("cat {} 2>/dev/null || echo none", secret.display()), "none"),
        (
            format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' 2>/dev/null && echo open || echo none"),
            "none",
        ),
        ("env | grep -c HOME=/root || true".to_owned(), "0"),
        (
            "touch /usr/planted 2>/dev/null && echo written || echo none".to_owned(),
            "none",
        ),
        ("ls /root /home /etc/shadow 2>/dev/null || echo none".to_owned(), "none"),
        // Half a gigabyte more than a process may have.
        (
            "head -c 1536M /dev/zero | tail -c 1535M >/dev/null 2>&1 && echo had || echo none".to_owned(),
            "none",
        ),
        (
            "ulimit -Hv 4000000 2>/dev/null && echo raised || echo none".to_owned(),
            "none",
        ),
    ];
    for (command, expected) in table {
        assert_eq!(said(&mut conn, &command).await, expected, "{command}");
    }
    let to = format!(
        "COPY (SELECT 1) TO PROGRAM 'cat /proc/{own}/environ > {}/seen'",
        sandbox.data().display()
    );
    assert!(
        sqlx::query(AssertSqlSafe(to)).execute(&mut conn).await.is_err(),
        "there is no such process inside"
    );
    assert!(fs::read(sandbox.data().join("seen")).unwrap_or_default().is_empty());
    drop(conn);
    running.end().await;
    sandbox.remove().await.expect("goes");
    assert_eq!(fs::read_dir(&place.sandboxes.root).expect("a folder").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_muster_left_is_ended_and_removed_by_the_next_and_nothing_else() {
    let place = place();
    let own = place
        .sandboxes
        .make(DrillId(Uuid::from_bytes(rand::random())))
        .await
        .expect("a sandbox");
    let left = place
        .sandboxes
        .make(DrillId(Uuid::from_bytes(rand::random())))
        .await
        .expect("a sandbox");
    let record = left.data().parent().expect("a folder").with_extension("json");
    let socket = disown(&record);
    let mut orphan = Command::new("sleep")
        .arg("600")
        .current_dir(left.data())
        .stdin(Stdio::null())
        .spawn()
        .expect("sleeps");
    let swept = place.sandboxes.sweep(Utc::now()).await.expect("sweeps");
    assert_eq!((swept.removed, swept.kept), (1, 0));
    assert!(!record.exists() && !left.data().exists() && !Path::new(&socket).exists());
    assert!(!orphan.wait().expect("is over").success(), "it was killed");
    assert!(own.data().exists(), "a sandbox of a living Muster is let alone");
    own.remove().await.expect("goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_muster_that_was_killed_no_process_and_no_file_is_left() {
    let place = place();
    fs::create_dir(&place.sandboxes.root).expect("our own folder");
    let mut muster = roles::play("owner_of_a_sandbox", &place.sandboxes.root);
    let said = roles::wait_for(&place.sandboxes.root.join("ready"));
    let mut lines = said.lines();
    let (data, socket) = (lines.next().expect("a folder"), lines.next().expect("a socket"));
    assert!(!processes_about(data).is_empty(), "its server runs");
    muster.kill().expect("it is our child");
    muster.wait().expect("it is dead");
    let swept = place.sandboxes.sweep(Utc::now()).await.expect("sweeps");
    assert_eq!((swept.removed, swept.kept), (1, 0));
    assert_eq!(processes_about(data), Vec::<String>::new());
    assert!(!Path::new(data).exists() && !Path::new(socket).exists());
    fs::remove_file(place.sandboxes.root.join("ready")).expect("what the role wrote");
    assert_eq!(fs::read_dir(&place.sandboxes.root).expect("a folder").count(), 0);
}

/// Command lines that name a path, also such as wait for their end.
fn processes_about(path: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(path)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_drill_is_kept_until_its_time_is_over() {
    let place = place();
    let sandbox = place
        .sandboxes
        .make(DrillId(Uuid::from_bytes(rand::random())))
        .await
        .expect("a sandbox");
    let data = sandbox.data();
    sandbox.keep(Utc::now() + TimeDelta::hours(24)).expect("notes it");
    assert_eq!(place.sandboxes.sweep(Utc::now()).await.expect("sweeps").kept, 1);
    assert!(data.exists());
    assert_eq!(
        place
            .sandboxes
            .sweep(Utc::now() + TimeDelta::hours(25))
            .await
            .expect("sweeps")
            .removed,
        1
    );
    assert!(!data.exists());
}

/// Makes a record say that a Muster made it that is gone; answers its socket's folder.
fn disown(record: &Path) -> String {
    let text = fs::read_to_string(record).expect("a record");
    let mut fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).expect("an object");
    fields.insert("owner".into(), serde_json::json!({"pid": 1, "started": u64::MAX}));
    fs::write(record, serde_json::to_string(&fields).expect("an object")).expect("writes");
    fields["socket_dir"].as_str().expect("a path").to_owned()
}
