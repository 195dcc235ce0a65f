//! `/drills`: how well rehearsed each deployment is, what runs now, and the history.

use domain::drill::Freshness;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::drills::{self, DrillState, Listed};

use super::filters::{Filters, NARROWING, filter, written};
use super::measured::Trends;
use super::rows::{Rows, now_row};
use super::standing::Standings;
use super::start::{Start, Startable};
use crate::components::{Address, PageHead, PageLink, Pager, Place, Sheet};
use crate::pages::overview::count;
use crate::pages::{Opened, Visit, open};
use domain::drill::Measured;

/// `/drills`
#[component]
pub fn DrillsPage() -> impl IntoView {
    open(Place::Drills, async |visit: Visit| {
        let Visit { services, actor, .. } = &visit;
        let filter = filter(&visit.address);
        let listed = drills::list(services, actor, &filter).await?;
        // A trend is of one deployment.
        let about = match listed.standings.as_slice() {
            [one] => Some(one.deployment.clone()),
            _ => None,
        };
        let measured = match &about {
            Some(name) => drills::measured(services, actor, name).await?,
            None => Vec::new(),
        };
        let promises = about.as_deref().and_then(|name| services.settings.deployment(name));
        let promises = promises.map(|known| known.promises.clone()).unwrap_or_default();
        let deployments = &services.settings.deployments;
        let page = Drills {
            deployments: deployments.iter().map(|one| one.name.clone()).collect(),
            startable: Startable::of(&visit),
            address: visit.address.clone(),
            now: visit.now,
            measured,
            declared: (promises.rto, promises.rpo),
            listed,
        };
        Ok(Opened::new("Drills", view! { <DrillsContent page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Drills {
    pub listed: Listed,
    /// Of the one deployment that is shown; empty where several are.
    pub measured: Vec<Measured>,
    /// Its promises: RTO and RPO.
    pub declared: (Option<chrono::TimeDelta>, Option<chrono::TimeDelta>),
    pub deployments: Vec<String>,
    pub startable: Startable,
    /// With the filters.
    pub address: Address,
    pub now: Timestamp,
}

/// The content of the page.
#[component]
pub fn DrillsContent(page: Drills) -> impl IntoView {
    let now = page.now;
    let lede = "A drill restores a backup in a throw-away sandbox and looks at what came back. It harms nothing, so one operator may start it."
        .into_any();
    let compare = view! { <a class="button" href="/drills/compare">"Compare two drills"</a> }.into_any();
    let title = sentence(&page.listed).into_any();
    let open: Vec<_> = page.listed.open.iter().map(|stored| now_row(stored, now)).collect();
    let running = (!open.is_empty()).then(|| {
        let note = count(open.len(), "drill", "drills");
        view! {
            <Sheet id="open" title="Now" note>
                <ul class="findings">{open}</ul>
                <p class="note without-script"><a href="">"Reload"</a>" to see how far it is."</p>
            </Sheet>
        }
    });
    let trends = (!page.measured.is_empty())
        .then(|| view! { <Trends measured=page.measured.clone() declared=page.declared now /> });
    view! {
        <PageHead title says=true lede actions=compare />
        {running}
        <Standings standings=page.listed.standings.clone() now />
        <Start startable=page.startable.clone() />
        {trends}
        <Sheet id="history" title="History" note="newest first" hold=true>
            <Filters address=page.address.clone() deployments=page.deployments.clone() sources=page.listed.sources.clone() />
            <History page />
        </Sheet>
    }
}

#[component]
fn History(page: Drills) -> impl IntoView {
    let narrow = NARROWING.iter().any(|name| page.address.get(name).is_some());
    let shows = format!("{} shown.", count(page.listed.drills.len(), "drill", "drills"));
    let links = links(&page);
    let several = page.deployments.len() > 1;
    view! {
        <Rows drills=page.listed.drills narrow several now=page.now />
        <Pager shows links />
    }
}

/// How many deployments may count on a rehearsal.
fn sentence(listed: &Listed) -> String {
    let all = listed.standings.len();
    let of = |wanted: fn(&Freshness) -> bool| listed.standings.iter().filter(|one| wanted(&one.freshness)).count();
    let never = of(|one| matches!(one, Freshness::NeverRun));
    let unpassed = of(|one| matches!(one, Freshness::NeverPassed));
    let overdue = of(|one| matches!(one, Freshness::Overdue { .. }));
    let failed = listed
        .standings
        .iter()
        .filter(|one| one.rehearsals.standing_failure().is_some())
        .count();
    let said: Vec<_> = [
        (failed, "failed its last drill", "failed their last drills"),
        (never, "was never rehearsed", "were never rehearsed"),
        (
            unpassed.saturating_sub(failed),
            "has passed no drill yet",
            "have passed no drill yet",
        ),
        (overdue, "is overdue", "are overdue"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| format!("{number} of {all} {}", if number == 1 { one } else { many }))
    .collect();
    let running = listed
        .open
        .iter()
        .filter(|one| one.state == DrillState::Running)
        .count();
    let running = if running == 0 {
        String::new()
    } else {
        format!(" {} now.", runs(running))
    };
    match said.as_slice() {
        [] if all == 0 => "Drills: no deployment is configured.".into(),
        [] => format!(
            "Drills: {} rehearsed.{running}",
            count(all, "deployment is", "deployments are")
        ),
        _ => format!("Drills: {}.{running}", said.join(", ")),
    }
}

fn runs(number: usize) -> String {
    if number == 1 {
        "One drill runs".into()
    } else {
        format!("{number} drills run")
    }
}

fn links(page: &Drills) -> Vec<PageLink> {
    let link = |label: &str, address: Address| PageLink {
        label: label.into(),
        href: Some(format!("{address}#history")),
    };
    let newest = page
        .address
        .get("before")
        .map(|_| link("Newest", page.address.without("before")));
    let older = page
        .listed
        .next
        .map(|place| link("Older", page.address.with("before", written(place))));
    newest.into_iter().chain(older).collect()
}
