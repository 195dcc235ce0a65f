//! Could the credentials that Muster holds delete backups? Told from policies and modes of files, never by trying.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use adapters::aws::{Asset, Aws, Right};
use adapters::dumps::DumpPlace;
use adapters::process::RunAs;
use adapters::rds::Rds;
use domain::status::Status;
use recovery::settings::{Deployment, Source};

use super::Check;

/// One line for each credential.
pub async fn checks(deployment: &Deployment) -> Vec<Check> {
    let mut checks = Vec::new();
    for repo in &deployment.repos {
        if let Some(bucket) = &repo.bucket {
            let what = format!("{}: rights on the bucket of {}", deployment.name, repo.name());
            let asset = Asset::Bucket {
                name: bucket.name.clone(),
                prefix: String::new(),
            };
            checks.push(amazon(what, &bucket.aws, &asset).await);
        }
    }
    for source in &deployment.sources {
        let what = format!("{}: rights on {}", deployment.name, source.name());
        checks.push(match source {
            Source::Rds(rds) => managed(what, rds).await,
            Source::Dumps(dumps) => match &dumps.place {
                DumpPlace::Folder(place) => folder(what, &place.dir),
                DumpPlace::Bucket(_) => Check::new(
                    what,
                    Status::Unknown,
                    "what its credentials may do isn’t asked: give Muster some that only read",
                ),
            },
            Source::PgBackRest(_) | Source::WalG(_) => Check::new(
                what,
                Status::Unknown,
                "its own configuration holds the credentials, which Muster doesn’t read: give the host that Muster uses read-only ones",
            ),
            Source::Unusable { reason, .. } => Check::new(what, Status::Unknown, reason.clone()),
        });
    }
    checks
}

async fn managed(what: String, rds: &Rds) -> Check {
    let arn = match rds.read().await {
        Ok(managed) => managed.database.and_then(|database| database.arn),
        Err(error) => return Check::new(what, Status::Unknown, error.to_string()),
    };
    match arn {
        Some(arn) => amazon(what, &rds.aws, &Asset::Database { arn }).await,
        None => Check::new(what, Status::Unknown, "AWS tells no resource name of it"),
    }
}

async fn amazon(what: String, aws: &Aws, asset: &Asset) -> Check {
    let rights = aws.deletion_rights(asset).await;
    let who = rights
        .identity
        .as_deref()
        .unwrap_or("who that is isn’t known")
        .to_owned();
    match rights.destroy() {
        Right::Denied => Check::new(what, Status::Ok, format!("can’t delete ({who})")),
        Right::Allowed => Check::new(
            what,
            Status::Broken,
            format!("could delete backups ({who}): take the right away"),
        ),
        Right::Unknown(reason) => Check::new(what, Status::Unknown, format!("{reason} ({who})")),
    }
}

/// Who may write into a folder may delete what lies in it.
fn folder(what: String, dir: &std::path::Path) -> Check {
    let found = match std::fs::metadata(dir) {
        Ok(found) => found,
        Err(error) => return Check::new(what, Status::Unknown, format!("{}: {error}", dir.display())),
    };
    let (uid, gid) = match RunAs::unprivileged() {
        Ok(Some(user)) => (user.uid, user.gid),
        Ok(None) => (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw()),
        Err(error) => return Check::new(what, Status::Unknown, error.to_string()),
    };
    let mode = found.permissions().mode();
    let writes =
        (found.uid() == uid && mode & 0o200 != 0) || (found.gid() == gid && mode & 0o020 != 0) || mode & 0o002 != 0;
    if writes {
        let advice = format!(
            "the account that tools run as may write into {}: chmod it",
            dir.display()
        );
        Check::new(what, Status::Broken, advice)
    } else {
        Check::new(
            what,
            Status::Ok,
            format!("read-only for the account that tools run as: {}", dir.display()),
        )
    }
}
