//! An Ampora-shaped cluster with a stanza, hooks, and people who decide.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use adapters::database_host::DatabaseHost;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::approval::Decision;
use domain::backup::Kind;
use domain::ids::RunId;
use domain::role::{Actor, Role};
use domain::run::RunState;
use recovery::plans::Wish;
use recovery::runs;
use recovery::settings::{RestoreHost, Source};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use store::events::Events;
use store::runs::Run;
use testkit::installation::Installation;
use testkit::pgbackrest::{Copies, Stanza};
use testkit::postgres::Database;
use testkit::sshd::{HOST, Sshd};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::site::Site;

pub struct Ground {
    pub stanza: Stanza,
    pub site: Site,
    pub sshd: Option<Sshd>,
    /// Whether plans are made in place.
    pub in_place: bool,
}

/// What it is made of, where that isn't the usual.
#[derive(Default)]
pub struct Parts {
    pub stanza: Option<Stanza>,
    /// For Muster's own tables.
    pub own: Option<Database>,
    pub sshd: Option<Sshd>,
    /// Whether the backup is in the second repository instead of the first.
    pub second: bool,
}

impl Ground {
    pub async fn new() -> Self {
        Self::on(Installation::packaged()).await
    }

    pub async fn on(installation: Installation) -> Self {
        Self::on_with(installation, |host| host).await
    }

    pub async fn on_with(installation: Installation, adjust: impl FnOnce(RestoreHost) -> RestoreHost) -> Self {
        let stanza = Some(Stanza::start_on(installation).await);
        let parts = Parts {
            stanza,
            ..Parts::default()
        };
        Self::made(parts, adjust).await
    }

    pub async fn over_ssh() -> Self {
        Self::with(Some(Sshd::start()), |host| host).await
    }

    /// The host's settings changed by `adjust`.
    pub async fn with(sshd: Option<Sshd>, adjust: impl FnOnce(RestoreHost) -> RestoreHost) -> Self {
        let parts = Parts {
            sshd,
            ..Parts::default()
        };
        Self::made(parts, adjust).await
    }

    pub async fn made(parts: Parts, adjust: impl FnOnce(RestoreHost) -> RestoreHost) -> Self {
        let Parts {
            stanza,
            own,
            sshd,
            second,
        } = parts;
        let stanza = match stanza {
            Some(stanza) => stanza,
            None => Stanza::start().await,
        };
        stanza.own_the_folder();
        let cluster = stanza.cluster();
        let run_as = cluster.run_as().cloned();
        let host = match &sshd {
            Some(sshd) => DatabaseHost::over_ssh(sshd.ssh(), HOST.into(), run_as),
            None => DatabaseHost::local(run_as),
        };
        let (data, bin) = (cluster.data_dir(), cluster.binaries().dir.join("pg_ctl"));
        let pg_ctl = |rest: &[&str]| -> Vec<String> {
            let first = [bin.display().to_string(), "-D".into(), data.display().to_string()];
            first
                .into_iter()
                .chain(rest.iter().map(|word| (*word).to_owned()))
                .collect()
        };
        let log = data.with_file_name("hook.log").display().to_string();
        let host = adjust(RestoreHost {
            host,
            tool: stanza.command(),
            pgdata: data.display().to_string(),
            bin_dir: Some(cluster.binaries().dir.display().to_string()),
            stop: Some(pg_ctl(&["-m", "fast", "-w", "stop"])),
            start: Some(pg_ctl(&["-l", &log, "-w", "start"])),
            full_backup: true,
        });
        let live = Database {
            name: "postgres".into(),
            options: cluster.connect_options("postgres", "tester"),
            url: cluster.url("tester", "postgres"),
            binaries: cluster.binaries().clone(),
        };
        let source = Source::PgBackRest(stanza.source());
        let own = match own {
            Some(own) => own,
            None => testkit::postgres::database().await,
        };
        let site = Site::kept_in(own, live, |mut deployment| {
            deployment.sources.push(source);
            deployment.host = Some(host);
            deployment
        })
        .await;
        stanza.backup(1 + u32::from(second), Copies::Everything).await;
        Self {
            stanza,
            site,
            sshd,
            in_place: false,
        }
    }

    pub fn a(&self) -> Actor {
        self.site.person("a", Role::Operator)
    }

    pub fn b(&self) -> Actor {
        self.site.person("b", Role::Operator)
    }

    /// Commits an audit event.
    pub async fn event(&self, action: &str) {
        let mut conn = self.site.live.connect().await;
        let insert = "INSERT INTO audit_events SELECT max(\"Id\") + 1, clock_timestamp(), $1 FROM audit_events";
        sqlx::query(insert)
            .bind(action)
            .execute(&mut conn)
            .await
            .expect("inserts");
    }

    /// A time between two transactions that are archived, and the event of the second. A third one is never archived.
    pub async fn between_two(&self) -> (String, String) {
        self.event("first").await;
        // Repositories tell times in whole seconds.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let target: DateTime<Utc> = Utc::now();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        self.event("second").await;
        self.stanza.write_and_archive().await;
        self.event("never archived").await;
        let mut conn = self.site.live.connect().await;
        conn.execute("CHECKPOINT").await.expect("a superuser may");
        (target.to_rfc3339_opts(SecondsFormat::Micros, true), "second".into())
    }

    pub fn wish(&self, at: &str) -> Wish {
        Wish::RestorePitr {
            deployment: "demo".into(),
            source: "pgbr-main".into(),
            at: at.into(),
            exclusive: false,
            affects: Vec::new(),
            in_place: self.in_place,
        }
    }

    /// Asks, approves and starts.
    pub async fn approved(&self, at: &str) -> (i64, RunId) {
        let request = self.site.request(&self.a(), &self.wish(at)).await;
        let number = request.unwrap_or_else(|error| panic!("{error}")).number;
        self.site
            .decide(&self.b(), number, Decision::Approve)
            .await
            .expect("approves");
        (
            number,
            runs::start(&self.site.services, &self.a(), number)
                .await
                .expect("starts"),
        )
    }

    pub async fn decide(&self, number: i64, decision: Decision) {
        let decided = self.site.decide(&self.b(), number, decision).await;
        decided.unwrap_or_else(|error| panic!("{error}"));
    }

    pub async fn run(&self, run: RunId) -> Run {
        self.site
            .services
            .store
            .run(run)
            .await
            .expect("reads")
            .expect("is there")
    }

    /// Lets a worker go on until the run is over, or waits for somebody.
    pub async fn worked(&self, run: RunId) -> Run {
        let waits = |run: &Run| run.state.is_over() || matches!(run.state, RunState::Paused { .. });
        self.worked_until(run, waits, true).await
    }

    /// Lets a worker go on until `enough`; then it stops in order, or dies where it is.
    pub async fn worked_until(&self, run: RunId, enough: impl Fn(&Run) -> bool, in_order: bool) -> Run {
        let stop = CancellationToken::new();
        let events = Arc::new(Events::listen(&self.site.services.store));
        // Whoever stops waiting for it has it die, too.
        let worker = AbortOnDropHandle::new(tokio::spawn(runs::work(
            self.site.services.clone(),
            events,
            stop.clone(),
        )));
        let over = tokio::time::timeout(Duration::from_secs(240), async {
            loop {
                let seen = self.run(run).await;
                if enough(&seen) {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let seen = over.await;
        if in_order {
            stop.cancel();
        } else {
            worker.abort();
        }
        let _ = worker.await;
        match seen {
            Ok(seen) => seen,
            Err(_) => panic!("the run doesn’t get there: {:?}", self.run(run).await),
        }
    }

    /// What the live server holds.
    pub async fn events(&self) -> Vec<String> {
        let mut conn = self.site.live.connect().await;
        let events =
            sqlx::query_scalar("SELECT \"Action\" FROM audit_events WHERE \"Action\" <> 'Edited'").fetch_all(&mut conn);
        events.await.expect("reads")
    }

    /// What a directory holds, by a server of its own.
    pub async fn events_in(&self, directory: &str) -> Vec<String> {
        let cluster = self.stanza.cluster();
        let socket = tempfile::Builder::new()
            .prefix("muster-old-")
            .tempdir_in("/tmp")
            .expect("a folder");
        let user = cluster.run_as().expect("tests run as root");
        std::os::unix::fs::chown(socket.path(), Some(user.uid), Some(user.gid)).expect("root may");
        let data = self.folder().join(directory);
        let mut conn = self.server_over(&data, socket.path()).await;
        let events =
            sqlx::query_scalar("SELECT \"Action\" FROM audit_events WHERE \"Action\" <> 'Edited'").fetch_all(&mut conn);
        let events = events.await.expect("reads");
        drop(conn);
        self.stop_server_over(&data).await;
        events
    }

    /// Starts a server over a directory, with its socket in another one of the server's user, and enters it.
    pub async fn server_over(&self, data: &Path, socket: &Path) -> PgConnection {
        let options = format!("-c archive_mode=off -c unix_socket_directories={}", socket.display());
        let (data, log) = (data.display().to_string(), socket.join("log").display().to_string());
        let start = ["-D", &data, "-l", &log, "-o", &options, "-w", "start"];
        let started = self.stanza.cluster().tool("pg_ctl").invoke(start).output().await;
        started.unwrap_or_else(|error| panic!("{error}"));
        let options = self.site.live.options.clone().socket(socket);
        options.connect().await.expect("connects")
    }

    pub async fn stop_server_over(&self, data: &Path) {
        let data = data.display().to_string();
        let stop = ["-D", &data, "-m", "fast", "-w", "stop"];
        let stopped = self.stanza.cluster().tool("pg_ctl").invoke(stop).output().await;
        stopped.expect("stops");
    }

    /// Runs a command line as the server's user, as a person at the terminal does.
    pub fn typed(&self, command: &str) {
        let cluster = self.stanza.cluster();
        let user = cluster.run_as().expect("tests run as root");
        let mut bash = std::process::Command::new("bash");
        bash.args(["-e", "-c", command])
            .current_dir("/tmp")
            .uid(user.uid)
            .gid(user.gid);
        let output = bash.output().expect("bash starts");
        let (out, complaint) = (&output.stdout, &output.stderr);
        let [out, complaint] = [out, complaint].map(|text| String::from_utf8_lossy(text));
        assert!(output.status.success(), "{command}\n{out}\n{complaint}");
    }

    /// How many full backups there are.
    pub async fn fulls(&self) -> usize {
        let read = self.stanza.source().read().await;
        let backups = read.unwrap_or_else(|error| panic!("{error}")).backups;
        backups.iter().filter(|backup| backup.kind == Kind::Full).count()
    }

    /// Asks, approves, runs, and promotes what waits; answers where the run stands then.
    pub async fn promoted(&self, at: &str) -> Run {
        let (number, run) = self.approved(at).await;
        let paused = self.worked(run).await;
        assert!(
            matches!(paused.state, RunState::Paused { .. }),
            "{:?} {:?}",
            paused.state,
            paused.steps
        );
        self.decide(number, Decision::Promote).await;
        self.run(run).await
    }

    /// The folder that the data directory is in.
    pub fn folder(&self) -> PathBuf {
        self.stanza
            .cluster()
            .data_dir()
            .parent()
            .expect("it has one")
            .to_owned()
    }

    /// Names beside the data directory that begin so.
    pub fn leftovers(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).expect("our own folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter(|found| found.starts_with(name)).collect()
    }

    pub async fn sql(&self, statement: &str) {
        let mut conn = self.site.live.connect().await;
        let done = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&mut conn)
            .await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}
