//! A demo that was killed, at any moment, and is started again in the same folder.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{connect, deployment, envelopes, key_in_use, opened, processes_of, start, text};

/// Says to the test below, run in a process of its own, where to start a demo.
const DIR: &str = "DEMO_TO_BE_KILLED";

/// No test by itself: the process that the tests kill.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the other tests of this file"]
async fn runs_until_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let _demo = start(Path::new(&dir)).await.unwrap();
    fs::write(Path::new(&dir).with_extension("ready"), "").unwrap();
    std::future::pending::<()>().await;
}

/// A folder that PostgreSQL's user can pass through, too.
fn enterable() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o711))
        .tempdir()
        .unwrap()
}

fn spawn(dir: &Path) -> Child {
    let arguments = ["--exact", "picked_up::runs_until_killed", "--ignored", "--nocapture"];
    // Not its path: a build under way may have put another file there.
    Command::new("/proc/self/exe")
        .args(arguments)
        .env(DIR, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits for a file, then kills the process with SIGKILL.
fn kill_once_there(mut child: Child, file: &Path) {
    let began = Instant::now();
    while !file.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the demo ended by itself");
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "{} never came",
            file.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_demo_goes_on_where_it_was() {
    let parent = enterable();
    let dir = parent.path().join("demo");
    kill_once_there(spawn(&dir), &dir.with_extension("ready"));
    assert!(!processes_of(&dir).is_empty(), "the server of a killed demo goes on");
    let before = [
        fs::read(dir.join("ampora.env")).unwrap(),
        fs::read(dir.join("secrets/oidc-client")).unwrap(),
    ];
    let issuer = fs::read_to_string(dir.join("muster.toml")).unwrap();

    let demo = start(&dir).await.unwrap();
    assert_eq!(
        before,
        [
            fs::read(dir.join("ampora.env")).unwrap(),
            fs::read(dir.join("secrets/oidc-client")).unwrap()
        ]
    );
    assert!(
        issuer.contains(demo.issuer()),
        "people are known by the issuer, so it must stay {}",
        demo.issuer()
    );
    let deployment = deployment(&demo);
    let mut reader = connect(&deployment["database"]["url_file"]).await;
    let values = envelopes(&mut reader).await;
    assert_eq!(
        opened(
            &values,
            &key_in_use(text(&deployment["master_key"]["in_use"]["env_file"]))
        ),
        18
    );
    drop(reader);
    let second = start(&dir)
        .await
        .err()
        .expect("a second demo in the folder of a running one");
    assert!(second.to_string().contains("Another demo runs"), "{second}");
    demo.stop().await.unwrap();
    assert_eq!(processes_of(&dir), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_killed_while_it_was_made_is_made_anew() {
    let parent = enterable();
    let dir = parent.path().join("demo");
    kill_once_there(spawn(&dir), &dir.join("keys/1.key"));
    let cut_short = fs::read(dir.join("keys/1.key")).unwrap();

    let demo = start(&dir).await.unwrap();
    assert_ne!(fs::read(dir.join("keys/1.key")).unwrap(), cut_short);
    assert_eq!(fs::read_to_string(dir.join("keys/current")).unwrap(), "2");
    demo.stop().await.unwrap();
    assert_eq!(processes_of(&dir), Vec::<String>::new());
}
