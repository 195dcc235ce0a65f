//! What a backup builds on, down to the full one. One missing or broken link, and none above it can be restored.

use std::collections::BTreeMap;

use domain::backup::Backup;
use leptos::prelude::*;
use recovery::overview::BackupView;

use super::list::moment;
use crate::components::{Sheet, StatusWord, Word, visible};
use crate::pages::overview::{Links, count};

/// One link: known, or only named by the one above.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChainLink {
    Known(Box<Backup>),
    Missing(String),
}

/// The parents of a backup, the nearest first. Names come from outside, so a chain that bites its tail ends there.
#[must_use]
pub fn parents(backups: &[Backup], of: &Backup) -> Vec<ChainLink> {
    let same_source = backups
        .iter()
        .filter(|backup| (&backup.source, backup.repo) == (&of.source, of.repo));
    let by_label: BTreeMap<_, _> = same_source.map(|backup| (backup.label.as_str(), backup)).collect();
    let mut seen = vec![of.label.as_str()];
    let mut chain = Vec::new();
    let mut next = of.parent.as_deref();
    while let Some(label) = next {
        if seen.contains(&label) {
            chain.push(ChainLink::Missing(format!("{label}, which builds on itself")));
            break;
        }
        seen.push(label);
        match by_label.get(label) {
            Some(backup) => {
                chain.push(ChainLink::Known(Box::new((*backup).clone())));
                next = backup.parent.as_deref();
            }
            None => {
                chain.push(ChainLink::Missing(label.to_owned()));
                break;
            }
        }
    }
    chain
}

/// Left out for what stands alone.
#[component]
pub fn Chain(seen: BackupView, links: Links) -> impl IntoView {
    let BackupView { view, backup, .. } = seen;
    let chain = parents(&view.inventory.backups, &backup);
    let note = count(chain.len(), "backup below it", "backups below it");
    let now = view.now;
    let rows: Vec<_> = chain.into_iter().map(|link| row(link, now, &links)).collect();
    (!rows.is_empty()).then(|| view! {
        <Sheet id="chain" title="What it builds on" note>
            <table>
                <thead><tr><th scope="col">"Backup"</th><th scope="col">"Status"</th><th scope="col" class="c2">"Finished"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Sheet>
    })
}

fn row(link: ChainLink, now: domain::time::Timestamp, links: &Links) -> AnyView {
    match link {
        ChainLink::Known(backup) => {
            let href = links.backup_in(&backup.source, backup.repo, &backup.label);
            let word = Word::from(backup.status);
            view! {
                <tr data-status=word.status()>
                    <th scope="row"><a class="label" href=href><bdi>{visible(&backup.label)}</bdi></a><span class="sub">{backup.kind.word()}</span></th>
                    <td><StatusWord word /></td>
                    <td class="c2">{moment(backup.stopped_at, now)}</td>
                </tr>
            }
            .into_any()
        }
        ChainLink::Missing(label) => view! {
            <tr data-status="broken">
                <th scope="row"><bdi class="label">{visible(&label)}</bdi></th>
                <td><StatusWord word=Word::Missing text="not in the source" /></td>
                <td class="c2">"not known"</td>
            </tr>
        }
        .into_any(),
    }
}
