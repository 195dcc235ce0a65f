//! Starting a drill: of whatever is chosen here, or of one backup from its own page.

use domain::backup::{Backup, Kind};
use leptos::prelude::*;
use recovery::drills::cannot_rehearse;

use super::words::cannot_drill;
use crate::components::{Choice, SelectField, Sheet, TextField, visible};
use crate::pages::Visit;
use crate::pages::overview::plain;

/// What this reader may start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Startable {
    /// The deployment that is chosen beforehand.
    pub deployment: String,
    pub deployments: Vec<String>,
    /// Why this reader can't; `None` if they can.
    pub cannot: Option<String>,
}

impl Startable {
    /// What the reader of this page may start.
    #[must_use]
    pub fn of(visit: &Visit) -> Self {
        let all = visit.services.settings.deployments.iter();
        Self {
            deployment: visit.deployment().to_owned(),
            deployments: all.map(|one| one.name.clone()).collect(),
            cannot: cannot_drill(visit),
        }
    }

    /// The same, for one backup: one that can't be rehearsed has its own reason.
    #[must_use]
    pub fn of_backup(visit: &Visit, backup: &Backup) -> Self {
        let deployment = visit.services.settings.deployment(visit.deployment());
        let barred = deployment.and_then(|deployment| cannot_rehearse(deployment, &backup.source));
        let snapshot = (backup.kind == Kind::Snapshot).then(|| "A snapshot can’t be restored in a sandbox.".to_owned());
        let startable = Self::of(visit);
        Self {
            cannot: barred.or(snapshot).or(startable.cannot),
            ..startable
        }
    }
}

/// The choices that need no name.
const CHOICES: [(&str, &str); 4] = [
    ("latest", "the latest backup, to the end of its WAL"),
    ("latest-restorable-time", "the latest restorable time"),
    ("random", "a random good backup, or moment of RDS"),
    ("label", "this backup, or moment of RDS:"),
];

/// The section with the form.
#[component]
pub fn Start(startable: Startable) -> impl IntoView {
    let Startable {
        deployment,
        deployments,
        cannot,
    } = startable;
    let choices: Vec<Choice> = CHOICES
        .map(|(sent, called)| (sent.to_owned(), called.to_owned()))
        .into();
    let body = match cannot {
        Some(why) => refused(why),
        None => view! {
            <form class="filters" method="post" action="/drills">
                {which(deployment, deployments)}
                <SelectField name="choice" label="What" choices value="latest" />
                <TextField name="label" label="Label, for one backup; or a time" placeholder="as Backups shows it" />
                <div class="actions"><button class="button primary" type="submit">"Start drill"</button></div>
            </form>
        }
        .into_any(),
    };
    view! {
        <Sheet id="start" title="Start a drill" note="into a sandbox; production is only read">
            {body}
        </Sheet>
    }
}

fn refused(why: String) -> AnyView {
    view! {
        <div>
            <button class="button" type="button" disabled=true aria-describedby="cannot-drill">"Start drill"</button>
            <p class="sub" id="cannot-drill">{visible(&why)}</p>
        </div>
    }
    .into_any()
}

/// A site with one deployment isn't asked which.
fn which(deployment: String, deployments: Vec<String>) -> AnyView {
    if deployments.len() < 2 {
        return view! { <input type="hidden" name="deployment" value=deployment /> }.into_any();
    }
    let choices: Vec<Choice> = deployments
        .into_iter()
        .map(|name| (name.clone(), plain(&name)))
        .collect();
    view! { <SelectField id="start-deployment" name="deployment" label="Deployment" choices value=deployment /> }
        .into_any()
}

/// The button beside one backup.
#[component]
pub fn StartBackup(startable: Startable, backup: Backup) -> impl IntoView {
    let Startable { deployment, cannot, .. } = startable;
    match cannot {
        Some(why) => refused(why),
        None => view! {
            <form method="post" action="/drills">
                <input type="hidden" name="deployment" value=deployment />
                <input type="hidden" name="choice" value="label" />
                <input type="hidden" name="label" value=backup.label />
                <input type="hidden" name="source" value=backup.source />
                <button class="button" type="submit">"Start drill"</button>
            </form>
        }
        .into_any(),
    }
}
