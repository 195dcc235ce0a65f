//! The demo's `muster.toml`: what an operator would write for an Ampora of their own, with the places of this demo filled in.

use std::net::SocketAddr;
use std::path::Path;

use adapters::postgres::Cluster;
use anyhow::Context as _;
use url::Url;
use zeroize::Zeroizing;

use crate::backups::{STANZA, command};
use crate::folder::Folder;
use crate::idp::{AUDITORS, OPERATORS, VIEWERS};
use crate::schema::DATABASE;
use crate::secrets::{CLIENT, Secrets};

/// What the console calls itself at the identity provider.
pub(crate) const CLIENT_ID: &str = "muster";

/// Files of the URLs, passwords included, that the console connects with.
const READER_URL: &str = "reader-url";
const RESTORE_URL: &str = "restore-url";

/// Where the console will be found.
pub(crate) struct Console {
    pub listen: SocketAddr,
    pub public_url: Url,
}

impl Console {
    /// Browsers on this machine reach a console that listens everywhere at the loopback address.
    pub fn at(listen: SocketAddr) -> anyhow::Result<Self> {
        let host = if listen.ip().is_unspecified() {
            SocketAddr::from(([127, 0, 0, 1], listen.port()))
        } else {
            listen
        };
        Ok(Self {
            listen,
            public_url: Url::parse(&format!("http://{host}"))?,
        })
    }

    /// Where the identity provider sends a browser that signed in.
    pub fn redirect_uri(&self) -> anyhow::Result<Url> {
        Ok(self.public_url.join("auth/callback")?)
    }
}

/// Writes the configuration and the files with secrets that it names.
pub(crate) fn write(
    folder: &Folder,
    cluster: &Cluster,
    secrets: &Secrets,
    console: &Console,
    issuer: &str,
) -> anyhow::Result<()> {
    let reader = url(cluster, "muster_reader", &secrets.reader, DATABASE);
    folder.write_private(&folder.secrets().join(READER_URL), reader.as_bytes())?;
    let restore = url(cluster, "muster_restore", &secrets.restore, "postgres");
    folder.write_private(&folder.secrets().join(RESTORE_URL), restore.as_bytes())?;
    folder.write_private(&folder.config(), text(folder, console, issuer)?.as_bytes())
}

fn text(folder: &Folder, console: &Console, issuer: &str) -> anyhow::Result<String> {
    let secret = |name: &str| quoted_path(&folder.secrets().join(name));
    let dumps =
        Url::from_file_path(folder.dumps()).map_err(|()| anyhow::anyhow!("the demo's folder has no absolute path"))?;
    let program = std::env::current_exe().context("the demo can't find its own program")?;
    Ok(format!(
        include_str!("config/muster.toml.in"),
        listen = quoted(&console.listen.to_string()),
        public_url = quoted(console.public_url.as_str()),
        data_dir = quoted_path(&folder.console_data()),
        issuer = quoted(issuer),
        client_id = quoted(CLIENT_ID),
        client_secret = secret(CLIENT),
        viewers = quoted(VIEWERS),
        auditors = quoted(AUDITORS),
        operators = quoted(OPERATORS),
        reader = secret(READER_URL),
        stanza = quoted(STANZA),
        command = toml::Value::from(command(folder)),
        dumps = quoted(dumps.as_str()),
        admin = secret(RESTORE_URL),
        keys = quoted_path(&folder.keys()),
        standby = quoted_path(&folder.standby()),
        environment = quoted_path(&folder.environment()),
        stand_in = toml::Value::from(stand_in::command(&program)),
    ))
}

/// The cluster's URL with a password, which needs no quoting.
fn url(cluster: &Cluster, user: &str, password: &str, database: &str) -> Zeroizing<String> {
    Zeroizing::new(cluster.url(user, database).replacen('@', &format!(":{password}@"), 1))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
