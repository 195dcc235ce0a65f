//! The page of one request: how it stands, its run, its plan, its digest, and the people who decide.

mod confirm;
mod decide;
mod exposure;
mod gap;
mod go_on;
mod head;
mod outcome;
mod people;
mod progress;
mod run;
mod set_back;

use domain::custody::exposure::Exposure;
use domain::gap::GapReport;
use domain::plan::{Pinned, Plan};
use leptos::prelude::*;
use recovery::approvals::{self, Seen};
use recovery::keys;
use recovery::runs::{self, LogPage, ReportLine, Run};
use recovery::{Error, Services};

use super::plan::{Digest, PlanSheets};
use crate::components::{Address, Place, Sheet, visible};
use crate::pages::standing::Reader;
use crate::pages::{Opened, Visit, open};

/// Lines of the log on the page; the newest ones unless the address names others.
const LOG_LINES: u16 = 400;

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Detail {
    pub seen: Seen,
    pub reader: Reader,
    /// The end of the run's log or the page of it that the address names, or why this person can't read it.
    pub log: Result<LogPage, String>,
    pub address: Address,
    /// What a restore lost and revived, with what became of each line.
    pub gap: Option<(GapReport, Vec<ReportLine>)>,
    /// What became of a key that left.
    pub exposure: Option<Exposure>,
}

/// `/requests/{number}`.
#[component]
pub fn OneRequest() -> impl IntoView {
    open(Place::Requests, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let named = visit.params.get("number").unwrap_or_default();
    let number = visit
        .number("number")
        .ok_or_else(|| Error::NotFound(format!("request {named}")))?;
    let seen = approvals::see(&visit.services, &visit.actor, number).await?;
    let reader = visit.reader();
    let log = match &seen.run {
        Some(run) => log(&visit, &reader, run).await?,
        None => Ok(LogPage::default()),
    };
    let deployment = seen.stored.request.deployment.clone();
    let exposure = exposure(&visit.services, &seen).await?;
    let gap = match &seen.run {
        Some(run) => runs::report(&visit.services, run.id).await?,
        None => None,
    };
    let detail = Detail {
        seen,
        reader,
        log,
        address: visit.address.clone(),
        gap,
        exposure,
    };
    let body = view! { <RequestContent detail /> }.into_any();
    Ok(Opened::new(format!("Request {number}"), body).about(deployment))
}

/// Whether a key left by this request, and was rotated since.
async fn exposure(services: &Services, seen: &Seen) -> Result<Option<Exposure>, Error> {
    let request = &seen.stored.request;
    let takes_a_key = matches!(seen.stored.plan.pinned, Pinned::RetrieveKey(_) | Pinned::KeyCatchUp(_));
    let configured = services.settings.deployment(&request.deployment).is_some();
    if seen.run.is_none() || !takes_a_key || !configured {
        return Ok(None);
    }
    let all = keys::exposures(services, &request.deployment).await?;
    Ok(all.into_iter().find(|exposure| exposure.request == request.number))
}

async fn log(visit: &Visit, reader: &Reader, run: &Run) -> Result<Result<LogPage, String>, Error> {
    let page = visit.address.get("log").and_then(|page| page.parse().ok());
    match runs::log_page(&visit.services, &reader.actor, run.id, page, LOG_LINES).await {
        Err(error @ Error::Forbidden(_)) => Ok(Err(error.to_string())),
        read => read.map(Ok),
    }
}

/// The content of the page.
#[component]
pub fn RequestContent(detail: Detail) -> impl IntoView {
    let Detail {
        seen,
        reader,
        log,
        address,
        gap,
        exposure,
    } = detail;
    let now = reader.now;
    let plan = seen.stored.plan.clone();
    let ran = seen
        .run
        .clone()
        .map(|run| view! { <run::RunSheet run plan=plan.clone() reader=reader.clone() log address=address.clone() /> });
    let number = seen.stored.request.number;
    let asked = asked(&seen, &plan, &reader, gap.is_some());
    let afterwards = set_back::afterwards(seen.run.as_ref(), &plan);
    let gap = gap.map(|(report, lines)| {
        view! { <gap::GapSheet number report lines reader=reader.clone() /> }
    });
    view! {
        <head::Head seen=seen.clone() reader=reader.clone() />
        {asked}
        {ran}
        {gap}
        {afterwards}
        {exposure.map(|exposure| view! { <exposure::ExposureSheet exposure now /> })}
        <div class="split">
            <div><PlanSheets plan=plan.clone() now /></div>
            <div class="stick"><Aside seen reader plan /></div>
        </div>
    }
}

/// What a run that waits takes from people. It stands first: whoever is called at night looks for nothing else.
fn asked(seen: &Seen, plan: &Plan, reader: &Reader, listed: bool) -> Option<AnyView> {
    let form = go_on::go_on(seen, plan, reader).or_else(|| confirm::confirm(seen, reader, listed))?;
    Some(view! { <Sheet id="asked" title="What it waits for">{form}</Sheet> }.into_any())
}

#[component]
fn Aside(seen: Seen, reader: Reader, plan: Plan) -> impl IntoView {
    let number = seen.stored.request.number;
    let json = format!("/requests/{number}/plan.json");
    let requester = seen.stored.request.requester_name.clone();
    let about = view! {
        "Compare the bold groups with "<bdi>{visible(&requester)}</bdi>" by phone if in doubt. "<a href=json>"Plan as JSON"</a>
    }
    .into_any();
    let note = people::note(&seen.stored.request, &reader);
    view! {
        <Digest digest=seen.stored.request.digest about />
        <Sheet id="decisions" title="Decisions" note>
            {people::people(&seen, &reader)}
            {decide::decide(&seen.stored, &plan, &reader)}
        </Sheet>
    }
}

#[cfg(test)]
mod tests;
