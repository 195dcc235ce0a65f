//! The new place of a key: one where nothing is, and where nobody expects one. A write into a place that is in use would make an old key
//! the current one, and break Ampora at its next start.

use std::path::Path;

use adapters::dumps::DumpPlace;
use adapters::key_files::resolved;
use adapters::manager::ManagerError;
use domain::plan::{PlaceName, Placed};

use super::Planner;
use crate::settings::{Deployment, Dumps, KeyPlace, Settings, Source};

/// Managers that Muster has never written to for real.
pub(in crate::plans) const READ_ONLY: [&str; 2] = ["gcp", "azure"];

impl Planner<'_> {
    /// `home`: the deployment whose own Ampora is to have its key from there, where it is brought up anew.
    pub(super) async fn place(&self, destination: &str, name: &str, home: Option<&str>) -> Result<Placed, Vec<String>> {
        let mut reasons = Vec::new();
        let all = &self.deployment.key_destinations;
        let found = all.iter().find(|configured| configured.name == destination);
        if found.is_none() {
            reasons.push(no_destination(
                destination,
                all.iter().map(|one| one.name.as_str()).collect(),
            ));
        }
        let parsed = name.trim().parse::<PlaceName>();
        let parsed = parsed.map_err(|error| reasons.push(error.to_string())).ok();
        let (Some(found), Some(name)) = (found, parsed) else {
            return Err(reasons);
        };
        let place = found.place(&name);
        if found.kind == "kubernetes" && name.as_str().bytes().any(|byte| byte.is_ascii_uppercase()) {
            reasons.push("Names in Kubernetes have no capital letters.".into());
        }
        if READ_ONLY.contains(&found.kind) {
            reasons.push(format!(
                "Muster only reads from {}: choose another destination.",
                place.manager.name()
            ));
        } else {
            reasons.extend(something_there(&place).await);
        }
        let identity = place.manager.identity();
        reasons.extend(in_use_elsewhere(self.settings, found.kind, &identity, home));
        if !reasons.is_empty() {
            return Err(reasons);
        }
        Ok(Placed {
            destination: destination.into(),
            manager: place.manager.name(),
            identity,
            name,
            field: place.written.field,
            encoding: place.written.encoding,
        })
    }
}

fn no_destination(asked: &str, known: Vec<&str>) -> String {
    if known.is_empty() {
        return "No destination for keys is configured: add a [[deployment.key_destination]].".into();
    }
    format!("There is no destination {asked:?}; there are {}.", known.join(", "))
}

/// Only a manager that says that nothing is there is believed.
async fn something_there(place: &KeyPlace) -> Option<String> {
    match place.manager.describe().await {
        Err(ManagerError::Absent(..)) => None,
        Ok(_) => Some(format!(
            "{} exists already. A key is only ever put where nothing was: choose another name.",
            place.manager.name()
        )),
        Err(error) => Some(format!("It can’t be told whether something is there already: {error}.")),
    }
}

/// Whether this place is one that any deployment of the site uses, or may be: its secret manager, a replica, the key of the running Ampora,
/// a folder of dumps. The running Ampora of `home` doesn't count: it doesn't run, and that is the place it will have its key from.
pub(crate) fn in_use_elsewhere(settings: &Settings, kind: &str, identity: &str, home: Option<&str>) -> Vec<String> {
    settings
        .deployments
        .iter()
        .flat_map(|deployment| uses(deployment, kind, home == Some(deployment.name.as_str())))
        .filter_map(|(what, used)| match used {
            Some(used) if is_same(&used, identity) => Some(format!("That place is {what}.")),
            Some(_) => None,
            None => Some(format!("It can’t be told whether that place is {what}.")),
        })
        .collect()
}

/// What a deployment uses, and its identity. `None`: it is of this kind and can't be compared.
fn uses(deployment: &Deployment, kind: &str, is_home: bool) -> Vec<(String, Option<String>)> {
    let name = &deployment.name;
    let mut uses = Vec::new();
    if let Some(key) = &deployment.master_key {
        let mut managers = vec![(format!("the secret manager of {name}"), &key.place.manager)];
        managers.extend(key.replicas.iter().map(|replica| {
            let what = format!("the replica {} of {name}", replica.name);
            (what, &replica.place.manager)
        }));
        // A manager that this process can't use has no identity but its kind.
        uses.extend(managers.into_iter().filter_map(|(what, manager)| {
            let identity = manager.identity();
            match identity == manager.kind() {
                false => Some((what, Some(identity))),
                true if manager.kind() == kind => Some((what, None)),
                true => None,
            }
        }));
        let running = key.in_use.iter().filter(|_| !is_home);
        uses.extend(running.map(|in_use| {
            let what = format!("where the running Ampora of {name} has its key from");
            (what, Some(in_use.identity()))
        }));
    }
    let folders = deployment.sources.iter().filter_map(|source| match source {
        Source::Dumps(Dumps {
            place: DumpPlace::Folder(folder),
            ..
        }) => Some((
            format!("the source {} of {name}", folder.name),
            Some(format!("file {}", resolved(&folder.dir).display())),
        )),
        _ => None,
    });
    uses.extend(folders);
    uses
}

/// Equal, or, of folders, one inside of the other.
fn is_same(one: &str, other: &str) -> bool {
    let folders = one.strip_prefix("file ").zip(other.strip_prefix("file "));
    let nested = |(a, b): (&str, &str)| Path::new(a).starts_with(b) || Path::new(b).starts_with(a);
    one == other || folders.is_some_and(nested)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_a_folder_that_is_used_is_used_too() {
        for (one, other, same) in [
            ("file /keys", "file /keys", true),
            ("file /keys", "file /keys/new", true),
            ("file /keys/ampora.env", "file /keys", true),
            ("file /keys", "file /keys-new", false),
            ("vault https://a secret/x", "vault https://a secret/x/y", false),
            ("vault https://a secret/x", "vault https://a secret/x", true),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
        }
    }
}
