//! The demo's backups, made by the tools that real ones are made with: pgBackRest for the cluster and its WAL, pg_dump for the database.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use adapters::postgres::Cluster;
use adapters::process::Tool;
use anyhow::Context as _;
use chrono::Utc;
use tokio::time::sleep;

use crate::folder::Folder;
use crate::schema::DATABASE;

/// pgBackRest's name for the demo's cluster.
pub(crate) const STANZA: &str = "demo";

/// How much of the cluster a backup copies.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Full,
    /// What changed since the backup before.
    Incremental,
}

/// Shell line by which the server hands a finished WAL segment over. `%p` is PostgreSQL's.
pub(crate) fn archive_command(folder: &Folder) -> String {
    let config = folder
        .backrest_config()
        .to_string_lossy()
        .replace('\'', r"'\''")
        .replace('%', "%%");
    format!("pgbackrest '--config={config}' --stanza={STANZA} archive-push %p")
}

/// pgBackRest with the demo's configuration, as an argument vector.
pub(crate) fn command(folder: &Folder) -> Vec<String> {
    vec![
        "pgbackrest".to_owned(),
        format!("--config={}", folder.backrest_config().display()),
    ]
}

/// Writes pgBackRest's configuration. It holds no secret: the repository isn't encrypted, and the server lets its own user in.
pub(crate) fn configure(folder: &Folder, cluster: &Cluster) -> anyhow::Result<()> {
    folder.make(&folder.backrest(), cluster.run_as())?;
    let (repository, data, socket) = (folder.backrest(), cluster.data_dir(), cluster.socket_dir());
    let text = format!(
        "[global]\n\
         repo1-path={repository}/repo\n\
         repo1-bundle=y\n\
         repo1-retention-full=30\n\
         lock-path={repository}/lock\n\
         log-path={repository}\n\
         log-level-file=off\n\
         compress-type=gz\n\
         compress-level=1\n\
         start-fast=y\n\
         \n\
         [{STANZA}]\n\
         pg1-path={data}\n\
         pg1-socket-path={socket}\n\
         pg1-user={user}\n",
        repository = repository.display(),
        data = data.display(),
        socket = socket.display(),
        user = cluster.superuser(),
    );
    let path = folder.backrest_config();
    folder.write_private(&path, text.as_bytes())?;
    // The server's user reads it, too.
    fs::set_permissions(&path, Permissions::from_mode(0o644))?;
    Ok(())
}

/// Makes the repository ready for the cluster's WAL and backups.
pub(crate) async fn create_stanza(folder: &Folder, cluster: &Cluster) -> anyhow::Result<()> {
    run(folder, cluster, &["stanza-create"]).await
}

pub(crate) async fn back_up(folder: &Folder, cluster: &Cluster, kind: Kind) -> anyhow::Result<()> {
    let kind = match kind {
        Kind::Full => "--type=full",
        Kind::Incremental => "--type=incr",
    };
    run(folder, cluster, &["backup", kind]).await
}

async fn run(folder: &Folder, cluster: &Cluster, arguments: &[&str]) -> anyhow::Result<()> {
    let tool = Tool::from_command(&command(folder))?.run_as(cluster.run_as().cloned());
    let stanza = format!("--stanza={STANZA}");
    let call = tool.invoke([&[stanza.as_str()], arguments].concat());
    call.output()
        .await
        .with_context(|| format!("pgbackrest {} failed", arguments[0]))?;
    Ok(())
}

/// Dumps the database. The file appears under its name when it is whole, and the name tells when it was begun.
pub(crate) async fn dump(folder: &Folder, cluster: &Cluster) -> anyhow::Result<()> {
    let dumps = folder.dumps();
    // Inside, so that the rename stays on one file system; a folder, so that no listing takes it for a dump.
    let unfinished = dumps.join(".unfinished");
    for made in [&dumps, &unfinished] {
        folder.make(made, cluster.run_as())?;
    }
    let name = unused_name(&dumps).await?;
    let target = unfinished.join(&name);
    let call = cluster
        .tool("pg_dump")
        .invoke(["--format=custom", "--no-password"])
        .arg("--host")
        .arg(cluster.socket_dir())
        .arg(format!("--username={}", cluster.superuser()))
        .arg("--file")
        .arg(&target)
        .arg(DATABASE);
    call.output().await.context("the database could not be dumped")?;
    fs::rename(&target, dumps.join(name)).context("a finished dump could not be put in place")?;
    fs::remove_dir(&unfinished)?;
    Ok(())
}

/// Dumps tell their time to the second only, so two of them never begin in the same.
async fn unused_name(dumps: &Path) -> anyhow::Result<String> {
    loop {
        let name = Utc::now().format("ampora-%Y-%m-%dT%H%M%SZ.dump").to_string();
        if !dumps.join(&name).try_exists()? {
            return Ok(name);
        }
        sleep(Duration::from_millis(50)).await;
    }
}
