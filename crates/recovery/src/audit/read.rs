//! What pages show of the audit log: entries with the other half of what they report.

use std::collections::{BTreeMap, BTreeSet};

use domain::audit::{Outcome, Phase};
use domain::ids::{EntryId, RequestId};
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use store::audit::{AuditFilter, AuditRow};

use crate::{Error, Services};

/// Entries on a page.
const PAGE: i64 = 100;

/// Which entries are listed. Everything given must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub deployment: Option<String>,
    /// Beginning of the action: `request.` finds all about requests.
    pub action: Option<String>,
    /// Part of the name, subject or issuer, in any case.
    pub person: Option<String>,
    pub outcome: Option<Outcome>,
    /// Number of the request it was about.
    pub request: Option<i64>,
    /// First moment that counts.
    pub from: Option<Timestamp>,
    /// First moment that no longer counts.
    pub to: Option<Timestamp>,
    /// Goes on behind this entry ([`Listed::next`]).
    pub before: Option<i64>,
}

/// An entry with the other half of its act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    pub row: AuditRow,
    /// Of an intent: its outcome, or `None` if nobody has written it down. Of an outcome: its intent.
    pub other: Option<AuditRow>,
}

/// A page of entries, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    pub entries: Vec<Joined>,
    /// Numbers of the requests that the entries are about.
    pub requests: BTreeMap<RequestId, i64>,
    /// `before` of the next page, if there may be one.
    pub next: Option<i64>,
    /// Entries that have their place in the log, filtered or not.
    pub size: i64,
}

/// One entry and what stands around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenEntry {
    pub joined: Joined,
    /// Number of the request it is about.
    pub request: Option<i64>,
    /// Entries that have their place in the log.
    pub size: i64,
}

/// One page of the log.
///
/// # Errors
/// If the actor may not read the log, or the store doesn't answer.
pub async fn list(services: &Services, actor: &Actor, filter: &Filter) -> Result<Listed, Error> {
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    let store = &services.store;
    let size = size(services).await?;
    let request = match filter.request {
        Some(number) => match store.request(number).await? {
            Some(stored) => Some(stored.request.id),
            None => {
                return Ok(Listed {
                    size,
                    ..Listed::default()
                });
            }
        },
        None => None,
    };
    let wanted = AuditFilter {
        deployment: filter.deployment.clone(),
        action: filter.action.clone(),
        person: filter.person.clone(),
        outcome: filter.outcome,
        request,
        from: filter.from,
        to: filter.to,
    };
    let rows = store.audit_page(&wanted, filter.before, PAGE).await?;
    let next = rows.last().map(|row| row.number).filter(|_| rows.len() as i64 == PAGE);
    let requests = numbers(services, &rows).await?;
    Ok(Listed {
        entries: join(services, rows).await?,
        requests,
        next,
        size,
    })
}

/// One entry.
///
/// # Errors
/// If there is none, the actor may not read the log, or the store doesn't answer.
pub async fn see(services: &Services, actor: &Actor, entry: Named) -> Result<SeenEntry, Error> {
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    let (row, name) = match entry {
        Named::Id(id) => (services.store.audit_entry(id).await?, id.to_string()),
        Named::Index(index) => (services.store.audit_entry_at(index).await?, index.to_string()),
    };
    let row = row.ok_or_else(|| Error::NotFound(format!("audit entry {name}")))?;
    let request = match row.entry.request {
        Some(id) => services
            .store
            .request_by_id(id)
            .await?
            .map(|stored| stored.request.number),
        None => None,
    };
    Ok(SeenEntry {
        joined: Joined {
            other: other_half(services, &row).await?,
            row,
        },
        request,
        size: size(services).await?,
    })
}

/// How an entry is named in an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    /// By itself: it has this name before it has a place.
    Id(EntryId),
    /// By its place in the log.
    Index(i64),
}

async fn size(services: &Services) -> Result<i64, Error> {
    Ok(services.store.audit_head().await?.map_or(0, |(index, _)| index + 1))
}

/// Finds the other half of each act; most of them stand on the same page.
async fn join(services: &Services, rows: Vec<AuditRow>) -> Result<Vec<Joined>, Error> {
    let elsewhere = elsewhere(services, &rows).await?;
    let all = || rows.iter().chain(&elsewhere);
    let by_id: BTreeMap<_, _> = all().map(|row| (row.entry.id, row)).collect();
    let outcomes: BTreeMap<_, _> = all().filter_map(|row| Some((row.entry.intent?, row))).collect();
    let other = |row: &AuditRow| match row.entry.phase {
        Phase::Intent => outcomes.get(&row.entry.id),
        Phase::Outcome => by_id.get(&row.entry.intent?),
        Phase::Fact => None,
    };
    let joined = rows.iter().map(|row| Joined {
        other: other(row).map(|other| (*other).clone()),
        row: row.clone(),
    });
    Ok(joined.collect())
}

/// The other halves that stand on other pages.
async fn elsewhere(services: &Services, rows: &[AuditRow]) -> Result<Vec<AuditRow>, Error> {
    let here: BTreeSet<_> = rows.iter().map(|row| row.entry.id).collect();
    let ended: BTreeSet<_> = rows.iter().filter_map(|row| row.entry.intent).collect();
    let of = |phase| {
        rows.iter()
            .map(|row| &row.entry)
            .filter(move |entry| entry.phase == phase)
    };
    let intents: Vec<_> = of(Phase::Outcome)
        .filter_map(|entry| entry.intent)
        .filter(|id| !here.contains(id))
        .collect();
    let open: Vec<_> = of(Phase::Intent)
        .map(|entry| entry.id)
        .filter(|id| !ended.contains(id))
        .collect();
    let mut found = Vec::new();
    if !intents.is_empty() {
        found.extend(services.store.audit_entries(&intents).await?);
    }
    if !open.is_empty() {
        found.extend(services.store.audit_outcomes_of(&open).await?);
    }
    Ok(found)
}

async fn other_half(services: &Services, row: &AuditRow) -> Result<Option<AuditRow>, Error> {
    Ok(match (row.entry.phase, row.entry.intent) {
        (Phase::Intent, _) => services.store.audit_outcome_of(row.entry.id).await?,
        (Phase::Outcome, Some(intent)) => services.store.audit_entry(intent).await?,
        _ => None,
    })
}

async fn numbers(services: &Services, rows: &[AuditRow]) -> Result<BTreeMap<RequestId, i64>, Error> {
    let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.entry.request).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<_> = ids.into_iter().collect();
    Ok(services.store.request_numbers(&ids).await?.into_iter().collect())
}
