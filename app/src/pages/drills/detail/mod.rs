//! `/drills/{drill}`: the verdict first, then what it rests on; while the drill runs, how far it is.

mod checks;
mod figures;
mod head;
mod log;
mod phases;
mod receipt;

use chrono::TimeDelta;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::Error;
use recovery::drills::{self, LogPage, Seen};

use super::measured::Trends;
use super::words::{cannot_drill, id};
use crate::components::{Address, Place};
use crate::pages::{Opened, Visit, open};

/// Lines of the log on a page.
const LINES: u16 = 200;

/// `/drills/{drill}`
#[component]
pub fn DrillPage() -> impl IntoView {
    open(Place::Drills, async |visit: Visit| {
        let Visit { services, actor, .. } = &visit;
        let missing = || Error::NotFound("drill of this name".into());
        let drill = id(visit.params.get_str("drill")).ok_or_else(missing)?;
        let seen = drills::see(services, actor, drill).await?;
        let page = visit.address.get("log").and_then(|page| page.parse().ok());
        let log = match drills::log(services, actor, drill, page, LINES).await {
            Ok(log) => Ok(log),
            Err(Error::Forbidden(forbidden)) => Err(format!(
                "Tools may quote rows of tenants, so this log is for the role {}.",
                forbidden.needs
            )),
            Err(error) => return Err(error),
        };
        let deployment = seen.stored.drill.deployment.clone();
        let promises = services
            .settings
            .deployment(&deployment)
            .map(|known| known.promises.clone());
        let promises = promises.unwrap_or_default();
        let page = OneDrill {
            declared: (promises.rto, promises.rpo),
            cannot: cannot_drill(&visit),
            address: visit.address.clone(),
            now: visit.now,
            log,
            seen,
        };
        let title = format!("Drill of {deployment}");
        let configured = services.settings.deployment(&deployment).is_some();
        let opened = Opened::new(title, view! { <DrillContent page /> }.into_any());
        Ok(if configured { opened.about(deployment) } else { opened })
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct OneDrill {
    pub seen: Seen,
    /// The log, or why this reader doesn't see it.
    pub log: Result<LogPage, String>,
    /// RTO and RPO as they are promised now, for the trends.
    pub declared: (Option<TimeDelta>, Option<TimeDelta>),
    /// Why this reader can't start or stop drills; `None` if they can.
    pub cannot: Option<String>,
    pub address: Address,
    pub now: Timestamp,
}

/// The content of the page.
#[component]
pub fn DrillContent(page: OneDrill) -> impl IntoView {
    let OneDrill {
        seen,
        log,
        declared,
        cannot,
        address,
        now,
    } = page;
    let over = seen.stored.state.is_over();
    let trends =
        (over && !seen.measured.is_empty()).then(|| view! { <Trends measured=seen.measured.clone() declared now /> });
    view! {
        <head::Head seen=seen.clone() cannot now />
        <phases::PhasesSheet seen=seen.clone() now />
        <div class="split">
            <div><checks::Checks drill=seen.stored.drill.clone() over now /></div>
            <div>
                <figures::Measures drill=seen.stored.drill.clone() over />
                <figures::About seen=seen.clone() now />
                <receipt::Receipt stored=seen.stored.clone() />
            </div>
        </div>
        {trends}
        <log::ToolLog log drill=seen.stored.drill.id address now />
    }
}
