//! The Overview: if it were lost now, what would come back, all but what, how long, and does the key open it. The sentence first, then what
//! waits for a person, then the proof.

use domain::emergency::Emergency;
use domain::role::{Action, Actor, Rules};
use domain::time::span;
use leptos::prelude::*;
use recovery::approvals::{self, Filter};
use recovery::notify::{self, Undelivered};
use recovery::overview::{self, Gist, View};
use recovery::{Error, Services, emergency as first_hour};

mod answers;
mod calls;
mod emergency;
mod grounds;
mod links;
mod marked;
mod on_purpose;
mod opens;
mod others;
mod rehearsed;
mod seen;
mod sentence;
mod sources;
mod span;
mod text;
mod tiles;
mod took;
mod waiting;

pub use answers::answers;
pub use links::Links;
pub use marked::Marked;
pub use opens::Opens;
pub use seen::all_sources;
pub use sources::Sources;
pub use span::{RANGES, Range, plot, range};
pub use text::{count, plain};
pub use took::Took;
pub use waiting::Waiting;

use super::policy::NotKept;
use super::{Opened, Reader, Visit, open};
use crate::components::{Banner, Calls, Place, Sheet, Word};
use crate::plots::RestorablePlot;

/// `/`
#[component]
pub fn OverviewPage() -> impl IntoView {
    open(Place::Overview, async |visit: Visit| {
        let page = Overview::read(&visit).await?;
        Ok(Opened::new("Overview", view! { <OverviewContent page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub view: View,
    pub links: Links,
    pub waiting: Vec<Waiting>,
    /// How many people must agree, the requester counted.
    pub quorum: usize,
    /// The other deployments. Empty for the usual site with one.
    pub others: Vec<Gist>,
    /// What to do first. `None`: nothing is broken.
    pub emergency: Option<Emergency>,
    /// Places that messages to people haven't reached.
    pub undelivered: Vec<Undelivered>,
}

impl Overview {
    async fn read(visit: &Visit) -> Result<Self, Error> {
        let Visit { services, actor, .. } = visit;
        let (view, emergency) = first_hour::view(services, actor, visit.deployment()).await?;
        Ok(Self {
            waiting: waiting(services, actor, &view).await?,
            others: overview::others(services, actor, &view.name).await?,
            emergency,
            undelivered: notify::undelivered(&services.store, view.now).await?,
            view,
            links: visit.links.clone(),
            quorum: services.settings.approvals.quorum.people(),
        })
    }
}

async fn waiting(services: &Services, actor: &Actor, view: &View) -> Result<Vec<Waiting>, Error> {
    let reader = Reader {
        actor: actor.clone(),
        policy: services.settings.approvals,
        now: view.now,
    };
    let unsettled = Filter {
        states: ["pending", "approved", "consumed"].map(String::from).to_vec(),
        deployment: Some(view.name.clone()),
        ..Filter::default()
    };
    let (listed, _) = approvals::listed(services, actor, &unsettled).await?;
    Ok(listed
        .iter()
        .filter_map(|listed| Waiting::of(&reader, listed))
        .collect())
}

/// Why this reader can't put anything up for approval; `None` if they can.
#[must_use]
pub fn cannot_request(actor: &Actor, rules: Rules) -> Option<String> {
    let forbidden = actor.may(Action::Request, rules).err()?;
    Some(format!(
        "To {} takes the role {}.",
        forbidden.action.words(),
        forbidden.needs
    ))
}

/// The content of the page.
#[component]
pub fn OverviewContent(page: Overview) -> impl IntoView {
    let Overview {
        view,
        links,
        waiting,
        quorum,
        others,
        emergency,
        undelivered,
    } = page;
    let calls = calls::calls(&view, &waiting, &undelivered, &links);
    let not_backed_up = view.inventory.not_backed_up.clone();
    view! {
        <div class="hero">
            <sentence::Sentence view=view.clone() links=links.clone() />
            <Calls calls />
        </div>
        <emergency::InEmergency emergency now=view.now links=links.clone() quorum />
        <others::Others gists=others now=view.now />
        <LastSpan view=view.clone() links=links.clone() />
        <tiles::MustComeBack view=view.clone() links=links.clone() quorum />
        <TooOld view=view.clone() />
        <div class="split">
            <div><NotKept lines=view.inventory.policy.clone() now=view.now links=links.clone() /></div>
            <div><Sources view links /><on_purpose::OnPurpose list=not_backed_up /></div>
        </div>
    }
}

#[component]
fn LastSpan(view: View, links: Links) -> impl IntoView {
    let range = range(&view, None, None);
    let drawing = plot(&view, "restorable", range);
    let seen = all_sources(&view);
    let backups = links.to("/backups").to_string();
    let runbook = format!("/runbook/{}", links.deployment);
    view! {
        <Sheet id="restorable-time" title=format!("The last {}", range.1) seen>
            <RestorablePlot plot=drawing />
            <p><a href=backups>"All windows, gaps and backups"</a>", "<a href=runbook>"runbook for a restore without Muster"</a></p>
        </Sheet>
    }
}

/// The first major version of PostgreSQL that Ampora supports.
const AMPORA_NEEDS: u32 = 16;

/// A note where the live database is older than Ampora supports: what works here may not work there.
#[component]
fn TooOld(view: View) -> impl IntoView {
    let (vitals, at) = view.vitals.last_good?;
    let major: u32 = vitals.server_version.split(['.', ' ']).next()?.parse().ok()?;
    (major < AMPORA_NEEDS).then(|| {
        let title = format!("This database runs on PostgreSQL {major}. Ampora itself needs {AMPORA_NEEDS}.");
        let age = span((view.now - at).num_seconds());
        view! {
            <Banner word=Word::Info title>
                "Read "{age}" ago: "{vitals.server_version}". Muster works with it; an Ampora that is pointed at it would not be supported."
            </Banner>
        }
    })
}

#[cfg(test)]
pub mod proofs;
#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;
