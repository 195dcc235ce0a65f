//! The demo's `muster.toml`: what an operator would write for an Ampora of their own, with the places of this demo filled in.

use std::net::SocketAddr;
use std::path::Path;

use adapters::postgres::Cluster;
use url::Url;
use zeroize::Zeroizing;

use crate::backups::{STANZA, command};
use crate::folder::Folder;
use crate::idp::{AUDITORS, OPERATORS, VIEWERS};
use crate::schema::DATABASE;
use crate::secrets::{CLIENT, Secrets};

/// What the console calls itself at the identity provider.
pub(crate) const CLIENT_ID: &str = "muster";

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
    let (reader, admin) = (
        folder.secrets().join("reader-url"),
        folder.secrets().join("restore-url"),
    );
    folder.write_private(
        &reader,
        url(cluster, "muster_reader", &secrets.reader, DATABASE).as_bytes(),
    )?;
    folder.write_private(
        &admin,
        url(cluster, "muster_restore", &secrets.restore, "postgres").as_bytes(),
    )?;
    let dumps = Url::from_directory_path(folder.dumps())
        .map_err(|()| anyhow::anyhow!("the demo's folder has no absolute path"))?;
    let text = format!(
        r#"# Written by `muster demo` at each start, and true while it runs.
listen = {listen}
public_url = {public_url}
data_dir = {data_dir}

[oidc]
issuer = {issuer}
client_id = {client_id}
client_secret_file = {client_secret}
scopes = ["openid", "profile"]
role_claim = "groups"

[oidc.roles]
viewer = [{viewers}]
auditor = [{auditors}]
operator = [{operators}]

[approvals]
# For the demo only: elsewhere a retrieved key is sealed to a recipient and never shown.
reveal = "shown"

[[deployment]]
name = "demo"
region = "this machine"

[deployment.database]
url_file = {reader}

[[deployment.source]]
kind = "pgbackrest"
name = "pgbackrest"
stanza = "{STANZA}"
command = {command}

[[deployment.source]]
kind = "dumps"
name = "dumps"
location = {dumps}
timezone = "UTC"

[deployment.restore]
admin_url_file = {admin}

[deployment.master_key]
manager = "file"
dir = {keys}
in_use = {{ env_file = {environment} }}

[deployment.policy]
full_backup_age = "26h"
wal_lag = "1m"
rpo = "15m"
rto = "4h"
"#,
        listen = quoted(&console.listen.to_string()),
        public_url = quoted(console.public_url.as_str()),
        data_dir = quoted_path(&folder.console_data()),
        issuer = quoted(issuer),
        client_id = quoted(CLIENT_ID),
        client_secret = quoted_path(&folder.secrets().join(CLIENT)),
        viewers = quoted(VIEWERS),
        auditors = quoted(AUDITORS),
        operators = quoted(OPERATORS),
        reader = quoted_path(&reader),
        command = toml::Value::from(command(folder)),
        dumps = quoted(dumps.as_str()),
        admin = quoted_path(&admin),
        keys = quoted_path(&folder.keys()),
        environment = quoted_path(&folder.environment()),
    );
    folder.write_private(&folder.config(), text.as_bytes())
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
