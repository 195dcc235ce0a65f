//! Where Muster leaves documents for the day when it is gone: a folder, or a bucket. They are written, never read back or removed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::{ObjectStore, PutOptions, PutPayload};

use crate::dumps::{DumpBucket, DumpError, S3Location, reason_of};
use crate::process::Secrets;

/// The place.
#[derive(Clone)]
pub enum DocumentPlace {
    Folder(PathBuf),
    Bucket(Bucket),
}

/// A prefix of a bucket.
#[derive(Clone)]
pub struct Bucket {
    /// As people write it: `s3://bucket/prefix`.
    url: String,
    prefix: object_store::path::Path,
    store: Arc<dyn ObjectStore>,
    secrets: Secrets,
}

/// Why a document isn't there.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("{} can’t be written: {source}", .path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("{url} doesn’t take it: {reason}")]
    Bucket { url: String, reason: String },
}

impl fmt::Debug for DocumentPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentPlace({})", self.name())
    }
}

impl DocumentPlace {
    /// A bucket of Amazon S3 or of what speaks its protocol.
    ///
    /// # Errors
    /// If this is no place of S3. Nothing is connected to yet.
    pub fn s3(location: &S3Location) -> Result<Self, DumpError> {
        let (url, prefix, store, secrets) = DumpBucket::s3("documents", location)?.into_parts();
        Ok(Self::Bucket(Bucket {
            url,
            prefix,
            store,
            secrets,
        }))
    }

    /// As people write it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Folder(dir) => dir.display().to_string(),
            Self::Bucket(bucket) => bucket.url.clone(),
        }
    }

    /// Writes a document under this name, in place of an earlier one. Answers where it lies.
    ///
    /// # Errors
    /// If it isn't there, whole: an earlier one is kept then.
    pub async fn put(&self, name: &str, content: Vec<u8>) -> Result<String, DocumentError> {
        match self {
            Self::Folder(dir) => into_folder(dir, name, &content).await,
            Self::Bucket(bucket) => bucket.put(name, content).await,
        }
    }
}

/// Beside it first, then by a rename: whoever reads it never sees half of it.
async fn into_folder(dir: &Path, name: &str, content: &[u8]) -> Result<String, DocumentError> {
    let (path, half) = (dir.join(name), dir.join(format!(".{name}.part")));
    let written = async {
        tokio::fs::create_dir_all(dir).await?;
        tokio::fs::write(&half, content).await?;
        tokio::fs::File::open(&half).await?.sync_all().await?;
        tokio::fs::rename(&half, &path).await
    };
    match written.await {
        Ok(()) => Ok(path.display().to_string()),
        Err(source) => Err(DocumentError::Folder { path, source }),
    }
}

impl Bucket {
    async fn put(&self, name: &str, content: Vec<u8>) -> Result<String, DocumentError> {
        let path = self.prefix.clone().join(name);
        let put = self
            .store
            .put_opts(&path, PutPayload::from(content), PutOptions::default());
        put.await.map_err(|error| DocumentError::Bucket {
            url: self.url.clone(),
            reason: reason_of(&error, &self.secrets),
        })?;
        Ok(format!("{}/{name}", self.url.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_document_takes_the_place_of_an_earlier_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = DocumentPlace::Folder(dir.path().join("made when needed"));
        for content in ["first", "second"] {
            let lies = place.put("runbook.html", content.into()).await.expect("writes");
            assert_eq!(std::fs::read_to_string(lies).expect("reads"), content);
        }
        let entries = std::fs::read_dir(dir.path().join("made when needed")).expect("reads");
        assert_eq!(entries.count(), 1);
    }

    #[tokio::test]
    async fn a_folder_that_takes_nothing_says_so() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let place = DocumentPlace::Folder(file.path().to_owned());
        let refused = place.put("runbook.html", Vec::new()).await.expect_err("it is a file");
        assert!(refused.to_string().contains("can’t be written"), "{refused}");
    }
}
