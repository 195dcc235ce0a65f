//! Where backups, key and images lie, for the rules that ask for a second site and for copies that nobody can erase.

use domain::observation::{Known, Observation};
use domain::policy::{Fact, Immutability, Place, What};
use domain::time::Timestamp;

use super::reading::BucketReading;
use super::{Observed, SourceReading};
use crate::settings::{Deployment, Repo, Source};

/// All places that are known of.
pub fn places(deployment: &Deployment, observed: &Observed, now: Timestamp) -> Vec<Place> {
    let sources = deployment.sources.iter().zip(&observed.sources);
    let mut places: Vec<_> = sources
        .flat_map(|(source, (_, seen))| of_source(deployment, source, seen, observed, now))
        .collect();
    places.extend(deployment.master_key.iter().map(|key| Place {
        what: What::Key,
        name: key.place.manager.name(),
        site: deployment.sites.get(&key.place.manager.name()).cloned(),
        immutable: Fact::unknown("no version of a key is erased by Muster, and what others may do isn’t asked"),
    }));
    if let Some(images) = &deployment.images {
        let second = images.second.as_ref().map(|(image, site)| (image, site.clone()));
        let registries = std::iter::once((&images.image, images.site.clone())).chain(second);
        places.extend(registries.map(|(image, site)| {
            Place {
                what: What::Images,
                name: image
                    .registry
                    .as_ref()
                    .map_or_else(|| image.reference.to_string(), ToString::to_string),
                site,
                immutable: Fact::unknown("registries don’t tell"),
            }
        }));
    }
    places
}

fn of_source(
    deployment: &Deployment,
    source: &Source,
    seen: &Observation<SourceReading>,
    observed: &Observed,
    now: Timestamp,
) -> Vec<Place> {
    let managed = seen
        .last_good
        .as_ref()
        .and_then(|(reading, at)| Some((reading.managed.as_ref()?, *at)));
    if let Some((managed, at)) = managed {
        return managed.places(source.name(), at);
    }
    let repos = seen
        .last_good
        .as_ref()
        .map(|(reading, _)| reading.repos.clone())
        .unwrap_or_default();
    if repos.is_empty() {
        return vec![Place {
            what: What::Backups,
            name: source.name().into(),
            site: deployment.sites.get(source.name()).cloned(),
            immutable: Fact::unknown("it isn’t told which bucket it lies in"),
        }];
    }
    let place = |repo: &super::RepoReading| {
        let mut configured = deployment.repos.iter();
        let configured = configured.find(|one| one.source == source.name() && one.key == repo.key);
        of_repo(source.name(), repo.key, configured, &observed.buckets, now)
    };
    repos.iter().map(place).collect()
}

fn of_repo(
    source: &str,
    key: u32,
    configured: Option<&Repo>,
    buckets: &[Observation<BucketReading>],
    now: Timestamp,
) -> Place {
    let bucket = configured.and_then(|repo| repo.bucket.as_ref());
    let read = bucket.and_then(|bucket| buckets.iter().find(|one| one.source == bucket.name));
    let region = read.and_then(|read| read.known(now).fresh()?.region.clone());
    Place {
        what: What::Backups,
        name: format!("{source} repo{key}"),
        site: configured.and_then(|repo| repo.site.clone()).or(region),
        immutable: match read {
            None => Fact::unknown("no bucket is set under [[deployment.source.repo]]"),
            Some(read) => immutable(read, now),
        },
    }
}

fn immutable(read: &Observation<BucketReading>, now: Timestamp) -> Fact<Immutability> {
    let (reading, at) = match read.known(now) {
        Known::Unknown { reason, .. } => return Fact::unknown(reason),
        Known::Fresh { value, at } => (value, at),
    };
    let value = match reading.held {
        None => return Fact::unknown(reading.detail.clone()),
        Some(true) => Immutability::Protected {
            by: reading.detail.clone(),
        },
        Some(false) => Immutability::Open,
    };
    Fact::Known { value, at }
}
