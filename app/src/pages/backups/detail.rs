//! One backup: everything its source tells, what reading it has shown, what it builds on, which keys open it.

use leptos::prelude::*;
use recovery::Error;
use recovery::overview::{self, BackupView};

use super::restore::{Restore, cannot_restore};
use super::{chain, contents, facts, keys, needed};
use crate::components::{Banner, PageHead, Place, Seen, StatusWord, Word, visible};
use crate::pages::drills::{StartBackup, Startable};
use crate::pages::overview::{Links, cannot_request, plain};
use crate::pages::{Opened, Visit, open};

/// `/backups/{source}/{label}`
#[component]
pub fn BackupPage() -> impl IntoView {
    open(Place::Backups, async |visit: Visit| {
        let Visit {
            services,
            actor,
            links,
            params,
            address,
            ..
        } = &visit;
        let part = |name| params.get_str(name).map(str::to_owned);
        let missing = || Error::NotFound("backup of this name".into());
        let (source, label) = part("source").zip(part("label")).ok_or_else(missing)?;
        let repo = address.get("repo").and_then(|repo| repo.parse().ok());
        let seen = overview::backup(services, actor, visit.deployment(), (&source, repo, &label)).await?;
        let page = OneBackup {
            startable: Startable::of_backup(&visit, &seen.backup),
            seen,
            links: links.clone(),
            cannot_request: cannot_request(actor, services.settings.approvals.roles),
        };
        let title = plain(&label);
        Ok(Opened::new(title, view! { <BackupContent page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct OneBackup {
    pub seen: BackupView,
    pub links: Links,
    /// Why this reader can't ask for a restore; `None` if they can.
    pub cannot_request: Option<String>,
    /// Whether this reader may rehearse it.
    pub startable: Startable,
}

/// The content of the page.
#[component]
pub fn BackupContent(page: OneBackup) -> impl IntoView {
    let OneBackup {
        seen,
        links,
        cannot_request,
        startable,
    } = page;
    view! {
        <Head seen=seen.clone() links=links.clone() cannot=cannot_request startable />
        <Changed seen=seen.clone() />
        <div class="split">
            <div>
                <facts::FactsOf seen=seen.clone() links=links.clone() />
                <contents::Contents seen=seen.clone() />
            </div>
            <div>
                <keys::OpensWith seen=seen.clone() links=links.clone() />
                <chain::Chain seen=seen.clone() links=links.clone() />
                <needed::NeededBy seen links />
            </div>
        </div>
    }
}

#[component]
fn Head(
    seen: BackupView,
    links: Links,
    #[prop(optional_no_strip)] cannot: Option<String>,
    startable: Startable,
) -> impl IntoView {
    let BackupView { view, backup, .. } = seen;
    let source = view
        .inventory
        .sources
        .iter()
        .find(|source| source.name == backup.source);
    let (read, past) = source.map_or((None, true), |source| {
        (source.observed_at, source.status == domain::status::Status::Unknown)
    });
    let title = view! { <bdi class="label">{visible(&backup.label)}</bdi> }.into_any();
    let lede = view! {
        <StatusWord word=backup.status />" "{visible(&backup.detail)}" "
        <Seen at=read now=view.now source=plain(&backup.source) past />
    }
    .into_any();
    let cannot = cannot_restore(&view, &backup, cannot.as_deref());
    let crumb = ("Backups", "/backups", plain(&backup.label));
    let actions = view! { <StartBackup startable backup=backup.clone() /><Restore backup links cannot /> }.into_any();
    view! { <PageHead title crumb lede actions /> }
}

/// A file whose content changed under its name isn't the backup that it was.
#[component]
fn Changed(seen: BackupView) -> impl IntoView {
    let contents = seen.contents.len();
    (contents > 1).then(|| {
        let title = format!("{contents} different contents were seen under this name.");
        view! { <Banner word=Word::Broken title>"A backup doesn’t change. Find out who wrote it before anything is restored from it."</Banner> }
    })
}
