//! Makes the demo's Ampora from nothing: two rotations of the master key, with backups taken between them, as months would have left them.

use adapters::postgres::{Auth, Cluster, ClusterSpec};
use anyhow::Context as _;
use chrono::Utc;
use domain::key::MasterKey;
use sqlx::Connection as _;
use tokio::task::spawn_blocking;

use crate::backups::{self, Kind};
use crate::content::{self, Fleet};
use crate::folder::Folder;
use crate::keys::Keys;
use crate::running::Progress;
use crate::schema::{self, DATABASE};
use crate::secrets::Secrets;
use crate::wrapping::rotate;

/// The database superuser. Named as PostgreSQL's own on Debian, since that is what people expect to find.
const SUPERUSER: &str = "postgres";

/// Describes the cluster that the demo's Ampora runs on.
pub(crate) fn cluster(folder: &Folder) -> anyhow::Result<ClusterSpec> {
    Ok(ClusterSpec::new(folder.cluster(), SUPERUSER)?
        .auth(Auth::Scram)
        .setting("archive_mode", "on")?
        .setting("archive_command", &backups::archive_command(folder))?
        // Little is written here, and time shall still mean something: a segment is handed over at least this often.
        .setting("archive_timeout", "15s")?
        .setting("shared_buffers", "32MB")?
        .setting("max_connections", "60")?)
}

/// Fills the new, running cluster and takes its backups.
pub(crate) async fn create(
    folder: &Folder,
    cluster: &Cluster,
    secrets: &Secrets,
    progress: &Progress,
) -> anyhow::Result<()> {
    let keys = Keys::generate();
    let fleet = spawn_blocking(|| Fleet::generate(Utc::now()));
    Keys::store(folder, 1, &keys.first)?;

    progress("Making an Ampora database: 3 tenants, 60 agents with certificates, 40 days of audit");
    let filled = async {
        schema::create(cluster, secrets)
            .await
            .context("the demo's database could not be made")?;
        let fleet = fleet.await.context("certificates could not be issued")??;
        let mut database = schema::connect(cluster, DATABASE).await?;
        content::fill(&mut database, &fleet, &keys.first)
            .await
            .context("the demo's database could not be filled")?;
        anyhow::Ok(())
    };
    tokio::try_join!(backups::create_stanza(folder, cluster), filled)?;
    backups::dump(folder, cluster).await?;

    progress("Rotating the master key; a full backup and a dump");
    rewrap(cluster, &keys.first, &keys.second).await?;
    Keys::store(folder, 2, &keys.second)?;
    tokio::try_join!(
        backups::back_up(folder, cluster, Kind::Full),
        backups::dump(folder, cluster)
    )?;

    progress("Rotating it once more, without telling the secret manager; an incremental backup");
    rewrap(cluster, &keys.second, &keys.third).await?;
    Keys::use_in_ampora(folder, &keys.third)?;
    backups::back_up(folder, cluster, Kind::Incremental).await
}

async fn rewrap(cluster: &Cluster, old: &MasterKey, new: &MasterKey) -> anyhow::Result<()> {
    let mut database = schema::connect(cluster, DATABASE).await?;
    rotate(&mut database, old, new)
        .await
        .context("the master key could not be rotated")?;
    database.close().await?;
    Ok(())
}
