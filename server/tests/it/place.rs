//! A place for the binary to run in, and the running binary.

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

/// The binary with these arguments, out of reach of the checkout's own configuration.
pub fn muster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .args(arguments)
        .env_remove("MUSTER_CONFIG")
        .env("MUSTER_LOG", "warn")
        .current_dir("/");
    command
}

pub fn run(arguments: &[&str]) -> Output {
    muster(arguments).output().expect("the binary starts")
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

pub fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a configuration, a bundle, and Muster's data; whatever still runs in it is ended with it.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    /// `more` is added to the configuration.
    pub fn new(more: &str) -> Self {
        // Where PostgreSQL's user can go, whoever runs the tests.
        let folder = tempfile::Builder::new()
            .prefix("muster-process-")
            .tempdir_in("/tmp")
            .expect("a folder");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        fs::set_permissions(folder.path(), open).expect("our own folder");
        bundle(&folder.path().join("site"));
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

    pub fn config(&self) -> String {
        self.folder.path().join("muster.toml").display().to_string()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data/postgres/data")
    }

    /// A Muster that serves from here.
    pub fn serve(&self) -> Running {
        Running::start(muster(&["serve", "--config", &self.config()]))
    }

    /// Processes that work in the private cluster.
    pub fn servers(&self) -> usize {
        inhabitants(&self.data())
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

/// A Muster that has said that it is ready.
pub struct Running {
    pub url: String,
    child: Child,
}

impl Running {
    /// Waits until it says that it is ready.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped"))
            .lines()
            .map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("Muster is ready: ").map(str::to_owned));
        let Some(url) = url else {
            let mut said = String::new();
            let _ = child.stderr.take().expect("piped").read_to_string(&mut said);
            panic!("it ended before it was ready: {said}");
        };
        // Whatever else it prints is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.count());
        Self { url, child }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid")).expect("a pid");
        kill_process(pid, signal).expect("it runs");
    }

    /// Its exit code; `None` if a signal ended it.
    pub fn ended(mut self) -> Option<i32> {
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
    pub fn status(&self, path: &str) -> String {
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

/// Processes that work in this folder.
pub fn inhabitants(folder: &Path) -> usize {
    let Ok(folder) = folder.canonicalize() else { return 0 };
    let entries = fs::read_dir("/proc").expect("procfs").flatten();
    entries
        .filter(|entry| fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&folder)))
        .count()
}

/// A folder of the browser bundle, as far as a server looks at it.
pub fn bundle(site: &Path) {
    fs::create_dir_all(site.join("pkg/0123")).expect("a folder");
    fs::write(site.join("current"), "0123").expect("writes");
}
