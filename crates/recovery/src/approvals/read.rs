//! What pages show of requests.

use domain::role::{Action, Actor};
use store::decisions::Decided;
use store::requests::Stored;
use store::runs::Run;

use crate::{Error, Services};

/// Which requests are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// State words; empty for all.
    pub states: Vec<String>,
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

/// # Errors
/// If the actor may not read, or the store doesn't answer.
pub async fn list(services: &Services, actor: &Actor, filter: &Filter) -> Result<Vec<Stored>, Error> {
    let rules = services.settings.approvals.roles;
    actor.may(Action::Read, rules)?;
    let filter_in_store = store::requests::Filter {
        states: filter.states.clone(),
        ..Default::default()
    };
    Ok(services
        .store
        .requests_page(&filter_in_store, filter.before, PAGE)
        .await?)
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
