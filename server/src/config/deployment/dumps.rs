//! A source of kind `dumps`: where they lie, and who may read them there.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::text::is_loopback;
use crate::config::{KeyPath, Location, Notes, Secret, TimeZone};

/// A folder or bucket with archives of `pg_dump`. Without credentials of its own, a bucket is read with those that the tools of its
/// service find in their variables, or that the machine or pod is given.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Dumps {
    #[schemars(extend("format" = "name"))]
    pub name: String,
    /// `file:///…`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
    pub location: Location,
    /// Zone of the clock of the host that runs `pg_dump`, e.g. `Europe/Berlin`: archives name their time without one.
    /// Left out: the start of a dump stays unknown.
    pub timezone: Option<TimeZone>,
    /// The region or account they lie in, in the words that `[[deployment]] region` uses too.
    #[schemars(extend("format" = "not-empty"))]
    pub site: Option<String>,
    /// Of a bucket of S3. Left out: `us-east-1`.
    #[schemars(extend("format" = "not-empty"))]
    pub region: Option<String>,
    /// Where the service answers, if it isn't Amazon's, Google's or Azure's public one. For S3, a host that begins with the bucket's name
    /// gets no bucket in the path.
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
    /// For S3, with `secret_access_key`.
    pub access_key_id: Option<Secret>,
    pub secret_access_key: Option<Secret>,
    /// The JSON file of a service account, for Google.
    #[schemars(extend("format" = "path"))]
    pub service_account: Option<PathBuf>,
    /// The storage account, for Azure.
    #[schemars(extend("format" = "not-empty"))]
    pub account: Option<String>,
    /// A key of the storage account.
    pub account_key: Option<Secret>,
    /// A shared access signature that may list and read, in place of the account's key.
    pub sas_token: Option<Secret>,
}

impl Dumps {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.timezone.is_none() {
            notes.warn(
                &at.key("timezone"),
                "is missing, so the time of these dumps stays unknown; write the zone of the host that runs pg_dump",
            );
        }
        let scheme = self.location.scheme();
        let of = [
            ("region", self.region.is_some(), &["s3"][..]),
            ("endpoint_url", self.endpoint_url.is_some(), &["s3", "gs", "az"]),
            ("access_key_id", self.access_key_id.is_some(), &["s3"]),
            ("secret_access_key", self.secret_access_key.is_some(), &["s3"]),
            ("service_account", self.service_account.is_some(), &["gs"]),
            ("account", self.account.is_some(), &["az"]),
            ("account_key", self.account_key.is_some(), &["az"]),
            ("sas_token", self.sas_token.is_some(), &["az"]),
        ];
        for (key, given, schemes) in of {
            if given && !schemes.contains(&scheme) {
                let meant: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}://")).collect();
                notes.refuse(
                    &at.key(key),
                    format!("is for {} alone; this location is {scheme}://", meant.join(", ")),
                );
            }
        }
        self.inspect_credentials(at, notes);
        self.inspect_endpoint(at, notes);
    }

    fn inspect_credentials(&self, at: &KeyPath, notes: &mut Notes) {
        if self.access_key_id.is_some() != self.secret_access_key.is_some() {
            notes.refuse(
                at,
                "access_key_id and secret_access_key go together: give both or neither",
            );
        }
        if matches!(self.location, Location::Azure { .. }) && self.account.is_none() {
            notes.refuse(
                &at.key("account"),
                "is missing: name the storage account that the container is in",
            );
        }
        if self.account_key.is_some() && self.sas_token.is_some() {
            notes.refuse(
                &at.key("sas_token"),
                "is one credential too many: account_key is given, too",
            );
        }
    }

    /// S3 signs its requests, so over http:// only the dumps can be read on the way; the others send what opens the bucket.
    fn inspect_endpoint(&self, at: &KeyPath, notes: &mut Notes) {
        let open = |url: &Url| url.scheme() == "http" && !is_loopback(url);
        if !self.endpoint_url.as_ref().is_some_and(open) {
            return;
        }
        let at = at.key("endpoint_url");
        match self.location {
            Location::S3 { .. } => notes.warn(
                &at,
                "with http:// anybody on the way can read the dumps; write https://",
            ),
            _ => notes.refuse(
                &at,
                "needs https://; over http:// anybody on the way could take the credentials",
            ),
        }
    }
}
