//! `muster demo`, the first thing anybody runs, and every other command beside it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::place::{Running, bundle, code, error, inhabitants, muster};

/// Findings are judged twice a minute.
const PATIENCE: Duration = Duration::from_secs(180);

struct Demo {
    folder: tempfile::TempDir,
}

impl Demo {
    fn new() -> Self {
        // Where PostgreSQL's user can go, whoever runs the tests.
        let folder = tempfile::Builder::new()
            .prefix("muster-process-")
            .tempdir_in("/tmp")
            .expect("a folder");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(folder.path(), open).expect("our own folder");
        bundle(&folder.path().join("site"));
        Self { folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = muster(arguments);
        command.env("MUSTER__SITE_DIR", self.folder.path().join("site"));
        command
    }

    fn start(&self) -> Running {
        let dir = self.folder.path().join("demo");
        let dir = dir.to_str().expect("text");
        Running::start(self.command(&["demo", "--data-dir", dir, "--listen", "127.0.0.1:0"]))
    }

    /// A command that uses the demo's configuration: its exit code and the object it prints.
    fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        let config = self.folder.path().join("demo/muster.toml");
        let output = self
            .command(arguments)
            .args(["--json", "--config"])
            .arg(config)
            .output()
            .expect("the binary starts");
        let printed = serde_json::from_slice(&output.stdout);
        (
            code(&output),
            printed.unwrap_or_else(|_| panic!("{arguments:?}: {}", error(&output))),
        )
    }

    /// The command of Muster's own that this finding asks for, once it is open.
    fn printed_for(&self, code: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (_, report) = self.ask(&["diagnose", "--cached"]);
            let mut found = report["findings"].as_array().expect("a list").iter();
            if let Some(found) = found.find(|found| found["code"] == code) {
                let recovery = found["recovery"].as_str().expect("text");
                let mut lines = recovery.lines().filter_map(|line| line.trim().strip_prefix("run: "));
                let own = lines.find(|command| command.starts_with("muster "));
                return own.unwrap_or_else(|| panic!("{recovery}")).to_owned();
            }
            assert!(Instant::now() < deadline, "{code} isn’t told: {report}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// What a shell prints for this line where Muster is installed and its configuration is set.
    fn typed(&self, line: &str) -> Value {
        let installed = Path::new(env!("CARGO_BIN_EXE_muster")).parent().expect("a folder");
        let path = format!("{}:{}", installed.display(), std::env::var("PATH").expect("is set"));
        let output = Command::new("bash")
            .args(["-e", "-c", line])
            .env("PATH", path)
            .env("MUSTER_CONFIG", self.folder.path().join("demo/muster.toml"))
            .env("MUSTER__SITE_DIR", self.folder.path().join("site"))
            .current_dir("/")
            .output()
            .expect("a shell");
        assert_eq!(code(&output), 0, "{line}: {}", error(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {}", error(&output)))
    }
}

#[test]
fn a_demo_answers_every_command_survives_a_kill_and_leaves_nothing_behind() {
    let demo = Demo::new();
    let first = demo.start();
    assert!(first.status("/health/ready").contains("200"));
    observed(&demo);
    planned(&demo);
    rehearsed(&demo);
    killed_while_it_rehearses(&demo);
    first.signal(Signal::KILL);
    assert_eq!(first.ended(), None);

    let second = demo.start();
    assert!(second.status("/health/ready").contains("200"));
    second.signal(Signal::INT);
    assert_eq!(second.ended(), Some(0));
    assert_eq!(inhabitants(demo.folder.path()), 0);
}

fn observed(demo: &Demo) {
    let (code, inventory) = demo.ask(&["inventory"]);
    // The key is a rotation behind, so something is broken.
    assert_eq!((code, &inventory["schema"]), (1, &Value::from("muster.inventory/1")));
    let deployment = &inventory["deployments"][0];
    assert_eq!(deployment["name"], "demo");
    assert_eq!(deployment["backups"].as_array().map(Vec::len), Some(4), "{inventory}");
    assert!(
        deployment["sources"]
            .as_array()
            .expect("a list")
            .iter()
            .all(|source| source["status"] == "ok"),
        "{inventory}"
    );

    let (code, keys) = demo.ask(&["keys", "--deployment", "demo"]);
    assert_eq!((code, &keys["schema"]), (1, &Value::from("muster.keys/1")));
    assert_eq!(keys["deployments"][0]["verdict"], "manager_behind", "{keys}");
    let (code, cached) = demo.ask(&["keys", "--cached"]);
    assert_eq!(code, 1);
    let proven = |cell: &Value| cell["status"] == "proven";
    assert!(
        cached["deployments"][0]["coverage"]
            .as_array()
            .expect("a list")
            .iter()
            .any(proven),
        "{cached}"
    );

    let (code, doctor) = demo.ask(&["doctor"]);
    assert_eq!(code, 0, "{doctor}");
    assert_eq!(demo.ask(&["config", "check"]).0, 0);
}

/// The first drill finds the stale key without any help; after the key is set right, the next one passes.
fn rehearsed(demo: &Demo) {
    let (code, drill) = demo.ask(&["drill", "run", "--deployment", "demo"]);
    assert_eq!(
        (code, &drill["schema"], &drill["verdict"]),
        (1, &"muster.drill/1".into(), &"failed".into()),
        "{drill}"
    );
    assert_eq!(drill["failure"]["code"], "check:key", "{drill}");
    let folder = demo.folder.path().join("demo");
    let environment = std::fs::read_to_string(folder.join("ampora.env")).expect("the key in use");
    let key = environment
        .lines()
        .find_map(|line| line.strip_prefix("KeyProtection__MasterKey="));
    std::fs::write(folder.join("keys/9.key"), key.expect("is set").trim_matches('"')).expect("writes");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("keys/9.key"), private).expect("our own file");
    std::fs::write(folder.join("keys/current"), "9\n").expect("writes");
    let next = demo.printed_for("drill-failed");
    assert_eq!(next, "muster drill run --deployment 'demo'");
    let drill = demo.typed(&format!("{next} --json"));
    assert_eq!(drill["verdict"], "passed", "{drill}");
    assert!(
        drill["rto_seconds"].is_u64() && drill["rpo_seconds"].is_u64(),
        "{drill}"
    );
    // The stand-in for Ampora is configured, and nobody has agreed that it gets the key.
    let agents = &drill["checks"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|check| check["name"] == "agents");
    let agents = agents.expect("a check of agents");
    assert_eq!(agents["status"], "not run", "{agents}");
    assert!(
        agents["detail"]
            .as_str()
            .is_some_and(|why| why.contains("two people have to agree")),
        "{agents}"
    );
    verified(demo, &drill);
    let (code, history) = demo.ask(&["drill", "list"]);
    assert_eq!(
        (code, history["drills"].as_array().map(Vec::len)),
        (0, Some(2)),
        "{history}"
    );
}

fn verified(demo: &Demo, drill: &Value) {
    let (receipt, key) = (
        demo.folder.path().join("receipt.json"),
        demo.folder.path().join("demo/muster/receipt-key.pem.pub"),
    );
    let verify = || {
        let arguments = [
            "receipt",
            "verify",
            receipt.to_str().expect("text"),
            "--key",
            key.to_str().expect("text"),
        ];
        code(&muster(&arguments).output().expect("the binary starts"))
    };
    let mut document = drill["receipt"].clone();
    std::fs::write(&receipt, document.to_string()).expect("writes");
    assert_eq!(verify(), 0);
    let payload = document["payload"].as_str().expect("text").to_owned();
    document["payload"] = format!("{}A{}", &payload[..99], &payload[100..])
        .replacen('A', "B", 1)
        .into();
    std::fs::write(&receipt, document.to_string()).expect("writes");
    assert_eq!(verify(), 1, "a receipt that was changed isn’t believed");
}

/// A command line that is killed takes its server with it, and the next start removes what lies there.
fn killed_while_it_rehearses(demo: &Demo) {
    let (root, config) = (
        demo.folder.path().join("demo/muster/sandbox"),
        demo.folder.path().join("demo/muster.toml"),
    );
    let mut command = demo.command(&["drill", "run", "--deployment", "demo", "--config"]);
    let mut drill = command
        .arg(config)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the binary starts");
    let is_up = || {
        let sandboxes = std::fs::read_dir(&root).into_iter().flatten().flatten();
        sandboxes
            .map(|entry| entry.path().join("data/postmaster.pid"))
            .any(|file| file.exists())
    };
    while !is_up() {
        if let Some(ended) = drill.try_wait().expect("a child") {
            panic!("it ended before it had a server: {ended}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    drill.kill().expect("kills it");
    drill.wait().expect("a child");
    let (code, next) = demo.ask(&["drill", "run", "--deployment", "demo"]);
    assert_eq!((code, &next["verdict"]), (0, &"passed".into()), "{next}");
    let left: Vec<_> = std::fs::read_dir(&root)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(inhabitants(&root), 0);
}

fn planned(demo: &Demo) {
    let dumps = std::fs::read_dir(demo.folder.path().join("demo/dumps")).expect("dumps");
    let label = dumps
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .min()
        .expect("a dump");
    let plan = |backup: &str, into: &str| {
        demo.ask(&[
            "plan",
            "restore",
            "--deployment",
            "demo",
            "--backup",
            backup,
            "--into",
            into,
        ])
    };
    let (code, made) = plan(&label, "copy");
    assert_eq!((code, &made["schema"]), (0, &Value::from("muster.plan/1")), "{made}");
    assert_eq!(made["digest"].as_str().map(str::len), Some(64));
    let (_, again) = plan(&label, "copy");
    assert_eq!(made["digest"], again["digest"], "the same facts have the same digest");
    for (backup, into) in [
        (&*label, "ampora"),
        (&*label, "\"; drop database ampora; --"),
        ("../../../etc/passwd", "copy"),
    ] {
        let (code, refused) = plan(backup, into);
        assert!(
            code == 1 && !refused["refused"].as_array().expect("a list").is_empty(),
            "{backup} {into}: {refused}"
        );
    }
    assert!(Path::new(&demo.folder.path().join("demo/muster.toml")).exists());
}
