//! One key, read by itself: the version that a plan names, the key in use, a value that was just delivered. Each reading is announced in
//! the audit log before it happens and reported after it, with the fingerprint.

use std::fmt::Display;

use domain::audit::Outcome;
use domain::custody::Life;
use domain::key::{Decoded, MasterKey};
use domain::role::Actor;
use domain::time::Timestamp;

use super::Memory;
use crate::Error;
use crate::audit::Act;
use crate::settings::{Deployment, KeyPlace, MasterKey as Settings};

/// One reading of a key: `act` names what is read.
///
/// # Errors
/// With the reason why there is no key, for a person.
pub(crate) async fn audited<E: Display>(
    memory: &Memory,
    act: Act<'_>,
    at: Timestamp,
    read: impl Future<Output = Result<Decoded, E>>,
) -> Result<MasterKey, String> {
    let intent = memory.announce(act.clone(), at).await?;
    match read.await {
        Ok(Decoded { key, .. }) => {
            let report = act.detail("fingerprint", key.fingerprint());
            memory.report(report, intent, Outcome::Ok, at).await;
            Ok(key)
        }
        Err(reason) => {
            let reason = reason.to_string();
            memory
                .report(act.detail("why", &reason), intent, Outcome::Failed, at)
                .await;
            Err(reason)
        }
    }
}

/// A version that the deployment's secret manager has and hands out, by its own word. No value is read.
///
/// # Errors
/// [`Error::Invalid`] if there is no such version, [`Error::Unavailable`] if it can't be had.
pub(crate) async fn listed<'d>(deployment: &'d Deployment, name: &str) -> Result<&'d Settings, Error> {
    let settings = deployment.master_key.as_ref();
    let settings = settings.ok_or_else(|| Error::invalid("No secret manager is configured for the master key."))?;
    let KeyPlace { manager, .. } = &settings.place;
    let secret = manager.describe().await;
    let secret = secret.map_err(|error| Error::Unavailable(format!("{error}.")))?;
    let known = secret.versions.iter().find(|version| version.name == name);
    let why = match known.map(|version| version.life) {
        Some(Life::Enabled) => None,
        Some(Life::Disabled) => Some("is disabled"),
        Some(Life::Deleted | Life::Destroyed) => Some("is deleted"),
        None => Some("isn’t there"),
    };
    if let Some(why) = why {
        return Err(Error::invalid(format!("Version {name:?} of {} {why}.", manager.name())));
    }
    Ok(settings)
}

/// One version of the deployment's secret manager, and no other: nothing but a name that the manager gave itself is ever read.
///
/// # Errors
/// As [`listed`].
pub(crate) async fn version(
    deployment: &Deployment,
    name: &str,
    memory: &Memory,
    actor: &Actor,
    at: Timestamp,
) -> Result<MasterKey, Error> {
    let settings = listed(deployment, name).await?;
    let act = Act::new(actor, "key.read", settings.place.manager.name())
        .deployment(&deployment.name)
        .detail("version", name);
    let read = audited(memory, act, at, settings.place.key(name)).await;
    read.map_err(|reason| Error::Unavailable(format!("{reason}.")))
}
