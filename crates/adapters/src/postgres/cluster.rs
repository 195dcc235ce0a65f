//! A private cluster as the rest of Muster sees it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::process::Signal;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::{
    Binaries, ClusterError, ClusterSpec, ClusterState, adopt, configure, initialise, launch,
    layout::{Content, Layout},
    lock::Lock,
    server::Server,
    socket::SocketDir,
};
use crate::process::{RunAs, Tool};

/// Port in the name of the socket. No network port is opened.
pub const PORT: u16 = 5432;

/// A running cluster. Clones are handles on the same one. Dropping them all leaves the server running, as
/// killing Muster does; only [`Cluster::stop`] stops it.
#[derive(Clone)]
pub struct Cluster {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub site: Site,
    /// `None` once it was stopped. Held by the supervising task while the server runs.
    pub held: Mutex<Option<Held>>,
    pub state: watch::Sender<ClusterState>,
    pub stopping: CancellationToken,
}

/// What ends with [`Cluster::stop`].
pub(super) struct Held {
    /// `None` while it is being started again.
    pub server: Option<Server>,
    _socket_dir: SocketDir,
    /// Last, so that the next Muster finds everything settled.
    _lock: Lock,
}

/// Everything about a cluster that doesn't change while it runs.
pub(super) struct Site {
    pub spec: ClusterSpec,
    pub layout: Layout,
    pub binaries: Binaries,
    pub socket_dir: PathBuf,
}

impl Cluster {
    /// Makes the cluster if there is none, adopts its server if one runs already, else starts it; returns
    /// when it accepts connections. A data directory that isn't right is refused untouched. An adopted server
    /// is told of changed settings; those that need a restart wait for one.
    pub async fn start(spec: ClusterSpec) -> Result<Self, ClusterError> {
        let layout = Layout::prepare(&spec.folder)?;
        let lock = Lock::take(&layout)?;
        let binaries = match layout.content()? {
            Content::Cluster { major } => binaries_for(major, &spec, &layout)?,
            Content::Nothing => {
                initialise::initialise(&spec, &layout).await?;
                spec.binaries.clone()
            }
        };
        let socket_dir = SocketDir::prepare(&spec, &layout)?;
        let changed = configure::write(&spec, &layout, socket_dir.path())?;
        let site = Site {
            spec,
            layout,
            binaries,
            socket_dir: socket_dir.path().to_owned(),
        };
        let server = adopt_or_launch(&site, changed).await?;
        let (state, _) = watch::channel(ClusterState::Running { pid: server.pid() });
        let held = Mutex::new(Some(Held {
            server: Some(server),
            _socket_dir: socket_dir,
            _lock: lock,
        }));
        Ok(Self {
            shared: Arc::new(Shared {
                site,
                held,
                state,
                stopping: CancellationToken::new(),
            }),
        })
    }

    /// How the server is, and every change of that while [`Cluster::supervise`] runs.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<ClusterState> {
        self.shared.state.subscribe()
    }

    /// Options for a connection over the socket; a password, where one is needed, is the caller's to add.
    #[must_use]
    pub fn connect_options(&self, database: &str, user: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.socket_dir())
            .port(PORT)
            .username(user)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// The same as a URL without password, as sqlx and libpq read it.
    #[must_use]
    pub fn url(&self, user: &str, database: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let host = encode(&self.socket_dir().to_string_lossy());
        format!("postgresql://{}@{host}:{PORT}/{}", encode(user), encode(database))
    }

    /// One of the cluster's own programs (`pg_dump`, `psql`, …), run as the server's user.
    #[must_use]
    pub fn tool(&self, program: &str) -> Tool {
        self.shared.site.binaries.tool(program).run_as(self.run_as().cloned())
    }

    /// PostgreSQL's data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.shared.site.layout.data()
    }

    /// Folder of the Unix socket: the `PGHOST` of every client.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.shared.site.socket_dir
    }

    /// The superuser that the cluster was made with.
    #[must_use]
    pub fn superuser(&self) -> &str {
        &self.shared.site.spec.superuser
    }

    /// The programs the server was started from.
    #[must_use]
    pub fn binaries(&self) -> &Binaries {
        &self.shared.site.binaries
    }

    /// The server's user, if other than Muster's own.
    #[must_use]
    pub fn run_as(&self) -> Option<&RunAs> {
        self.shared.site.spec.run_as.as_ref()
    }
}

async fn adopt_or_launch(site: &Site, changed: bool) -> Result<Server, ClusterError> {
    let Some(server) = adopt::adopt(site).await? else {
        return launch::launch(site).await;
    };
    if changed {
        server
            .signal(Signal::HUP)
            .map_err(ClusterError::file("signalled", site.layout.data()))?;
    }
    Ok(server)
}

/// The programs that fit the data: a newer PostgreSQL that was installed beside it changes nothing.
fn binaries_for(major: u32, spec: &ClusterSpec, layout: &Layout) -> Result<Binaries, ClusterError> {
    if spec.binaries.major == major {
        return Ok(spec.binaries.clone());
    }
    let mut installed = Binaries::installed();
    if let Some(fitting) = installed.iter().position(|binaries| binaries.major == major) {
        return Ok(installed.swap_remove(fitting));
    }
    let mut majors: Vec<_> = installed
        .iter()
        .chain([&spec.binaries])
        .map(|binaries| binaries.major)
        .collect();
    majors.sort_unstable();
    majors.dedup();
    let available = majors.iter().map(u32::to_string).collect::<Vec<_>>().join(" and ");
    Err(ClusterError::OtherMajor {
        data: layout.data(),
        found: major,
        available,
    })
}
