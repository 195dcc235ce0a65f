//! Who asks for a page, and about what. Read from the request's context before anything is awaited.

use axum::http::request::Parts;
use domain::ids::Sha256;
use domain::role::Actor;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use recovery::Services;

use super::overview::Links;
use super::standing::Reader;
use crate::components::Address;

/// The hash of the reader's session, which begun decisions are bound to. Given by the server with the [`Actor`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session(pub Sha256);

/// One request for a page by somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Visit {
    pub services: Services,
    pub actor: Actor,
    pub session: Option<Session>,
    pub now: Timestamp,
    /// Path and query.
    pub address: Address,
    /// Named parts of the path.
    pub params: ParamsMap,
    /// Addresses inside the deployment that the page is about.
    pub links: Links,
}

/// Why a page can't be opened yet.
#[derive(Clone, Debug)]
pub enum Unopened {
    /// Routes are being listed: there is no request.
    NoRequest,
    /// Nobody is signed in.
    SignedOut { services: Services, address: Address },
}

impl Visit {
    /// The visit that is being answered.
    ///
    /// # Errors
    /// If there is none, or nobody is signed in.
    pub fn here() -> Result<Self, Unopened> {
        let services = use_context::<Services>().ok_or(Unopened::NoRequest)?;
        let address = address();
        let Some(actor) = actor() else {
            return Err(Unopened::SignedOut { services, address });
        };
        Ok(Self {
            links: links(&services, address.get("deployment")),
            now: services.clock.now(),
            session: use_context::<Session>().or_else(extension::<Session>),
            params: params(),
            services,
            actor,
            address,
        })
    }

    /// Name of the deployment that the page is about.
    #[must_use]
    pub fn deployment(&self) -> &str {
        &self.links.deployment
    }

    /// The same visit, about another deployment.
    #[must_use]
    pub fn about(mut self, deployment: &str) -> Self {
        self.links = links(&self.services, Some(deployment));
        self
    }

    /// Who reads, and by which rules.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader {
            actor: self.actor.clone(),
            policy: self.services.settings.approvals,
            now: self.now,
        }
    }

    /// The deployment that the address names and that isn't there.
    #[must_use]
    pub fn unknown_deployment(&self) -> Option<&str> {
        let named = self.address.get("deployment")?;
        let known = self.services.settings.deployment(named).is_some();
        (!known).then_some(named)
    }

    /// A named part of the path as a number. `None`: it is none.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.params.get_str(name)?.parse().ok().filter(|number| *number >= 0)
    }
}

/// Path and query of the page.
pub fn address() -> Address {
    let path = use_location().pathname.get_untracked();
    Address::new(path, use_query_map().get_untracked())
}

/// Named parts of the path. None where no route fits, which the router's own hook doesn't allow for.
fn params() -> ParamsMap {
    use_context::<ArcMemo<ParamsMap>>()
        .map(|params| params.get_untracked())
        .unwrap_or_default()
}

/// Who is signed in.
pub fn actor() -> Option<Actor> {
    use_context::<Actor>().or_else(extension::<Actor>)
}

fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    use_context::<Parts>()?.extensions.get::<T>().cloned()
}

/// Addresses inside the deployment `named`, or the first one.
fn links(services: &Services, named: Option<&str>) -> Links {
    let first = services.settings.deployments.first();
    let first = first.map(|deployment| deployment.name.clone()).unwrap_or_default();
    let named = named.unwrap_or(&first).to_owned();
    Links {
        is_default: named == first,
        deployment: named,
    }
}
