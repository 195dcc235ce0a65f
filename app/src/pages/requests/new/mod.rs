//! A new request, in two steps that change nothing: a form, then the plan with its digest. Only the button below the plan asks for anything.

pub mod asked;
mod disaster;
mod dumps;
mod form;
mod keys;
mod managed;
mod planned;
mod versions;

use axum::http::StatusCode;
use domain::role::Action;
use leptos::prelude::*;
use recovery::overview::View;
use recovery::settings::Reveal;
use recovery::{Error, approvals, overview};

use crate::components::Place;
use crate::pages::{Opened, Visit, open};
use asked::Asked;
use form::FormContent;
use planned::{Planned, PlannedContent};

/// `/requests/new`.
#[component]
pub fn NewRequest() -> impl IntoView {
    open(Place::Requests, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let Visit { services, actor, .. } = &visit;
    actor.may(Action::Request, services.settings.approvals.roles)?;
    let view = overview::view(services, actor, visit.deployment()).await?;
    let asked = Asked::of(&visit.address, visit.deployment());
    let form = Form {
        view,
        reveal: services.settings.reveal,
        destinations: destinations(&visit),
        others: others(&visit),
        asked,
        refused: Vec::new(),
    };
    if !form.asked.planned {
        return Ok(form.opened());
    }
    let missing = form.asked.missing();
    if !missing.is_empty() {
        return Ok(form.refused(missing));
    }
    match approvals::plan(services, actor, &form.asked.wish()).await {
        Ok(plan) => {
            let planned = Planned {
                plan,
                asked: form.asked,
                reader: visit.reader(),
                change: visit.address.without("step"),
            };
            Ok(Opened::new("The plan", view! { <PlannedContent planned /> }.into_any()).still())
        }
        Err(Error::Invalid(reasons)) => Ok(form.refused(reasons)),
        Err(error @ Error::Unavailable(_)) => Ok(form.refused(vec![error.to_string()])),
        Err(error) => Err(error),
    }
}

/// Where a key can be put, by name and kind.
fn destinations(visit: &Visit) -> Vec<(String, &'static str)> {
    let deployment = visit.services.settings.deployment(visit.deployment());
    let all = deployment
        .into_iter()
        .flat_map(|deployment| &deployment.key_destinations);
    all.map(|destination| (destination.name.clone(), destination.kind))
        .collect()
}

/// Names of the other deployments.
fn others(visit: &Visit) -> Vec<String> {
    let all = visit
        .services
        .settings
        .deployments
        .iter()
        .map(|deployment| deployment.name.clone());
    all.filter(|name| name != visit.deployment()).collect()
}

/// The form with what was typed into it.
#[derive(Clone, Debug)]
pub struct Form {
    pub view: View,
    pub reveal: Reveal,
    /// Where a key can be put, by name and kind of manager.
    pub destinations: Vec<(String, &'static str)>,
    /// Other deployments that could be meant.
    pub others: Vec<String>,
    pub asked: Asked,
    /// Every reason why this can't be planned.
    pub refused: Vec<String>,
}

impl Form {
    fn opened(self) -> Opened {
        let status = if self.refused.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let body = view! { <FormContent form=self /> }.into_any();
        Opened::new("New request", body).status(status).still()
    }

    fn refused(mut self, reasons: Vec<String>) -> Opened {
        self.refused = reasons;
        self.opened()
    }
}

#[cfg(test)]
mod tests;
