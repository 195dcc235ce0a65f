//! A demo in a temporary folder, and what can be seen of it from outside.

use std::fs;
use std::path::{Path, PathBuf};

use demo::{Demo, DemoOptions};
use domain::envelope::Layout;
use domain::key::{Encoding, MasterKey};
use sqlx::{Connection as _, PgConnection};

pub async fn start(dir: &Path) -> anyhow::Result<Demo> {
    let progress = Box::new(|sentence: &str| println!("{sentence}"));
    Demo::start(DemoOptions {
        dir: dir.into(),
        listen: "127.0.0.1:0".parse()?,
        progress,
    })
    .await
}

/// The configuration it wrote.
pub fn config(demo: &Demo) -> toml::Table {
    fs::read_to_string(demo.config_path()).unwrap().parse().unwrap()
}

/// The one `[[deployment]]`.
pub fn deployment(demo: &Demo) -> toml::Table {
    config(demo)["deployment"][0].as_table().unwrap().clone()
}

pub fn text(value: &toml::Value) -> &str {
    value.as_str().unwrap()
}

/// Connects with the URL in a file that the configuration names.
pub async fn connect(url_file: &toml::Value) -> PgConnection {
    let url = fs::read_to_string(text(url_file)).unwrap();
    PgConnection::connect(&url).await.unwrap()
}

pub fn key(path: PathBuf) -> MasterKey {
    MasterKey::decode(&fs::read(path).unwrap(), Encoding::Base64)
        .unwrap()
        .key
}

/// The key in Ampora's environment file.
pub fn key_in_use(path: &str) -> MasterKey {
    let lines = fs::read_to_string(path).unwrap();
    let value = lines
        .lines()
        .find_map(|line| line.strip_prefix("KeyProtection__MasterKey="))
        .unwrap();
    MasterKey::decode(value.as_bytes(), Encoding::Base64).unwrap().key
}

/// Every wrapped value of the database.
pub async fn envelopes(connection: &mut PgConnection) -> Vec<Vec<u8>> {
    let all = r#"SELECT "WrappedPrivateKey" FROM "ca_signing_keys" UNION ALL SELECT "WrappedCredential" FROM "git_config_sources"
                 UNION ALL SELECT "WrappedOutboundSecret" FROM "federation_peers""#;
    sqlx::query_scalar(all).fetch_all(connection).await.unwrap()
}

/// How many of the values this key opens.
pub fn opened(envelopes: &[Vec<u8>], key: &MasterKey) -> usize {
    let opens = |stored: &&Vec<u8>| {
        let mut scratch = Vec::new();
        let envelope = Layout::default().parse(stored, &mut scratch).unwrap();
        envelope.open(key, b"").is_some()
    };
    envelopes.iter().filter(opens).count()
}

/// Command lines of processes that name this folder, in an argument or as their working directory.
pub fn processes_of(dir: &Path) -> Vec<String> {
    let dir = dir.to_str().unwrap();
    let entries = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()));
    entries
        .filter(|process| process.join("stat").exists())
        .filter_map(|process| {
            let arguments = String::from_utf8_lossy(&fs::read(process.join("cmdline")).ok()?).replace('\0', " ");
            let directory = fs::read_link(process.join("cwd")).unwrap_or_default();
            (arguments.contains(dir) || directory.starts_with(dir))
                .then(|| format!("{} {arguments}", process.display()))
        })
        .collect()
}

/// Folder of the socket that the demo's database listens at.
pub fn socket_dir(demo: &Demo) -> PathBuf {
    let url = fs::read_to_string(text(&deployment(demo)["database"]["url_file"])).unwrap();
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    options.get_socket().unwrap().clone()
}
