//! What is looked at before Ampora is led to another database, and what speaks against it.

use adapters::ampora::{AmporaDb, Essentials};
use adapters::npgsql::{Connection, ConnectionString};
use adapters::postgres::{FenceFacts, ServerFacts};
use domain::ids::Big;
use domain::key::Fingerprint;
use domain::plan::{Ampora, DatabaseName, Former, Reach, Successor};
use domain::time::Timestamp;

use super::site::Site;
use crate::Error;
use crate::keys;
use crate::plans::Planner;

/// What was found.
pub struct Looked {
    pub ampora: Ampora,
    pub from: Former,
    pub to: Successor,
    /// Ampora is stopped already.
    pub stopped: bool,
    /// The newest audit events of both databases.
    pub newest: Option<Timestamp>,
    pub newest_of_old: Option<Timestamp>,
    pub head_of_old: Option<String>,
}

pub(super) async fn look(
    planner: &Planner<'_>,
    site: &Site<'_>,
    name: &DatabaseName,
    old_is_gone: bool,
) -> Result<Looked, Error> {
    let found = site.place.read(name).await.map_err(Error::invalid)?;
    let server = site
        .server
        .facts()
        .await
        .map_err(|error| Error::invalid(format!("{error}.")))?;
    if !server.databases.iter().any(|database| database == name.as_str()) {
        return Err(Error::invalid(format!(
            "There is no database {name} on {}: restore one first.",
            server.server
        )));
    }
    let current = &found.connections[0].value;
    let mut reasons = found.against.clone();
    reasons.extend(unseen(site, current));
    let old = old(site, current, old_is_gone, &mut reasons).await;
    if let Some(facts) = &old
        && facts.system_identifier == server.system_identifier
        && current.database() == name.as_str()
    {
        reasons.push(format!("Ampora is pointed at {name} already."));
    }
    let inside = inside(planner, site, name, &found.connections, &mut reasons).await;
    let (Some((essentials, key)), true) = (inside, reasons.is_empty()) else {
        return Err(Error::Invalid(reasons));
    };
    let before = before(site).await;
    Ok(Looked {
        stopped: found.stopped,
        from: former(current, old.as_ref()),
        to: successor(server, name, &essentials, key),
        ampora: found.ampora,
        newest: essentials.newest_event,
        newest_of_old: before.as_ref().and_then(|old| old.newest_event),
        head_of_old: before.and_then(|old| old.migration_head),
    })
}

/// Muster's own way to the new server may mean something else where Ampora runs.
fn unseen(site: &Site<'_>, current: &ConnectionString) -> Option<String> {
    let (host, _) = site.seen_as();
    let elsewhere = is_here(&host) && !is_here(current.host());
    (site.restore.repoint.seen_as.is_none() && elsewhere).then(|| {
        format!("Muster reaches the new server as {host}, which means another machine to Ampora: set ampora_host under [deployment.restore].")
    })
}

pub(in crate::plans) fn is_here(host: &str) -> bool {
    host.starts_with('/') || host == "localhost" || host.starts_with("127.") || host == "::1"
}

/// `None`: it doesn't answer. Where nobody said that it is gone, that speaks against it.
async fn old(site: &Site<'_>, current: &ConnectionString, gone: bool, reasons: &mut Vec<String>) -> Option<FenceFacts> {
    let (host, database) = (format!("{}:{}", current.host(), current.port()), current.database());
    match site.fence(database).facts().await {
        Ok(facts) => {
            if gone {
                reasons.push(format!(
                    "{host} answers, so the old server isn’t gone: it has to be closed."
                ));
            }
            if facts.open.is_none() {
                reasons.push(format!(
                    "The role that closes databases finds no {database} on its server: set fence_url under [deployment.restore] to one on {host}."
                ));
            } else if !facts.may_close {
                reasons.push(format!(
                    "The role that closes databases doesn’t own {database} on {host}."
                ));
            }
            Some(facts)
        }
        Err(_) if gone => None,
        Err(error) => {
            reasons.push(format!(
                "The old database {database} on {host} can’t be closed: {error}. If its server is gone for good, say so."
            ));
            None
        }
    }
}

/// What the new database holds, and the key that opens all of it.
async fn inside(
    planner: &Planner<'_>,
    site: &Site<'_>,
    name: &DatabaseName,
    connections: &[Connection],
    reasons: &mut Vec<String>,
) -> Option<(Essentials, Fingerprint)> {
    let db = site.reader(name);
    let essentials = match db.essentials().await {
        Ok(essentials) => essentials,
        Err(error) => {
            reasons.push(format!("{name}: {error}."));
            db.close().await;
            return None;
        }
    };
    if essentials.tenants == 0 {
        reasons.push(format!("{name} has no tenants."));
    }
    if essentials.authorities == 0 {
        reasons.push(format!(
            "{name} has no certificate authority: Ampora would make a new one, which no agent knows."
        ));
    }
    let opener = opener(planner, site, &db).await;
    db.close().await;
    for connection in connections {
        if let Err(reason) = sign_in(site, &connection.value, name).await {
            reasons.push(reason);
        }
    }
    match opener {
        Ok(key) => Some((essentials, key)),
        Err(reason) => {
            reasons.push(format!("{name}: {reason}."));
            None
        }
    }
}

/// The key that Ampora runs with has to open every sampled envelope; where it isn't known, the manager's current one.
async fn opener(planner: &Planner<'_>, site: &Site<'_>, db: &AmporaDb) -> Result<Fingerprint, String> {
    let ring = keys::read_ring(site.deployment, planner.memory, planner.actor, planner.clock.now()).await?;
    let tried = keys::try_live(&site.deployment.layout, &ring, db)
        .await
        .map_err(|error| error.to_string())?;
    let all = tried.parsed() + tried.unparsed;
    if all == 0 {
        return Err("it holds no wrapped values, so nothing proves which key it needs".into());
    }
    let opens = |index: &usize| tried.opened_by(*index) == all;
    let opener = (0..ring.held.len()).find(opens).map(|index| &ring.held[index]);
    opener
        .map(|held| held.key.fingerprint())
        .ok_or_else(|| format!("no key at hand opens all of its {all} sampled envelopes"))
}

/// As Ampora will do it, at the server as Muster reaches it.
pub async fn sign_in(site: &Site<'_>, connection: &ConnectionString, name: &DatabaseName) -> Result<(), String> {
    let admin = &site.restore.admin;
    let socket = admin.get_socket().map(|folder| folder.display().to_string());
    let host = socket.unwrap_or_else(|| admin.get_host().to_owned());
    let options = connection.pointed_at(&host, admin.get_port(), name.as_str()).options();
    adapters::postgres::sign_in(&options).await.map_err(|error| {
        let user = connection.user().unwrap_or("no role");
        format!("Ampora’s role {user} can’t sign in to {name}: {error}. Give it the password that Ampora has.")
    })
}

/// The live database, where it can be read.
async fn before(site: &Site<'_>) -> Option<Essentials> {
    let db = AmporaDb::new(site.database.options.clone(), site.database.schema.clone());
    let read = db.essentials().await;
    db.close().await;
    read.ok()
}

fn former(current: &ConnectionString, facts: Option<&FenceFacts>) -> Former {
    Former {
        server: format!("{}:{}", current.host(), current.port()),
        database: current.database().into(),
        reach: facts.map_or(Reach::Gone, |facts| Reach::Answers {
            system_identifier: facts.system_identifier,
        }),
    }
}

fn successor(server: ServerFacts, name: &DatabaseName, essentials: &Essentials, key: Fingerprint) -> Successor {
    Successor {
        server: server.server,
        system_identifier: server.system_identifier,
        server_version: server.version,
        database: name.clone(),
        tenants: Big(essentials.tenants),
        authorities: Big(essentials.authorities),
        migration_head: essentials.migration_head.clone(),
        key,
    }
}

/// What the new database holds now, for a run that has closed everything else.
///
/// # Errors
/// With every reason against starting Ampora on it.
pub async fn look_again(
    planner: &Planner<'_>,
    site: &Site<'_>,
    name: &DatabaseName,
) -> Result<(Essentials, Fingerprint), Vec<String>> {
    let mut reasons = Vec::new();
    let found = site.place.read(name).await.map_err(|reason| vec![reason])?;
    match inside(planner, site, name, &found.connections, &mut reasons).await {
        Some(found) if reasons.is_empty() => Ok(found),
        _ => Err(reasons),
    }
}
