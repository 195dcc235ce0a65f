//! The cluster as it stands: its directory on the host, and what its own server says if it answers.

use adapters::ampora::{AmporaDb, LiveCluster};
use adapters::database_host::DataDirectory;
use domain::ids::SystemIdentifier;
use domain::pitr::Place;
use domain::plan::RestorePitr;
use domain::vitals::Vitals;

use crate::Error;
use crate::keys::Memory;
use crate::plans::Planner;
use crate::settings::RestoreHost;

/// Everything that was looked at.
pub(super) struct Looked {
    pub place: Place,
    pub directory: DataDirectory,
    pub superuser: String,
    pub tool_version: String,
    /// `None`: the server didn't answer.
    pub live: Option<LiveCluster>,
    pub vitals: Option<Vitals>,
    /// Audit events later than some moment can be counted there.
    pub database: Option<AmporaDb>,
}

impl Planner<'_> {
    pub(super) async fn look_at(&self, host: &RestoreHost, in_place: bool) -> Result<Looked, Error> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::invalid(format!(
                "{} on {} can’t be looked at: {error}.",
                host.pgdata,
                host.host.name()
            ))
        };
        let directory = host.host.data_directory(&host.pgdata, host.bin_dir.as_deref()).await;
        let directory = directory.map_err(|error| unreadable(&error))?;
        let managers = host
            .host
            .managers(&host.pgdata)
            .await
            .map_err(|error| unreadable(&error))?;
        let held_by = host
            .host
            .lock_holder(&host.pgdata)
            .await
            .map_err(|error| unreadable(&error))?;
        let tool_version = self.tool_version(host).await?;
        let database = self.deployment.database.as_ref();
        let database = database.map(|live| AmporaDb::new(live.options.clone(), live.schema.clone()));
        let (live, vitals) = match &database {
            Some(database) => (database.cluster().await.ok(), database.vitals().await.ok()),
            None => (None, None),
        };
        let mut reasons = directory.unfit.clone();
        if directory.mounted && !in_place {
            reasons.push(format!(
                "{} is a mount point, which can’t be renamed: ask for it in place, or name a folder below it",
                host.pgdata
            ));
        }
        if let Some(vitals) = &vitals
            && vitals.system_identifier != directory.control.system_identifier
        {
            reasons.push(format!(
                "The database that is configured runs in the cluster {}, and {} holds the cluster {}.",
                vitals.system_identifier, host.pgdata, directory.control.system_identifier
            ));
        }
        Ok(Looked {
            place: Place {
                pgdata: host.pgdata.clone(),
                system_identifier: Some(directory.control.system_identifier),
                running: directory.running,
                free: Some(directory.free),
                size: None,
                managers,
                standbys: live.as_ref().map(|live| live.standbys.clone()).unwrap_or_default(),
                held_by,
                databases: live
                    .as_ref()
                    .map(|live| live.databases.iter().map(|(name, _)| name.clone()).collect()),
                database: self.database_name(live.as_ref()),
                hooks: host.stop.is_some() && host.start.is_some(),
                reasons,
            },
            superuser: live
                .as_ref()
                .map_or_else(|| "postgres".into(), |live| live.superuser.clone()),
            directory,
            tool_version,
            live,
            vitals,
            database,
        })
    }

    fn database_name(&self, live: Option<&LiveCluster>) -> String {
        let configured = self.deployment.database.as_ref();
        let configured = configured.and_then(|database| database.options.get_database().map(ToOwned::to_owned));
        live.map(|live| live.database.clone())
            .or(configured)
            .unwrap_or_else(|| "ampora".into())
    }

    async fn tool_version(&self, host: &RestoreHost) -> Result<String, Error> {
        let silent = |error: &dyn std::fmt::Display| {
            Error::invalid(format!("pgBackRest on {} doesn’t answer: {error}.", host.host.name()))
        };
        let tool = host.host.command(program(&host.tool)).map_err(|error| silent(&error))?;
        let output = tool
            .invoke(["version"])
            .output()
            .await
            .map_err(|error| silent(&error))?;
        Ok(output.text().trim().trim_start_matches("pgBackRest ").to_owned())
    }

    /// The cluster of Muster's own database.
    pub(super) async fn own_cluster(&self) -> Result<Option<SystemIdentifier>, Error> {
        match self.memory {
            Memory::None => Ok(None),
            Memory::Store(store) => Ok(Some(store.system_identifier().await?)),
        }
    }
}

/// The command without its options. Newer pgBackRests refuse those that a command has no use for, and `version` has use for none.
fn program(command: &[String]) -> &[String] {
    let options = command.iter().position(|word| word.starts_with("--config"));
    let before = &command[..options.unwrap_or(command.len())];
    let program = before.iter().rposition(|word| !word.starts_with("--"));
    program.map_or(command, |program| &command[..=program])
}

/// What moved at the place since the plan was approved, and what speaks against it now. `run` may hold the host already.
///
/// # Errors
/// If the host can't be asked.
pub async fn check_place(planner: &Planner<'_>, approved: &RestorePitr, run: &str) -> Result<Vec<String>, Error> {
    let host = planner.deployment.host.as_ref();
    let host = host.ok_or_else(|| Error::invalid("The cluster to set back is no longer configured."))?;
    let looked = planner.look_at(host, approved.in_place.is_some()).await?;
    if let Some(database) = &looked.database {
        database.close().await;
    }
    let server = &approved.server;
    let mut moved = Vec::new();
    let mut compare = |fact: &str, was: String, is: String| {
        if was != is {
            moved.push(format!("{fact} was {was} and is {is}"));
        }
    };
    let directory = &looked.directory;
    compare("the host", server.host.clone(), host.host.name().to_owned());
    compare("the data directory", server.pgdata.clone(), host.pgdata.clone());
    compare(
        "the cluster in it",
        server.system_identifier.to_string(),
        directory.control.system_identifier.to_string(),
    );
    compare("its PostgreSQL", server.major.to_string(), directory.major.to_string());
    compare("pgBackRest", approved.tool_version.clone(), looked.tool_version.clone());
    compare(
        "the stop command",
        words(&approved.stop_command),
        words(&host.stop.clone().unwrap_or_default()),
    );
    compare(
        "the start command",
        words(&approved.start_command),
        words(&host.start.clone().unwrap_or_default()),
    );
    if let (Some(was), Some(is)) = (&server.databases, &looked.place.databases) {
        compare("the cluster’s databases", was.join(", "), is.join(", "));
    }
    let place = looked.place;
    let held = place.held_by.filter(|holder| holder != run);
    moved.extend(held.map(|holder| format!("run {holder} holds the host")));
    moved.extend(
        place
            .managers
            .iter()
            .map(|seen| format!("{seen} looks after the server")),
    );
    moved.extend(place.standbys.iter().map(|standby| format!("{standby} follows it")));
    moved.extend(place.reasons);
    if planner.own_cluster().await? == Some(directory.control.system_identifier) {
        moved.push("the cluster holds Muster’s own database".into());
    }
    Ok(moved)
}

fn words(command: &[String]) -> String {
    command.join(" ")
}

#[cfg(test)]
mod tests {
    use super::program;

    #[test]
    fn a_version_is_asked_without_options() {
        for (command, expected) in [
            ("pgbackrest --config=/c", "pgbackrest"),
            ("pgbackrest --log-level-console=off --config /c", "pgbackrest"),
            (
                "sudo --user=postgres pgbackrest --config=/c",
                "sudo --user=postgres pgbackrest",
            ),
            ("pgbackrest", "pgbackrest"),
        ] {
            let words: Vec<_> = command.split(' ').map(str::to_owned).collect();
            assert_eq!(program(&words).join(" "), expected);
        }
    }
}
