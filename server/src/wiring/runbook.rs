//! Where the daily copy of the runbook goes.

use adapters::documents::DocumentPlace;
use adapters::dumps::S3Location;
use recovery::settings::RunbookSite;

use super::Reach;
use crate::config::{Config, Location};

/// Folder of the copies below the data directory, where no other place is named.
const FOLDER: &str = "runbook";

pub fn site(config: &Config, reach: Reach) -> anyhow::Result<RunbookSite> {
    Ok(RunbookSite {
        place: match reach {
            Reach::Pages | Reach::Observe => None,
            Reach::Restore => Some(place(config)?),
        },
    })
}

fn place(config: &Config) -> anyhow::Result<DocumentPlace> {
    match &config.runbook.location {
        None => Ok(DocumentPlace::Folder(config.data_dir.join(FOLDER))),
        Some(Location::File(dir)) => Ok(DocumentPlace::Folder(dir.clone())),
        // Credentials are those of the process: the variables of AWS's own tools, or what its machine or pod is given.
        Some(Location::S3 { bucket, prefix }) => Ok(DocumentPlace::s3(&S3Location {
            bucket: bucket.clone(),
            prefix: prefix.clone(),
            region: None,
            endpoint: None,
            access_key_id: None,
            secret_access_key: None,
        })?),
        Some(other) => anyhow::bail!(
            "[runbook] location: {}:// is only read by this version; name file:///… or s3://…",
            other.scheme()
        ),
    }
}
