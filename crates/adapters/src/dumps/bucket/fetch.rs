//! Copying a dump out of the bucket, part by part: a connection that breaks in the middle of a large one costs a part, not the whole.

use std::path::Path;

use domain::ids::Sha256;
use object_store::ObjectMeta;
use sha2::Digest as _;
use tokio::fs::{DirBuilder, File};
use tokio::io::AsyncWriteExt as _;

use super::DumpBucket;
use crate::dumps::hash::of_folder;
use crate::dumps::{DumpError, DumpFile, Form, OpenDump, Scratch};

/// Bytes of one request.
const PART: u64 = 32 * 1024 * 1024;
/// What the copy is called, whatever the object is.
const NAME: &str = "dump";

impl DumpBucket {
    /// Copies a dump into a private folder and hashes it on the way.
    pub(in crate::dumps) async fn fetch(
        &self,
        dump: &DumpFile,
        objects: &[ObjectMeta],
        scratch: &Scratch,
    ) -> Result<OpenDump, DumpError> {
        let folder = scratch.folder_for(&dump.label, dump.size)?;
        let path = folder.path().join(NAME);
        let failed = |source| DumpError::Scratch {
            dir: scratch.root.clone(),
            source,
        };
        let sha256 = if dump.form == Form::Directory {
            DirBuilder::new().mode(0o700).create(&path).await.map_err(failed)?;
            scratch.hand_over(&path, 0o700).map_err(failed)?;
            let mut parts = Vec::new();
            for object in objects {
                let name = object.location.filename().unwrap_or_default().to_owned();
                let sha256 = self.copy(dump, object, &path.join(plain(&name)?), scratch).await?;
                parts.push((name, sha256));
            }
            of_folder(parts)
        } else {
            let object = objects.first().ok_or_else(|| DumpError::NoDump(dump.label.clone()))?;
            self.copy(dump, object, &path, scratch).await?
        };
        Ok(OpenDump::copy(dump, path, sha256, folder))
    }

    async fn copy(
        &self,
        dump: &DumpFile,
        object: &ObjectMeta,
        path: &Path,
        scratch: &Scratch,
    ) -> Result<Sha256, DumpError> {
        let failed = |source| DumpError::Scratch {
            dir: scratch.root.clone(),
            source,
        };
        let mut file = File::create_new(path).await.map_err(failed)?;
        scratch.hand_over(path, 0o600).map_err(failed)?;
        let (mut hasher, mut got) = (sha2::Sha256::new(), 0);
        while got < object.size {
            let end = object.size.min(got + PART);
            let part = self.part(object, got..end).await.map_err(|error| match error {
                object_store::Error::Precondition { .. } => DumpError::BeingWritten {
                    label: dump.label.clone(),
                },
                error => self.failed(&error),
            })?;
            hasher.update(&part);
            file.write_all(&part).await.map_err(failed)?;
            got += part.len() as u64;
            if got != end {
                return Err(DumpError::CutShort {
                    label: dump.label.clone(),
                    got,
                    size: object.size,
                });
            }
        }
        file.flush().await.map_err(failed)?;
        Ok(Sha256(hasher.finalize().into()))
    }
}

/// A name that leads nowhere else.
fn plain(name: &str) -> Result<&str, DumpError> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(std::path::Component::Normal(_)), None) => Ok(name),
        _ => Err(DumpError::NoDump(name.into())),
    }
}
