//! A real server that stands for another system in a test: started on a free port, ended with the test, however the test ends.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Runs the server and waits for the end of its input, which only the test process holds open.
const SCRIPT: &str = r#"
"$@" < /dev/null &
server=$!
cat > /dev/null
kill -s TERM "$server" 2> /dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$server" 2> /dev/null || exit 0
    sleep 0.1
done
kill -s KILL "$server"
"#;
/// A machine that is busy with a build starts Python slowly.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Peer {
    keeper: Child,
    pub address: SocketAddr,
}

/// A port on the loopback address that was free a moment ago.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Where the set-up of a checkout puts a server that it doesn't install as a package.
///
/// # Panics
/// If the environment names no home.
pub(crate) fn home(server: &str) -> PathBuf {
    let cache = env::var_os("MUSTER_CACHE").map(PathBuf::from).or_else(|| {
        let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let caches = caches.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
        Some(caches.join("muster"))
    });
    cache.expect("HOME is set").join("peers").join(server)
}

/// Where it puts what the servers' own user runs, which can't enter root's home.
pub(crate) fn shared(server: &str) -> PathBuf {
    if rustix::process::getuid().is_root() {
        Path::new("/var/cache/muster/peers").join(server)
    } else {
        home(server)
    }
}

impl Peer {
    /// Starts `command` and waits until it accepts connections on `port`. What it writes goes to `log`.
    ///
    /// # Panics
    /// If it can't be started or doesn't listen within a minute; the message ends with what it wrote.
    pub fn start<S: AsRef<OsStr>>(command: &[S], port: u16, environment: &[(&str, &str)], log: &Path) -> Self {
        let name = command[0].as_ref().to_string_lossy().into_owned();
        let keeper =
            spawn(command, environment, log).unwrap_or_else(|error| panic!("{name} can't be started: {error}"));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let peer = Self { keeper, address };
        let started = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            assert!(
                started.elapsed() < PATIENCE,
                "{name} doesn't listen on {address}; it wrote:\n{said}"
            );
            thread::sleep(Duration::from_millis(50));
        }
        peer
    }
}

fn spawn<S: AsRef<OsStr>>(command: &[S], environment: &[(&str, &str)], log: &Path) -> io::Result<Child> {
    let log = File::create(log)?;
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "keeper"])
        .args(command)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C at the terminal is for the tests.
        .process_group(0)
        .spawn()
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
