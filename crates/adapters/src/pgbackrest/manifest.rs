//! The manifest of a backup: it names each of its files with a checksum, so its own checksum is the backup's.

use domain::ids::Sha256;

use super::{PgBackRest, PgBackRestError};

impl PgBackRest {
    /// SHA-256 of a backup's manifest.
    ///
    /// # Errors
    /// If it isn't there, or can't be read.
    pub async fn manifest_sha256(&self, repo: u32, label: &str) -> Result<Sha256, PgBackRestError> {
        let path = format!("backup/{}/{label}/backup.manifest", self.stanza);
        let manifest = self.call(&["repo-get", &format!("--repo={repo}"), &path]).await?;
        Ok(Sha256::of(&[&manifest]))
    }
}
