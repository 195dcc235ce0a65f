//! Container images as a thing to recover: whether a registry still has what a pull would fetch. Only reads: manifests, and the
//! question whether config and layers are there. Nothing is ever proven by a tag alone, since tags move.

mod auth;
mod challenge;
mod digest;
mod failure;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod manifest;
mod platform;
mod reading;
mod reference;
mod session;
mod settings;
mod version;
mod wire;

pub use auth::Credentials;
pub use digest::{Digest, DigestError};
pub use platform::{Platform, PlatformError};
pub use reading::{Drift, ImageReading, Part, PartKind, VersionReading};
pub use reference::{Reference, ReferenceError, Tag};
pub use settings::{ImageSettings, Pace, Version, Wanted};

use manifest::Manifest;
use session::{Answer, Session};

/// Why a registry isn't even asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegistryError {
    #[error(
        "the registry {0} would get Muster’s password unprotected, so it isn’t asked: write https://, or leave username and password out"
    )]
    Unprotected(String),
    #[error("{0} leads to no registry: correct [deployment.images] registry")]
    Address(String),
    #[error("no HTTP client can be made: {0}")]
    Client(String),
}

/// One image at one registry.
#[derive(Debug)]
pub struct Registry<'s> {
    settings: &'s ImageSettings,
    session: Session,
}

impl<'s> Registry<'s> {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// If the registry can't or mustn't be asked.
    pub fn new(settings: &'s ImageSettings) -> Result<Self, RegistryError> {
        let session = Session::new(settings)?;
        Ok(Self { settings, session })
    }

    /// Reads these versions, each judged on its own and each asked for once. When the registry can't be reached, denies access or asks to
    /// slow down, the rest isn't asked for and is unknown for the same reason.
    pub async fn check(&self, wanted: &[Wanted]) -> Vec<VersionReading> {
        let mut checked: Vec<VersionReading> = Vec::with_capacity(wanted.len());
        let mut stopped: Option<String> = None;
        for wanted in wanted {
            let known = checked.iter().find(|reading| reading.version == wanted.version);
            let reading = match (known, &stopped) {
                (Some(known), _) => known.also(&wanted.what),
                (None, Some(why)) => unknown(self.settings, wanted, why),
                (None, None) => {
                    let mut reading = VersionReading::unread(wanted, &self.settings.platform);
                    if !version::read(&self.session, self.settings.pace, &mut reading).await {
                        stopped = Some(reading.detail.clone());
                    }
                    reading
                }
            };
            checked.push(reading);
        }
        checked
    }

    /// Where the configured tag leads, if not to the version that runs. A registry that doesn't tell is no drift.
    async fn drift(&self, running: &VersionReading) -> Option<Drift> {
        let (tag, Version::Digest(expected)) = (self.settings.reference.tag()?, &running.version) else {
            return None;
        };
        match self.session.manifest(&Version::Tag(tag.clone())).await.ok()? {
            Answer::Manifest { digest, .. } if digest == *expected => None,
            // What runs may be one image of the index that has the tag.
            Answer::Manifest {
                manifest: Manifest::Index(index),
                ..
            } if index.entries.iter().any(|entry| entry.descriptor.digest == *expected) => None,
            Answer::Manifest { digest, .. } | Answer::Altered { digest } => Some(Drift {
                tag: tag.clone(),
                digest: Some(digest),
            }),
            Answer::Gone => Some(Drift {
                tag: tag.clone(),
                digest: None,
            }),
        }
    }
}

/// Reads the running version and the `earlier` ones: those that wrote a backup that is still kept.
pub async fn read(settings: &ImageSettings, earlier: &[Wanted]) -> ImageReading {
    let running = settings.running();
    let wanted: Vec<_> = std::iter::once(running).chain(earlier.iter().cloned()).collect();
    let registry = match Registry::new(settings) {
        Ok(registry) => registry,
        Err(error) => {
            let checked = wanted
                .iter()
                .map(|wanted| unknown(settings, wanted, &error.to_string()))
                .collect();
            return ImageReading::of(settings, String::new(), checked);
        }
    };
    let checked = registry.check(&wanted).await;
    let drift = match checked.first() {
        Some(running) if running.digest.is_some() => registry.drift(running).await,
        _ => None,
    };
    ImageReading::of(settings, registry.session.registry().to_string(), checked).with_drift(drift)
}

fn unknown(settings: &ImageSettings, wanted: &Wanted, why: &str) -> VersionReading {
    let mut reading = VersionReading::unread(wanted, &settings.platform);
    why.clone_into(&mut reading.detail);
    reading
}
