//! The runbook's commands as people type them on that day: literally, one after the other, with the real tools and without Muster.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use adapters::postgres::Cluster;
use adapters::process::RunAs;
use domain::role::Actor;
use domain::runbook::{Block, Runbook, Step};
use recovery::runbook;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use testkit::postgres::{SUPERUSER, ThrowawayCluster};

use crate::pitr::ground::Ground;
use crate::site::{Site, master_key};

/// A busy machine replays slowly.
pub const PATIENCE: Duration = Duration::from_secs(60);
const TO_A_TIME: &str = "Or restore it to a time";
const TO_THE_END: &str = "Restore it, to the latest state";

/// The terminal of a person who is the server's user.
pub struct Terminal {
    user: RunAs,
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Terminal {
    pub fn beside(cluster: &Cluster) -> Self {
        let options = cluster.connect_options("postgres", SUPERUSER);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", cluster.binaries().dir.display());
        Self::with(vec![
            ("PATH", path),
            ("PGHOST", cluster.socket_dir().display().to_string()),
            ("PGPORT", options.get_port().to_string()),
            ("PGUSER", SUPERUSER.into()),
        ])
    }

    fn with(environment: Vec<(&'static str, String)>) -> Self {
        let user = RunAs::unprivileged()
            .expect("a user for tools")
            .expect("tests run as root");
        let folder = tempfile::Builder::new()
            .prefix("muster-typed-")
            .tempdir_in("/tmp")
            .expect("a folder");
        chown(folder.path(), Some(user.uid), Some(user.gid)).expect("root gives away what it made");
        Self {
            user,
            folder,
            environment,
        }
    }

    pub fn run(&self, command: &str) -> Output {
        let mut bash = Command::new("bash");
        bash.args(["-e", "-c", command])
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(std::process::Stdio::null())
            .uid(self.user.uid)
            .gid(self.user.gid);
        bash.output().expect("bash starts")
    }

    /// Runs a command that has to succeed; answers what it printed.
    pub fn typed(&self, command: &str) -> String {
        let output = self.run(command);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{printed}\n{complaint}");
        printed
    }

    /// Runs all of a step; answers what it printed.
    fn done(&self, step: &Step) -> String {
        step.commands.iter().map(|command| self.typed(command)).collect()
    }

    /// Looks again and again, as the runbook says, until a column of the one row is true.
    fn awaited(&self, step: &Step, column: usize) {
        let begun = Instant::now();
        loop {
            let printed = self.done(step);
            let row = printed.lines().nth(2).unwrap_or_default();
            if row.split('|').nth(column).map(str::trim) == Some("t") {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: {printed}", step.title);
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

async fn made(site: &Site) -> Runbook {
    let settings = &site.services.settings;
    let now = site.services.clock.now();
    runbook::observed(settings, &settings.deployments[0], &Actor::job("shell"), now).await
}

/// The steps of a chapter, those behind the text that begins so.
fn steps<'a>(made: &'a Runbook, chapter: &str, text: Option<&str>) -> &'a [Step] {
    let chapter = made.sections.iter().find(|section| section.id == chapter);
    let before =
        |block: &&Block| text.is_some_and(|begins| !matches!(block, Block::Text(text) if text.starts_with(begins)));
    let mut blocks = chapter.expect("a chapter").blocks.iter().skip_while(before);
    let steps = blocks.find_map(|block| match block {
        Block::Steps(steps) => Some(steps.as_slice()),
        _ => None,
    });
    steps.expect("steps")
}

/// Everything that Ampora has in a database, in short.
pub async fn contents(options: &PgConnectOptions) -> Vec<String> {
    let mut conn = options.connect().await.expect("connects");
    let mut found = Vec::new();
    for table in [
        "audit_events",
        "tenants",
        "ca_signing_keys",
        "\"__EFMigrationsHistory\"",
    ] {
        let query = format!("SELECT count(*) || ' ' || md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t");
        let one = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(query));
        found.push(one.fetch_one(&mut conn).await.expect("reads"));
    }
    conn.close().await.expect("closes");
    found
}

/// A ground whose cluster is gone, the runbook of the day before, and a terminal on its host.
async fn lost(ground: &Ground) -> (Runbook, Terminal) {
    let made = made(&ground.site).await;
    let cluster = ground.stanza.cluster();
    let terminal = Terminal::beside(cluster);
    let data = cluster.data_dir();
    terminal.typed(&format!(
        "pg_ctl -D {0} -m immediate -w stop && mv {0} {0}.lost",
        data.display()
    ));
    (made, terminal)
}

fn restore(made: &Runbook, terminal: &Terminal, target: Option<&str>) {
    for step in steps(made, "database", Some("From pgbr-main ")) {
        match (step.title.as_str(), target) {
            (TO_A_TIME, None) | (TO_THE_END, Some(_)) => {}
            (TO_A_TIME, Some(target)) => {
                let printed = &step.commands[0];
                let (before, rest) = printed.split_once("--target='").expect("a moment");
                let (_, behind) = rest.split_once('\'').expect("its end");
                terminal.typed(&format!("{before}--target='{target}'{behind}"));
            }
            ("See how far it came", None) => terminal.awaited(step, 1),
            ("See how far it came", Some(_)) => terminal.awaited(step, 3),
            (title, _) => {
                let printed = terminal.done(step);
                assert!(!title.starts_with("Look through") || has_tenants(&printed), "{printed}");
            }
        }
    }
}

fn has_tenants(printed: &str) -> bool {
    printed
        .lines()
        .any(|line| line.split('|').map(str::trim).eq(["tenants", "3"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_cluster_comes_back_by_the_commands_for_its_stanza() {
    let ground = Ground::new().await;
    ground.event("first").await;
    ground.stanza.write_and_archive().await;
    let before = contents(&ground.site.live.options).await;
    let (made, terminal) = lost(&ground).await;
    restore(&made, &terminal, None);
    assert_eq!(contents(&ground.site.live.options).await, before);

    let told: String = steps(&made, "afterwards", None)
        .iter()
        .map(|step| terminal.done(step))
        .collect();
    assert!(told.contains("(0 rows)"), "every collation is as it was: {told}");
    let archived = ground.stanza.files(1);
    let history = archived
        .iter()
        .any(|path| path.to_string_lossy().contains("00000002.history"));
    assert!(history, "the new timeline is in the archive: {archived:?}");
    let left = fs::read_dir(ground.stanza.data_dir()).expect("is there");
    let left = left.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    assert!(!left.into_iter().any(|name| name.starts_with("first-start")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_cluster_comes_back_as_it_was_at_a_time() {
    let ground = Ground::new().await;
    let (target, lost_event) = ground.between_two().await;
    let (made, terminal) = lost(&ground).await;
    let target = target.replace('T', " ").replace('Z', "+00");
    restore(&made, &terminal, Some(&target));
    let events = ground.events().await;
    assert!(events.contains(&"first".to_owned()), "{events:?}");
    assert!(!events.contains(&lost_event), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_server_gets_everything_by_the_commands_for_a_dump() {
    let site = Site::new().await;
    let before = contents(&site.live.options).await;
    let made = made(&site).await;
    let new = ThrowawayCluster::start().await;
    let terminal = Terminal::beside(new.cluster());
    let steps = steps(&made, "database", Some("From dumps "));
    let printed: String = steps.iter().map(|step| terminal.done(step)).collect();
    assert!(printed.contains("whole") && has_tenants(&printed), "{printed}");
    let options = new.cluster().connect_options(&site.live.name, SUPERUSER);
    assert_eq!(contents(&options).await, before);
    let mut conn = options.connect().await.expect("connects");
    let settings = "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = current_database()";
    let settings: i64 = sqlx::query_scalar(settings).fetch_one(&mut conn).await.expect("reads");
    assert_eq!(settings, 2, "those of the database, and those of a role in it");
}

const MANIFESTS: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: other}
stringData: {a: b}
---
apiVersion: v1
kind: Service
metadata: {name: ampora-web}
spec: {ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ampora-web}
spec:
  replicas: 3
  selector: {matchLabels: {app: ampora-web}}
  template:
    metadata: {labels: {app: ampora-web}}
    spec:
      containers:
      - {name: web, image: "ampora:latest", env: [{name: OTHER, value: "1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: neighbour}
spec:
  replicas: 2
  selector: {matchLabels: {app: neighbour}}
  template:
    metadata: {labels: {app: neighbour}}
    spec:
      containers:
      - {name: web, image: "neighbour:latest"}
"#;

/// A terminal where the manifests lie, and which leads to no cluster.
fn manifests(text: &str) -> Terminal {
    let path = ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned());
    let terminal = Terminal::with(vec![path, ("KUBECONFIG", "/dev/null".into())]);
    let overlay = terminal.folder.path().join("deploy/kustomize/overlays/OVERLAY");
    fs::create_dir_all(&overlay).expect("our own folder");
    fs::write(overlay.join("all.yaml"), text).expect("writes");
    fs::write(
        overlay.join("kustomization.yaml"),
        "namespace: ampora\nresources: [all.yaml]\n",
    )
    .expect("writes");
    terminal
}

#[tokio::test(flavor = "multi_thread")]
async fn ampora_s_deployment_alone_is_patched_before_it_is_applied() {
    let made = made(&Site::new().await).await;
    let [render, patch, ..] = steps(&made, "apply", None) else {
        panic!("rendered, then patched")
    };
    let terminal = manifests(MANIFESTS);
    terminal.done(render);
    for command in &patch.commands {
        // It asks the cluster.
        if !command.starts_with("kubectl diff") {
            terminal.typed(command);
        }
    }
    let applied = fs::read_to_string(terminal.folder.path().join("restore/to-apply.yaml")).expect("is there");
    let objects: Vec<_> = applied.split("\n---\n").collect();
    assert_eq!(objects.len(), 4, "{applied}");
    for object in objects {
        let own = object.contains("kind: Deployment") && object.contains("name: ampora-web");
        assert_eq!(object.contains("replicas: 0"), own, "{object}");
        assert_eq!(object.contains("@sha256:"), own, "{object}");
        assert_eq!(object.contains("AMPORA_AUTO_MIGRATE"), own, "{object}");
    }
    assert!(
        applied.contains("OTHER") && applied.contains("replicas: 2"),
        "{applied}"
    );

    let renamed = manifests(&MANIFESTS.replace("name: ampora-web}", "name: renamed}"));
    renamed.done(render);
    let all = patch.commands[..2]
        .iter()
        .all(|command| renamed.run(command).status.success());
    assert!(!all, "a patch that met nothing is noticed");
    let placeholder = MANIFESTS.replace(
        "{name: other}",
        "{name: other, annotations: {ampora.io/placeholder: \"true\"}}",
    );
    let refused = manifests(&placeholder);
    let all = render
        .commands
        .iter()
        .all(|command| refused.run(command).status.success());
    assert!(!all, "a placeholder is noticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_goes_into_a_secret_by_its_fingerprint_alone() {
    let site = Site::new().await;
    let made = made(&site).await;
    let [look, deliver, ..] = steps(&made, "key", None) else {
        panic!("looked at, then delivered")
    };
    let terminal = manifests(MANIFESTS);
    let file = site.folder.path().join("keys/2.key");
    chown(&file, Some(terminal.user.uid), Some(terminal.user.gid)).expect("root gives away what it made");
    let seen = terminal.typed(&look.commands[0].replace("VERSION", "2"));
    assert_eq!(seen.trim(), master_key(2).fingerprint().to_string());
    // What it would send to a cluster.
    let create = format!(
        "{} --dry-run=client -o json",
        deliver.commands[0].replace("VERSION", "2")
    );
    let secret: serde_json::Value = serde_json::from_str(&terminal.typed(&create)).expect("JSON");
    let kept = secret["data"]["master-key"].as_str().expect("the key’s place");
    fs::write(terminal.folder.path().join("kept"), kept).expect("writes");
    let (_, read_back) = deliver.commands[1].split_once(" | ").expect("read, then decoded");
    let seen = terminal.typed(&format!("cat kept | {read_back}"));
    assert_eq!(seen.trim(), master_key(2).fingerprint().to_string());
}
