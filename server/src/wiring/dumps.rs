//! A source of dumps. Its credentials are read by processes that look at it, and by no others.

use adapters::dumps::{AzureLocation, DumpBucket, DumpFolder, DumpPlace, GcsLocation, S3Location};
use recovery::collect::Progress;
use recovery::settings::Dumps;
use secrecy::{ExposeSecret as _, SecretString};

use super::Reach;
use super::tools::Tools;
use crate::config::deployment as written;
use crate::config::{Location, Secret};

pub fn dumps(written: &written::Dumps, reach: Reach, tools: &Tools) -> anyhow::Result<Dumps> {
    Ok(Dumps {
        place: place(written, reach)?,
        zone: written.timezone.map(|zone| zone.0),
        pg_restore: tools.pg_restore(),
        scratch: tools.scratch(),
        progress: Progress::default(),
    })
}

fn place(written: &written::Dumps, reach: Reach) -> anyhow::Result<DumpPlace> {
    let observes = reach >= Reach::Observe;
    let secret = |secret: &Option<Secret>| -> anyhow::Result<Option<SecretString>> {
        Ok(secret.as_ref().filter(|_| observes).map(Secret::read).transpose()?)
    };
    let (name, endpoint) = (written.name.clone(), written.endpoint_url.clone());
    let bucket = match &written.location {
        Location::File(dir) => {
            let dir = dir.clone();
            return Ok(DumpPlace::Folder(DumpFolder { name, dir }));
        }
        Location::S3 { bucket, prefix } => DumpBucket::s3(
            name,
            &S3Location {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                region: written.region.clone(),
                endpoint,
                access_key_id: secret(&written.access_key_id)?.map(|id| id.expose_secret().to_owned()),
                secret_access_key: secret(&written.secret_access_key)?,
            },
        ),
        Location::Gcs { bucket, prefix } => DumpBucket::gcs(
            name,
            &GcsLocation {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                endpoint,
                service_account: written.service_account.clone().filter(|_| observes),
            },
        ),
        Location::Azure { container, prefix } => DumpBucket::azure(
            name,
            &AzureLocation {
                account: written.account.clone().unwrap_or_default(),
                container: container.clone(),
                prefix: prefix.clone(),
                endpoint,
                account_key: secret(&written.account_key)?,
                sas_token: secret(&written.sas_token)?,
            },
        ),
    };
    Ok(DumpPlace::Bucket(bucket?))
}
