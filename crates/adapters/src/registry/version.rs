//! One version of an image: its manifest, then everything that a pull for the platform in use would fetch.

mod parts;

use domain::status::Status;

use super::failure::{Failure, tame};
use super::manifest::{self, Descriptor, Image, Index, Manifest};
use super::platform::Platform;
use super::reading::{PartKind, VersionReading, name_parts};
use super::session::{Answer, Session};
use super::settings::{Pace, Version};

/// An index may lead to another index; nobody nests them deeper than this.
const DEEPEST: usize = 3;
/// Platforms of an index that are named when the wanted one isn't there.
const MOST_PLATFORMS: usize = 10;

/// Why a version isn't good.
#[derive(Debug)]
enum Trouble {
    /// It can't be pulled.
    Broken(String),
    /// Nobody knows whether it can.
    Unknown(String),
    /// The same, and of another version nothing would be learned now.
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Fills the reading. Returns whether to ask for more versions in this round.
pub(super) async fn read(session: &Session, pace: Pace, reading: &mut VersionReading) -> bool {
    let host = session.registry().host_str().unwrap_or_default().to_owned();
    let looked = tokio::time::timeout(pace.version, look(session, pace, reading)).await;
    let late = || {
        format!(
            "the registry {host} did not tell everything within {}",
            domain::time::span(pace.version.as_secs().cast_signed())
        )
    };
    let (trouble, go_on) = match looked {
        Ok(Ok(())) => (None, true),
        Ok(Err(Trouble::Broken(why))) => (Some((Status::Broken, why)), true),
        Ok(Err(Trouble::Unknown(why))) => (Some((Status::Unknown, why)), true),
        Ok(Err(Trouble::Failed(failure))) => {
            let go_on = !failure.is_general();
            (Some((Status::Unknown, format!("the registry {host} {failure}"))), go_on)
        }
        Err(_) => (Some((Status::Unknown, late())), false),
    };
    (reading.status, reading.detail) = judge(reading, trouble);
    go_on
}

/// What was found missing stays missing, whatever came after it.
fn judge(reading: &VersionReading, trouble: Option<(Status, String)>) -> (Status, String) {
    if !reading.missing.is_empty() {
        let parts = name_parts(&reading.missing);
        let rest = trouble.map_or(String::new(), |(_, why)| format!("; {why}"));
        return (
            Status::Broken,
            format!(
                "the registry has lost {parts}: it can’t be pulled for {}{rest}",
                reading.platform
            ),
        );
    }
    trouble.unwrap_or_else(|| {
        let size = reading
            .size_bytes
            .map_or(String::new(), |size| format!(", {} in all", domain::time::bytes(size)));
        let layers = reading.parts.saturating_sub(1);
        (
            Status::Ok,
            format!(
                "manifest, config and {layers} layers for {} are there{size}",
                reading.platform
            ),
        )
    })
}

async fn look(session: &Session, pace: Pace, reading: &mut VersionReading) -> Result<(), Trouble> {
    let Some((image, chosen)) = resolve(session, reading).await? else {
        return Ok(());
    };
    if !chosen {
        check_platform(session, &image, &reading.platform).await?;
    }
    parts::look(session, pace, &image, reading).await?;
    match image.unread {
        0 => Ok(()),
        some => Err(Trouble::Unknown(format!(
            "{some} of its layers are named in a way that Muster can’t check"
        ))),
    }
}

/// The image for the platform in use, and whether an index chose it. `None`: what the index names is missing.
async fn resolve(session: &Session, reading: &mut VersionReading) -> Result<Option<(Image, bool)>, Trouble> {
    let mut version = reading.version.clone();
    let mut named: Option<Descriptor> = None;
    for _ in 0..DEEPEST {
        let (digest, media_type, manifest) = match (session.manifest(&version).await?, named.as_ref()) {
            (
                Answer::Manifest {
                    digest,
                    media_type,
                    manifest,
                },
                _,
            ) => (digest, media_type, manifest),
            (Answer::Altered { digest }, _) => return Err(altered(&version, digest.as_str())),
            (Answer::Gone, None) => return Err(gone(&version)),
            (Answer::Gone, Some(manifest)) => {
                reading.missing.push(parts::missing(PartKind::Manifest, manifest, None));
                return Ok(None);
            }
        };
        if named.is_none() {
            reading.digest = Some(digest);
            reading.media_type = Some(tame(&media_type));
        }
        match manifest {
            Manifest::Image(image) => return Ok(Some((image, named.is_some()))),
            Manifest::Index(index) => {
                let next = index
                    .image_for(&reading.platform)
                    .ok_or_else(|| not_for(&index, &reading.platform))?
                    .clone();
                version = Version::Digest(next.digest.clone());
                named = Some(next);
            }
        }
    }
    Err(Trouble::Unknown(
        "its index leads to an index that leads to an index, and so on".into(),
    ))
}

/// An image without an index runs on the one platform that its config names.
async fn check_platform(session: &Session, image: &Image, wanted: &Platform) -> Result<(), Trouble> {
    if !image.is_runnable() {
        let kind = tame(&image.config.media_type);
        return Err(Trouble::Unknown(format!(
            "it is no container image (its config is of type {kind:?})"
        )));
    }
    // If it isn't there, that shows when all parts are looked at.
    let Some(body) = session.config(&image.config.digest).await? else {
        return Ok(());
    };
    if !image.config.digest.names(&body) {
        return Err(Trouble::Broken(format!(
            "its config isn’t what {} names: digest doesn’t match",
            image.config.digest
        )));
    }
    match manifest::platform_of_config(&body) {
        Some(platform) if wanted.runs(&platform) => Ok(()),
        Some(platform) => Err(Trouble::Broken(format!(
            "it was made for {}, and {wanted} is in use",
            tame(&platform.to_string())
        ))),
        None => Err(Trouble::Unknown(
            "its config doesn’t name the platform that it was made for".into(),
        )),
    }
}

fn gone(version: &Version) -> Trouble {
    let version = version.as_str();
    Trouble::Broken(format!(
        "the registry has no manifest {version}: it can’t be pulled; push it again from a machine or a registry that still has it"
    ))
}

fn altered(version: &Version, sent: &str) -> Trouble {
    let version = version.as_str();
    Trouble::Broken(format!(
        "digest doesn’t match: asked for {version}, the registry sent {sent}; no engine accepts that"
    ))
}

fn not_for(index: &Index, wanted: &Platform) -> Trouble {
    let platforms: Vec<_> = index
        .entries
        .iter()
        .filter_map(|entry| entry.platform.as_ref())
        .collect();
    let mut named: Vec<_> = platforms
        .iter()
        .take(MOST_PLATFORMS)
        .map(|platform| tame(&platform.to_string()))
        .collect();
    if named.len() < platforms.len() {
        named.push("…".into());
    }
    let has = if named.is_empty() {
        "none that says its platform".into()
    } else {
        named.join(", ")
    };
    let why = format!("its index has no image for {wanted}; it has {has}");
    if index.is_vague() {
        Trouble::Unknown(format!("{why}, and entries that name no platform"))
    } else {
        Trouble::Broken(why)
    }
}
