//! A machine with Ampora as a service on it, and a site with a restored copy.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use adapters::database_host::DatabaseHost;
use adapters::process::RunAs;
use adapters::service::{Commands, Service};
use domain::ids::RunId;
use domain::plan::Pinned;
use domain::role::Role;
use domain::run::RunState;
use recovery::plans::Wish;
use recovery::settings::Repoint;
use recovery::{Error, approvals, runs};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use testkit::sshd::{HOST, Sshd};

use crate::runs::{approved, worked};
use crate::site::Site;

pub const PASSWORD: &str = "cX7-horse-battery";

/// Where the service runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Where {
    Here,
    OverSsh,
}

pub struct Machine {
    pub site: Site,
    pub copy: String,
    folder: PathBuf,
    /// Who runs it, where that isn't who runs the test.
    user: Option<RunAs>,
    _sshd: Option<Sshd>,
}

impl Machine {
    pub async fn new(place: Where) -> Self {
        let mut site = Site::new().await;
        let copy = format!("{}_copy", site.live.name);
        let (_, run) = approved(&site, &copy).await;
        let restored = worked(&site, run).await;
        assert!(
            matches!(restored.state, RunState::Succeeded { .. }),
            "{:?}",
            restored.state
        );
        let folder = site.folder.path().join("app");
        furnish(&site, &folder, place);
        let sshd = (place == Where::OverSsh).then(Sshd::start);
        let run_as = RunAs::unprivileged().expect("a user for tools");
        let user = run_as.clone().filter(|_| place == Where::OverSsh);
        let host = match &sshd {
            Some(sshd) => DatabaseHost::over_ssh(sshd.ssh(), HOST.into(), run_as),
            None => DatabaseHost::local(None),
        };
        let command = |verb: &str| vec![folder.join("ampora").display().to_string(), verb.to_owned()];
        let commands = Commands {
            stop: command("stop"),
            start: command("start"),
            status: Some(command("status")),
        };
        let service = Service::new(host, folder.join("ampora.env").display().to_string(), commands);
        let live = site.live.options.clone();
        site.configure(|settings| {
            let restore = settings.deployments[0]
                .restore
                .as_mut()
                .expect("restores are configured");
            restore.repoint = Repoint {
                service: Some(service),
                fence: Some(live),
                start_within: Duration::from_secs(10),
                ..Repoint::default()
            };
        });
        let this = Self {
            site,
            copy,
            folder,
            user,
            _sshd: sshd,
        };
        this.command("start");
        this
    }

    fn command(&self, verb: &str) {
        let mut command = Command::new(self.folder.join("ampora"));
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
        let status = command.arg(verb).status().expect("sh runs");
        assert!(status.success(), "{verb}: {status}");
    }

    pub fn env_file(&self) -> PathBuf {
        self.folder.join("ampora.env")
    }

    /// The env file and its mode.
    pub fn env(&self) -> (String, u32) {
        let mode = fs::metadata(self.env_file()).expect("there").permissions().mode();
        (fs::read_to_string(self.env_file()).expect("there"), mode & 0o777)
    }

    pub fn write(&self, text: &str) {
        fs::write(self.env_file(), text).expect("our own file");
    }

    pub fn permit(&self, mode: u32) {
        fs::set_permissions(self.env_file(), fs::Permissions::from_mode(mode)).expect("our own file");
    }

    /// Tells the service to misbehave.
    pub fn say(&self, what: &str) {
        fs::write(self.folder.join(what), "").expect("our own folder");
    }

    pub fn put_right(&self) {
        for what in ["no-start", "no-stop", "stays"] {
            let _ = fs::remove_file(self.folder.join(what));
        }
        self.permit(0o600);
    }

    /// From now on nobody can close the old database.
    pub fn lose_the_old_server(&mut self) {
        let nowhere = self.site.live.options.clone().host("127.0.0.1").port(1);
        self.site.configure(|settings| {
            let restore = settings.deployments[0].restore.as_mut().expect("configured");
            restore.repoint.fence = Some(nowhere);
        });
    }

    /// How often it was started.
    pub fn starts(&self) -> usize {
        fs::read_to_string(self.folder.join("starts"))
            .expect("it was")
            .lines()
            .count()
    }

    /// Files beside the env file that a run put there.
    pub fn kept(&self) -> usize {
        let files = fs::read_dir(&self.folder).expect("our own folder").flatten();
        let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.contains(".before-") || name.contains(".muster-new"))
            .count()
    }

    pub async fn sessions(&self, database: &str) -> i64 {
        let mut conn = self.site.own.connect().await;
        // A session is opened a moment after its client was started.
        for _ in 0..50 {
            let count = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'psql'",
            );
            let count: i64 = count.bind(database).fetch_one(&mut conn).await.expect("counts");
            let runs = Command::new(self.folder.join("ampora"))
                .arg("status")
                .status()
                .expect("sh runs");
            if count > 0 || !runs.success() || database == self.other() {
                return count;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        0
    }

    /// The database that the env file doesn't name.
    fn other(&self) -> &str {
        let names_copy = self.env().0.contains(&format!("Database={}", self.copy));
        if names_copy { &self.site.live.name } else { &self.copy }
    }

    /// Whether anybody may connect to the old database.
    pub async fn is_open(&self) -> bool {
        self.site.live.options.connect().await.is_ok()
    }

    pub async fn reopen(&self) {
        let mut conn = self.site.own.connect().await;
        let open = format!("ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true", self.site.live.name);
        conn.execute(AssertSqlSafe(open)).await.expect("opens");
    }

    /// Types what a person is told to, but for the SQL.
    pub fn type_the_way_back(&self, reason: &str) {
        let (_, said) = reason
            .split_once("put all back: ")
            .or_else(|| reason.split_once("new request: "))
            .expect("says how");
        let said = said.rsplit_once(", then ").map_or(said, |(_, shell)| shell);
        let said = said.strip_suffix(" on this machine").expect("says where");
        for command in said.split(" if that file is there, ") {
            let is_move = command.starts_with("mv ");
            let kept = command.split(' ').nth(3).is_some_and(|file| Path::new(file).exists());
            if is_move && !kept {
                continue;
            }
            let status = Command::new("sh").args(["-c", command]).status().expect("sh runs");
            assert!(status.success(), "{command}: {status}");
        }
    }

    fn wish(&self) -> Wish {
        Wish::Repoint {
            deployment: "demo".into(),
            database: self.copy.clone(),
            old_is_gone: false,
        }
    }

    pub async fn started(&self) -> RunId {
        self.site.started(&self.wish()).await
    }

    pub async fn planned(&self) -> Pinned {
        let person = self.site.person("a", Role::Operator);
        let planned = approvals::plan(&self.site.services, &person, &self.wish()).await;
        planned.expect("planned").pinned
    }

    pub async fn refused(&self) -> String {
        let person = self.site.person("a", Role::Operator);
        match approvals::plan(&self.site.services, &person, &self.wish()).await {
            Err(Error::Invalid(reasons)) => reasons.join(" "),
            other => panic!("it was planned: {other:?}"),
        }
    }

    /// Presses “Cancel run” once the service was told to stop.
    pub fn cancel_soon(&self, run: RunId) {
        let (services, person) = (self.site.services.clone(), self.site.person("a", Role::Operator));
        tokio::spawn(async move {
            loop {
                let seen = services.store.run(run).await.expect("reads").expect("there");
                if !matches!(seen.steps[1].1, domain::run::StepState::Waiting) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            runs::cancel(&services, &person, run).await.expect("cancels");
        });
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.join("no-stop"));
        let _ = fs::remove_file(self.folder.join("stays"));
        let _ = Command::new(self.folder.join("ampora")).arg("stop").status();
        self.end_the_forgotten();
    }
}

impl Machine {
    /// A start that was killed half-way may have left a child that the next one doesn't know of.
    fn end_the_forgotten(&self) {
        let begun = fs::read_to_string(self.folder.join("begun")).unwrap_or_default();
        let ours = self.folder.join("psql").display().to_string();
        for pid in begun.lines() {
            let called = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if called.split('\0').next() == Some(ours.as_str()) {
                let _ = Command::new("kill").args(["-KILL", pid]).status();
            }
        }
    }
}

/// The service's own folder, which belongs to whoever runs it.
fn furnish(site: &Site, folder: &Path, place: Where) {
    fs::create_dir(folder).expect("our own folder");
    let script = folder.join("ampora");
    fs::write(&script, include_str!("ampora.sh")).expect("our own folder");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("our own file");
    symlink(site.live.binaries.dir.join("psql"), folder.join("psql")).expect("our own folder");
    let made = Command::new("mkfifo")
        .arg(folder.join("input"))
        .status()
        .expect("coreutils are there");
    assert!(made.success(), "mkfifo: {made}");
    let live = &site.live;
    let socket = live.options.get_socket().expect("a socket").display().to_string();
    let (port, user, name) = (live.options.get_port(), live.options.get_username(), &live.name);
    let connection =
        format!("Host={socket};Port={port};Database={name};Username={user};Password={PASSWORD};SSL Mode=Disable");
    let text = format!(
        "# Ampora\n\nASPNETCORE_HTTP_PORTS=8080  \nConnectionStrings__Ampora='{connection}'\n\
         export ConnectionStrings__AmporaRead=\"{connection};Application Name=read\"\r\nAMPORA_AUTO_MIGRATE=0"
    );
    fs::write(folder.join("ampora.env"), text).expect("our own folder");
    fs::set_permissions(folder.join("ampora.env"), fs::Permissions::from_mode(0o600)).expect("our own file");
    let user = RunAs::unprivileged()
        .expect("a user for tools")
        .filter(|_| place == Where::OverSsh);
    let Some(user) = user else { return };
    let inside = fs::read_dir(folder)
        .expect("our own folder")
        .flatten()
        .map(|file| file.path());
    for path in inside.chain([folder.to_owned()]).filter(|path| !path.is_symlink()) {
        chown(&path, Some(user.uid), Some(user.gid)).expect("root may");
    }
}
