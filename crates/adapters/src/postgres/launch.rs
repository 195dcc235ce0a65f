//! Starts the server and waits until it accepts connections.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    ClusterError,
    cluster::Site,
    diagnose,
    postmaster::{PidFile, Status},
    server::Server,
};
use crate::process::Order;

/// Crash recovery of a large database takes minutes; without progress after that, a person must look.
const TIME_LIMIT: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(10);
/// At this size the log of earlier runs is set aside, one generation deep.
const LONGEST_LOG: u64 = 8 * 1024 * 1024;
const QUOTED_LOG: u64 = 4 * 1024;

/// Starts a server in a process group of its own: Ctrl-C at the terminal reaches Muster, which then stops it
/// in order. The server outlives Muster if Muster is killed, and is then adopted by the next.
pub(super) async fn launch(site: &Site) -> Result<Server, ClusterError> {
    let path = site.layout.log();
    let (log, begin) = open_log(&path).map_err(|source| diagnose::file_error(&site.layout, "opened", &path, source))?;
    let mut server = spawn(site, log)?;
    let started = Instant::now();
    loop {
        if let Some(status) = server.try_exited() {
            return Err(diagnose::server(&site.spec, &site.layout, status, tail(&path, begin)));
        }
        if is_ready(site, &server) {
            tracing::info!(pid = server.pid(), took = ?started.elapsed(), "PostgreSQL accepts connections");
            return Ok(server.confirm());
        }
        if started.elapsed() > TIME_LIMIT {
            let log = tail(&path, begin);
            return Err(ClusterError::TooSlow {
                data: site.layout.data(),
                after: TIME_LIMIT,
                log,
            });
        }
        sleep(LOOK).await;
    }
}

fn spawn(site: &Site, log: File) -> Result<Server, ClusterError> {
    let program = site.binaries.dir.join("postgres");
    let run_as = site.spec.run_as.as_ref();
    let argv = vec![
        program.clone().into_os_string(),
        "-D".into(),
        site.layout.data().into_os_string(),
    ];
    let order = Order::new(argv, run_as);
    let start = || {
        let errors = log.try_clone()?;
        order.command().stdout(log).stderr(errors).process_group(0).spawn()
    };
    let child = start().map_err(|source| order.refused(&program.to_string_lossy(), run_as, source))?;
    Ok(Server::started(child))
}

/// What `pg_ctl --wait` looks at, too.
fn is_ready(site: &Site, server: &Server) -> bool {
    PidFile::read(&site.layout.data()).is_some_and(|file| file.pid == server.pid() && file.status == Status::Ready)
}

/// The log, and where in it this start begins.
fn open_log(path: &Path) -> io::Result<(File, u64)> {
    if fs::metadata(path).is_ok_and(|found| found.len() > LONGEST_LOG) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let begin = log.metadata()?.len();
    Ok((log, begin))
}

/// The end of what the server wrote since `begin`, whole lines only.
fn tail(path: &Path, begin: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let from = begin.max(file.metadata()?.len().saturating_sub(QUOTED_LOG));
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let whole = if from > begin {
            text.split_once('\n').map_or("", |(_, rest)| rest)
        } else {
            &text
        };
        Ok(whole.trim_end().to_owned())
    };
    read().unwrap_or_else(|error| format!("(the log could not be read: {error})"))
}
