//! The binary as people start, stop and kill it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than any start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn muster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .args(arguments)
        .env_remove("MUSTER_CONFIG")
        .env("MUSTER_LOG", "warn")
        .current_dir("/");
    command
}

fn run(arguments: &[&str]) -> Output {
    muster(arguments).output().expect("the binary starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a configuration, a bundle, and Muster's data; whatever still runs in it is ended with it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(more: &str) -> Self {
        // Where PostgreSQL's user can go, whoever runs the tests.
        let folder = tempfile::Builder::new()
            .prefix("muster-process-")
            .tempdir_in("/tmp")
            .expect("a folder");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        fs::set_permissions(folder.path(), open).expect("our own folder");
        let bundle = folder.path().join("site/pkg/0123");
        fs::create_dir_all(&bundle).expect("a folder");
        fs::write(folder.path().join("site/current"), "0123").expect("writes");
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a free port")
            .local_addr()
            .expect("an address")
            .port();
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\ndata_dir = \"data\"\nsite_dir = \"site\"\n\
             [oidc]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"muster\"\n{more}\n"
        );
        fs::write(folder.path().join("muster.toml"), text).expect("writes");
        Self { folder }
    }

    fn config(&self) -> String {
        self.folder.path().join("muster.toml").display().to_string()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data/postgres/data")
    }

    /// A Muster that has said that it is ready, with its process id.
    fn serve(&self) -> Running {
        let mut command = muster(&["serve", "--config", &self.config()]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let ready = lines.next().and_then(Result::ok).unwrap_or_default();
        let Some(url) = ready.strip_prefix("Muster is ready: ") else {
            let mut said = String::new();
            let _ = child.stderr.take().expect("piped").read_to_string(&mut said);
            panic!("not ready: {ready:?}\n{said}");
        };
        Running {
            url: url.to_owned(),
            child,
        }
    }

    /// Processes that work in the private cluster.
    fn servers(&self) -> usize {
        let Ok(data) = self.data().canonicalize() else { return 0 };
        let entries = fs::read_dir("/proc").expect("procfs").flatten();
        entries
            .filter(|entry| fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data))
            .count()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).ok();
        let pid = pid
            .and_then(|text| text.lines().next()?.parse().ok())
            .and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::QUIT);
            let deadline = Instant::now() + PATIENCE;
            while self.servers() > 0 && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

struct Running {
    url: String,
    child: Child,
}

impl Running {
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid")).expect("a pid");
        kill_process(pid, signal).expect("it runs");
    }

    /// Its exit code; `None` if a signal ended it.
    fn ended(mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it doesn't end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// First line of the answer to a GET.
    fn status(&self, path: &str) -> String {
        let address = self.url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .expect("sends");
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("answers");
        line
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_serves_stops_in_order_and_leaves_no_process_behind() {
    let place = Place::new("");
    let muster = place.serve();
    assert!(
        muster.status("/health/ready").contains("200"),
        "{}",
        muster.status("/health/ready")
    );
    assert!(muster.status("/").contains("303"));
    assert!(place.servers() > 0);
    // A stream that is open must not hold it up; nor must a connection that says nothing.
    let address = muster.url.trim_start_matches("http://").to_owned();
    let _silent = std::net::TcpStream::connect(address).expect("it listens");
    let asked = Instant::now();
    muster.signal(Signal::TERM);
    assert_eq!(muster.ended(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    assert_eq!(place.servers(), 0);
}

#[test]
fn after_a_kill_the_next_start_picks_everything_up() {
    let place = Place::new("");
    let first = place.serve();
    first.signal(Signal::KILL);
    assert_eq!(first.ended(), None);
    assert!(place.servers() > 0, "PostgreSQL outlives a killed Muster");
    let second = place.serve();
    assert!(second.status("/health/ready").contains("200"));

    let taken = run(&["serve", "--config", &place.config()]);
    assert_eq!(code(&taken), 3);
    assert!(error(&taken).contains("can't be listened on"), "{}", error(&taken));
    let out = place.folder.path().join("log");
    let out = out.to_str().expect("text");
    let export = run(&["audit", "export", "--out", out, "--config", &place.config()]);
    assert_eq!(code(&export), 0, "{}", error(&export));
    assert_eq!(
        code(&run(&["audit", "export", "--out", out, "--config", &place.config()])),
        3,
        "never over a file"
    );

    second.signal(Signal::INT);
    assert_eq!(second.ended(), Some(0));
    assert_eq!(place.servers(), 0);
    // And once more without anybody serving: the command starts the cluster for itself.
    fs::remove_file(out).expect("removes");
    let export = run(&["audit", "export", "--out", out, "--config", &place.config()]);
    assert_eq!(code(&export), 0, "{}", error(&export));
    assert_eq!(place.servers(), 0);
    assert_eq!(code(&run(&["audit", "verify", out])), 0);
}

#[tokio::test]
async fn it_refuses_to_live_on_the_cluster_that_it_protects() {
    let (own, live) = (testkit::postgres::database().await, testkit::postgres::database().await);
    let mut connection = live.connect().await;
    let table = r#"CREATE TABLE "__EFMigrationsHistory" ("MigrationId" text);
                   CREATE TABLE audit_events ("Timestamp" timestamptz); CREATE TABLE audit_event_archive ("Timestamp" timestamptz)"#;
    sqlx::raw_sql(table)
        .execute(&mut connection)
        .await
        .expect("makes tables");
    let deployments = format!(
        "[database]\nurl = \"{}\"\n[[deployment]]\nname = \"prod\"\ndatabase.url = \"{}\"",
        own.url, live.url
    );
    let place = Place::new(&deployments);
    let refused = tokio::task::spawn_blocking(move || run(&["serve", "--config", &place.config()]))
        .await
        .expect("runs");
    assert_eq!(code(&refused), 3);
    assert!(
        error(&refused).contains("lies on the cluster of deployment prod"),
        "{}",
        error(&refused)
    );
    let mut connection = own.connect().await;
    let made: Option<String> = sqlx::query_scalar("SELECT to_regclass('muster_schema')::text")
        .fetch_one(&mut connection)
        .await
        .expect("asks");
    assert_eq!(made, None, "nothing was changed");
}

#[test]
fn mistakes_are_named_and_end_with_3() {
    let unknown = Place::new("[approvals]\nquorom = 3");
    for (output, says) in [
        (run(&["serve", "--config", &unknown.config()]), "quorum"),
        (
            run(&["serve", "--config", "/nowhere/muster.toml"]),
            "There is no configuration",
        ),
        (run(&["frobnicate"]), "frobnicate"),
        (run(&["worker", "--config", &Place::new("").config()]), "[database] url"),
        (
            run(&["inventory", "--deployment", "x", "--config", &Place::new("").config()]),
            "no deployment \"x\"",
        ),
        (
            run(&["inventory", "--cached", "--config", &Place::new("").config()]),
            "no database yet",
        ),
        (run(&["audit", "verify", "/nowhere"]), "can't be read"),
    ] {
        assert_eq!(code(&output), 3, "{}", error(&output));
        assert!(error(&output).contains(says), "{says}: {}", error(&output));
    }
    let no_bundle = Place::new("");
    fs::remove_file(no_bundle.folder.path().join("site/current")).expect("removes");
    let output = run(&["serve", "--config", &no_bundle.config()]);
    assert!(
        code(&output) == 3 && error(&output).contains("browser bundle"),
        "{}",
        error(&output)
    );
    assert!(!Path::new(&no_bundle.data()).exists(), "nothing was started");
}

#[test]
fn a_log_that_was_touched_does_not_verify() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let path = path.to_str().expect("text");
    fs::write(
        path,
        "{\"schema\":\"muster.audit.export/1\",\"size\":1,\"root\":\"00\"}\n",
    )
    .expect("writes");
    let output = run(&["audit", "verify", path, "--json"]);
    assert_eq!(code(&output), 1, "{}", error(&output));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(said["verified"], false);
}
