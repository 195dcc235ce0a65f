//! `[[deployment.source.repo]]`: what Muster can't learn from pgBackRest of a repository: where it lies, whether it can be emptied, and
//! what is kept elsewhere of its passphrase and credentials.

use schemars::JsonSchema;
use serde::Deserialize;

use super::bucket::Bucket;
use crate::config::{KeyPath, Notes, Secret};

/// One repository of the stanza.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Repo {
    /// Its number in pgbackrest.conf: 1 for `repo1-…`.
    #[schemars(range(min = 1, max = 256))]
    pub key: u32,
    /// The region or account it lies in, in the words that `[[deployment]] region` uses too.
    #[schemars(extend("format" = "not-empty"))]
    pub site: Option<String>,
    /// The bucket it lies in: asked whether its objects can be deleted.
    pub bucket: Option<Bucket>,
    pub escrow: Option<Escrow>,
}

/// Copies that don't come from pgbackrest.conf. Muster proves that they open the repository.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Escrow {
    /// `repo-cipher-pass`.
    pub cipher_pass: Option<Secret>,
    /// `repo-s3-key` and `repo-s3-key-secret`.
    pub s3_key: Option<Secret>,
    pub s3_key_secret: Option<Secret>,
    /// `repo-azure-key`.
    pub azure_key: Option<Secret>,
}

impl Repo {
    pub(super) fn inspect_all(repos: &[Self], at: &KeyPath, notes: &mut Notes) {
        for (index, repo) in repos.iter().enumerate() {
            let at = at.index(index);
            if repos[..index].iter().any(|earlier| earlier.key == repo.key) {
                notes.refuse(&at.key("key"), format!("{} is an earlier repository too", repo.key));
            }
            if let Some(bucket) = &repo.bucket {
                bucket.inspect(&at.key("bucket"), notes);
            }
            if let Some(escrow) = &repo.escrow {
                escrow.inspect(&at.key("escrow"), notes);
            }
        }
    }
}

impl Escrow {
    fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.s3_key.is_some() != self.s3_key_secret.is_some() {
            notes.refuse(at, "s3_key and s3_key_secret go together: give both or neither");
        }
        let given = [&self.cipher_pass, &self.s3_key, &self.azure_key];
        if given.iter().all(|secret| secret.is_none()) {
            notes.refuse(
                at,
                "is empty: give cipher_pass, s3_key with s3_key_secret, or azure_key, or leave it out",
            );
        }
    }
}
