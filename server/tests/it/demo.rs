//! `muster demo`, the first thing anybody runs, and every other command beside it.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::place::{Running, bundle, code, error, inhabitants, muster};

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
}

#[test]
fn a_demo_answers_every_command_survives_a_kill_and_leaves_nothing_behind() {
    let demo = Demo::new();
    let first = demo.start();
    assert!(first.status("/health/ready").contains("200"));
    observed(&demo);
    planned(&demo);
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
