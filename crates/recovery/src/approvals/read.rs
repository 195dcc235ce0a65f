//! What pages show of requests.

use std::collections::BTreeMap;

use domain::approval::State;
use domain::role::{Action, Actor};
use store::decisions::Decided;
use store::requests::Stored;
use store::runs::Run;

use crate::{Error, Services};

/// Which requests are listed. Everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// State words; empty for all.
    pub states: Vec<String>,
    pub deployment: Option<String>,
    /// Part of the title, the reason or the requester's name, or the number.
    pub text: Option<String>,
    pub before: Option<i64>,
}

/// Requests on a page.
const PAGE: i64 = 50;

/// A request with everything that belongs on its page.
#[derive(Clone, Debug)]
pub struct Seen {
    pub stored: Stored,
    pub decisions: Vec<Decided>,
    pub run: Option<Run>,
    /// Why this person can't decide on it now, in the rule's words; `None` if they can.
    pub cannot_decide: Option<String>,
    /// Why this person can't run it now; `None` if they can.
    pub cannot_run: Option<String>,
    pub is_own: bool,
}

/// A request in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub stored: Stored,
    /// What became of it once it was approved and run.
    pub run: Option<Run>,
}

/// # Errors
/// If the actor may not read, or the store doesn't answer.
pub async fn list(services: &Services, actor: &Actor, filter: &Filter) -> Result<Vec<Stored>, Error> {
    let rules = services.settings.approvals.roles;
    actor.may(Action::Read, rules)?;
    let filter_in_store = store::requests::Filter {
        states: filter.states.clone(),
        deployment: filter.deployment.clone(),
        text: filter.text.clone(),
    };
    Ok(services
        .store
        .requests_page(&filter_in_store, filter.before, PAGE)
        .await?)
}

/// One page of requests with their runs, newest first, and the `before` of the next page if there may be one.
///
/// # Errors
/// As [`list`].
pub async fn listed(services: &Services, actor: &Actor, filter: &Filter) -> Result<(Vec<Listed>, Option<i64>), Error> {
    let page = list(services, actor, filter).await?;
    let last = page.last().map(|stored| stored.request.number);
    let next = last.filter(|_| page.len() as i64 == PAGE);
    let run = |stored: &Stored| match &stored.request.state {
        State::Consumed { run, .. } => Some(*run),
        _ => None,
    };
    let ids: Vec<_> = page.iter().filter_map(run).collect();
    let runs = match ids.is_empty() {
        true => Vec::new(),
        false => services.store.runs(&ids).await?,
    };
    let mut runs: BTreeMap<_, _> = runs.into_iter().map(|run| (run.id, run)).collect();
    let rows = page.into_iter().map(|stored| Listed {
        run: run(&stored).and_then(|run| runs.remove(&run)),
        stored,
    });
    Ok((rows.collect(), next))
}

/// # Errors
/// If there is no such request, the actor may not read, or the store doesn't answer.
pub async fn see(services: &Services, actor: &Actor, number: i64) -> Result<Seen, Error> {
    let rules = services.settings.approvals.roles;
    actor.may(Action::Read, rules)?;
    let stored = services
        .store
        .request(number)
        .await?
        .ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let now = services.clock.now();
    let request = &stored.request;
    Ok(Seen {
        decisions: services.store.decisions(request.id).await?,
        run: services.store.run_of_request(request.id).await?,
        cannot_decide: request.may_decide(actor, rules, now).err().map(|why| why.to_string()),
        cannot_run: request.may_run(actor, rules, now).err().map(|why| why.to_string()),
        is_own: request.requester == actor.person,
        stored,
    })
}
