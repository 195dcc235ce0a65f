//! What an image is made of: whether all of it is there, each part asked for once.

use std::collections::HashSet;

use futures::future::BoxFuture;
use futures::{StreamExt as _, stream};

use crate::registry::failure::Failure;
use crate::registry::manifest::{Descriptor, Image};
use crate::registry::reading::{Part, PartKind, VersionReading};
use crate::registry::session::{Presence, Session};
use crate::registry::settings::Pace;

type Asked<'a> = (PartKind, &'a Descriptor, Result<Presence, Failure>);

/// Asks for config and layers, several at a time, and notes what is missing.
pub(super) async fn look(
    session: &Session,
    pace: Pace,
    image: &Image,
    reading: &mut VersionReading,
) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    let config = (PartKind::Config, &image.config);
    let layers = image.layers.iter().map(|layer| (PartKind::Layer, layer));
    let parts: Vec<_> = std::iter::once(config)
        .chain(layers)
        .filter(|(_, part)| seen.insert(&part.digest))
        .collect();
    reading.parts = parts.len();
    reading.size_bytes = parts
        .iter()
        .try_fold(0_u64, |sum, (_, part)| Some(sum.saturating_add(part.size?)));
    let questions: Vec<_> = parts.into_iter().map(|(kind, part)| ask(session, kind, part)).collect();
    let mut answers = stream::iter(questions).buffered(pace.at_once.max(1));
    while let Some((kind, part, presence)) = answers.next().await {
        match (presence?, part.size) {
            (Presence::Gone, _) => reading.missing.push(missing(kind, part, None)),
            (Presence::There(Some(found)), Some(wanted)) if found != wanted => {
                reading.missing.push(missing(kind, part, Some(found)));
            }
            (Presence::There(_), _) => {}
        }
    }
    Ok(())
}

/// Boxed, so that whoever waits for it can be moved between threads.
fn ask<'a>(session: &'a Session, kind: PartKind, part: &'a Descriptor) -> BoxFuture<'a, Asked<'a>> {
    Box::pin(async move { (kind, part, session.presence(part).await) })
}

pub(super) fn missing(kind: PartKind, part: &Descriptor, found_bytes: Option<u64>) -> Part {
    Part {
        kind,
        digest: part.digest.clone(),
        size_bytes: part.size,
        found_bytes,
    }
}
