//! A bucket of dumps, read through `object_store`: S3 and what speaks it, Google Cloud Storage, Azure Blob Storage. It is only ever listed
//! and read.

mod connect;
mod fetch;
mod heads;
mod objects;
mod reason;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore};

use super::form::{self, HEAD};
use super::{DumpError, Form, Listing};
use crate::process::Secrets;
use heads::{Heads, Verdict};
use objects::Entry;

pub use connect::{AzureLocation, GcsLocation, S3Location};
pub(crate) use reason::of as reason_of;

/// A prefix with more objects is something else.
const MOST: usize = 200_000;
/// Objects looked into at a time.
const AT_ONCE: usize = 16;

/// The bucket, as configured. It remembers which objects are dumps for as long as the process lives.
#[derive(Clone)]
pub struct DumpBucket {
    /// Name of the source.
    pub name: String,
    /// As people write it: `s3://bucket/prefix`.
    url: String,
    /// Of S3, where it isn't Amazon's own.
    endpoint: Option<String>,
    prefix: Path,
    store: Arc<dyn ObjectStore>,
    heads: Arc<Heads>,
    /// Credentials that an error could repeat.
    secrets: Secrets,
}

impl fmt::Debug for DumpBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("DumpBucket");
        shown
            .field("name", &self.name)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl DumpBucket {
    /// As people write it: `s3://bucket/prefix`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its tool has to ask, if not where it asks by itself.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// The same place for documents that Muster writes: no dump is ever written through it.
    pub(crate) fn into_parts(self) -> (String, Path, Arc<dyn ObjectStore>, Secrets) {
        (self.url, self.prefix, self.store, self.secrets)
    }

    pub(super) fn unproven(&self) -> Option<&'static str> {
        match self.url.split_once("://")?.0 {
            "gs" => Some("Google Cloud Storage"),
            "az" => Some("Azure Blob Storage"),
            _ => None,
        }
    }

    pub(super) async fn list(&self) -> Result<Listing, DumpError> {
        let entries = self.entries().await?;
        self.heads.keep_only(&entries);
        self.look_into(entries).await
    }

    /// As [`Self::list`], looking into no other objects than those of this dump.
    pub(super) async fn list_only(&self, label: &str) -> Result<Listing, DumpError> {
        let mut entries = self.entries().await?;
        entries.retain(|entry| entry.label == label);
        self.look_into(entries).await
    }

    async fn entries(&self) -> Result<Vec<Entry>, DumpError> {
        let objects: Vec<ObjectMeta> = self
            .store
            .list(Some(&self.prefix))
            .take(MOST + 1)
            .try_collect()
            .await
            .map_err(|error| self.failed(&error))?;
        if objects.len() > MOST {
            let url = self.url.clone();
            return Err(DumpError::TooMany { url, limit: MOST });
        }
        Ok(objects::entries(&self.prefix, objects))
    }

    async fn look_into(&self, entries: Vec<Entry>) -> Result<Listing, DumpError> {
        let look = |entry: Entry| {
            async move {
                let verdict = self.look(&entry).await?;
                Ok::<_, DumpError>((entry, verdict))
            }
            .boxed()
        };
        let mut looks = futures::stream::iter(entries.into_iter().map(look)).buffered(AT_ONCE);
        let mut listing = Listing::default();
        while let Some((entry, verdict)) = looks.try_next().await? {
            match verdict {
                Verdict::Dump(form) => listing.dumps.push(entry.dump(form)),
                Verdict::Other => {}
                Verdict::Unreadable(reason) => listing.unreadable.push((entry.label, reason)),
            }
        }
        Ok(listing)
    }

    async fn look(&self, entry: &Entry) -> Result<Verdict, DumpError> {
        if entry.size() == 0 {
            let meant = Form::meant(&entry.label);
            return Ok(meant.map_or(Verdict::Other, Verdict::Dump));
        }
        if let Some(known) = self.heads.known(entry) {
            return Ok(known);
        }
        let verdict = match self.head(entry.telling()).await {
            Ok(head) if entry.is_folder() => match form::is_table_of_contents(&head) || head.starts_with(b"PGDMP") {
                true => Verdict::Dump(Form::Directory),
                false => Verdict::Other,
            },
            Ok(head) => Form::of(&head).map_or(Verdict::Other, Verdict::Dump),
            // This object may not be read, or was removed meanwhile: others are there.
            Err(
                error @ (object_store::Error::PermissionDenied { .. }
                | object_store::Error::NotFound { .. }
                | object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. }),
            ) => Verdict::Unreadable(reason::of(&error, &self.secrets)),
            Err(error) => return Err(self.failed(&error)),
        };
        self.heads.remember(entry, verdict.clone());
        Ok(verdict)
    }

    async fn head(&self, object: &ObjectMeta) -> object_store::Result<Vec<u8>> {
        let end = object.size.min(HEAD as u64);
        self.part(object, 0..end).await
    }

    /// Bytes of exactly the object that was listed.
    async fn part(&self, object: &ObjectMeta, range: Range<u64>) -> object_store::Result<Vec<u8>> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: object.e_tag.clone(),
            ..GetOptions::default()
        };
        let got = self.store.get_opts(&object.location, options).await?;
        got.bytes().await.map(Vec::from)
    }

    fn failed(&self, error: &object_store::Error) -> DumpError {
        DumpError::Bucket {
            url: self.url.clone(),
            reason: reason::of(error, &self.secrets),
        }
    }
}
