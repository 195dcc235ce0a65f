//! Picks up the server of an earlier Muster that was killed, and clears away what a dead server left.

use std::{
    fs, io,
    os::unix::net::UnixStream,
    path::PathBuf,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    ClusterError,
    cluster::Site,
    postmaster::{PidFile, Status, inhabitants},
    server::Server,
    socket::socket_file,
    stop,
};

/// Backends of a killed server notice within moments that it is gone, busy ones at their next step.
const ORPHANS_END: Duration = Duration::from_secs(20);
/// A server on its way up or down is given as long as a start.
const CHANGE: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(50);

/// The server that runs on this data directory already, if it can be used; otherwise nobody does afterwards.
pub(super) async fn adopt(site: &Site) -> Result<Option<Server>, ClusterError> {
    let began = Instant::now();
    while let Some((file, mut server)) = live_server(site)? {
        match file.status {
            Status::Ready if is_usable(site, &file) => {
                tracing::info!(pid = server.pid(), "adopted the PostgreSQL server of an earlier Muster");
                return Ok(Some(server));
            }
            Status::Ready => {
                tracing::warn!(
                    pid = server.pid(),
                    "a PostgreSQL server of an earlier Muster can't be reached, stopping it"
                );
                stop::shut_down(&mut server, &site.layout).await?;
            }
            Status::Starting | Status::Stopping if began.elapsed() < CHANGE => sleep(LOOK).await,
            Status::Starting | Status::Stopping => {
                let log = String::new();
                return Err(ClusterError::TooSlow {
                    data: site.layout.data(),
                    after: CHANGE,
                    log,
                });
            }
        }
    }
    orphans_ended(site).await?;
    clear_traces(site)?;
    Ok(None)
}

fn live_server(site: &Site) -> Result<Option<(PidFile, Server)>, ClusterError> {
    let data = site.layout.data();
    let Some(file) = PidFile::read(&data) else {
        return Ok(None);
    };
    let here = inhabitants(&data).map_err(ClusterError::file("compared with the process table", &data))?;
    let postmaster = here.into_iter().find(|process| process.pid == file.pid);
    Ok(postmaster.map(|identity| (file, Server::adopted(identity))))
}

/// Whether clients of this Muster would reach it: where they look, and through a socket that is still there.
fn is_usable(site: &Site, file: &PidFile) -> bool {
    file.socket_dir == site.socket_dir && UnixStream::connect(socket_file(&site.socket_dir)).is_ok()
}

/// Starting beside backends of a dead server would ruin the data; PostgreSQL itself refuses that too.
async fn orphans_ended(site: &Site) -> Result<(), ClusterError> {
    let (data, began) = (site.layout.data(), Instant::now());
    loop {
        let here = inhabitants(&data).map_err(ClusterError::file("compared with the process table", &data))?;
        if here.is_empty() {
            return Ok(());
        }
        if began.elapsed() > ORPHANS_END {
            return Err(ClusterError::Orphans {
                data,
                pids: here.iter().map(|process| process.pid).collect(),
            });
        }
        sleep(LOOK).await;
    }
}

/// With nobody there, what the dead server left would only mislead the next one: it refuses to start when
/// the number in `postmaster.pid` or in the socket's lock belongs to some other process by now.
fn clear_traces(site: &Site) -> Result<(), ClusterError> {
    let socket = socket_file(&site.socket_dir);
    let lock = PathBuf::from(format!("{}.lock", socket.display()));
    for trace in [PidFile::path(&site.layout.data()), lock, socket] {
        match fs::remove_file(&trace) {
            Ok(()) => tracing::info!(file = %trace.display(), "removed what a killed PostgreSQL server left"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(ClusterError::file("removed", trace)(source)),
        }
    }
    Ok(())
}
