//! What must come back, one tile a thing, with the proof that it does.

use domain::inventory::{Artifact, ArtifactKind, Keys};
use domain::observation::Known;
use domain::status::Status;
use domain::time::clock;
use leptos::prelude::*;
use recovery::overview::{ComesBack, View};

use super::links::Links;
use super::took::Took;
use crate::components::{Seen, Sheet, Tile, Tiles, Word, visible};

/// The artifacts, the restores that were done and the people it takes; last what nobody has set up.
#[component]
pub fn MustComeBack(view: View, links: Links, quorum: usize) -> impl IntoView {
    let artifacts = view.inventory.artifacts.iter();
    // The two without which nothing comes back stand first, set up or not.
    let is_first = |artifact: &&Artifact| {
        let needed = matches!(artifact.kind, ArtifactKind::Database | ArtifactKind::MasterKey);
        needed || !view.not_set_up.contains(&artifact.kind)
    };
    let (first, last): (Vec<_>, Vec<_>) = artifacts.partition(is_first);
    let tiles = |artifacts: Vec<&Artifact>| {
        let tiles = artifacts.into_iter().map(|artifact| tile(&view, artifact, &links));
        tiles.collect::<Vec<_>>()
    };
    let (first, last) = (tiles(first), tiles(last));
    let unset = view.not_set_up.len();
    let note = match unset {
        0 => format!("{} things", view.inventory.artifacts.len()),
        _ => format!("{} things, {unset} of them not set up", view.inventory.artifacts.len()),
    };
    view! {
        <Sheet id="artifacts" title="What must come back" note>
            <Tiles>{first}{restores(&view, &links)}{people(quorum, &links)}{last}</Tiles>
        </Sheet>
    }
}

/// Stable across reloads: live updates find the tile by it.
const fn id(kind: ArtifactKind) -> &'static str {
    match kind {
        ArtifactKind::Database => "tile-database",
        ArtifactKind::MasterKey => "tile-master-key",
        ArtifactKind::Tls => "tile-tls",
        ArtifactKind::Image => "tile-images",
        ArtifactKind::BackupKey => "tile-backup-key",
        ArtifactKind::BackupCredentials => "tile-backup-credentials",
        ArtifactKind::KmsKey => "tile-kms-key",
        ArtifactKind::PackageBlobs => "tile-package-blobs",
    }
}

fn tile(view: &View, artifact: &Artifact, links: &Links) -> AnyView {
    if view.not_set_up.contains(&artifact.kind) {
        return not_set_up(artifact);
    }
    match artifact.kind {
        ArtifactKind::Database => {
            let href = links.to("/backups").to_string();
            known(view, artifact, href, database_figure(view), "all sources")
        }
        ArtifactKind::MasterKey => {
            let href = links.to("/keys").to_string();
            known(view, artifact, href, key_figure(view), &view.keys.source)
        }
        _ => other(view, artifact),
    }
}

fn known(view: &View, artifact: &Artifact, href: String, figure: String, source: &str) -> AnyView {
    let past = artifact.status == Status::Unknown;
    let seen = view! { <Seen at=artifact.observed_at now=view.now source past /> }.into_any();
    let detail = visible(&artifact.detail);
    view! {
        <Tile id=id(artifact.kind) name=artifact.kind.title() href word=artifact.status figure seen>{detail}"."</Tile>
    }
    .into_any()
}

fn other(view: &View, artifact: &Artifact) -> AnyView {
    // What needs no look of its own was told by the sources.
    let told = || {
        view.inventory
            .sources
            .iter()
            .filter_map(|source| source.observed_at)
            .min()
    };
    let past = artifact.status == Status::Unknown;
    let at = artifact.observed_at.or_else(|| if past { None } else { told() });
    let seen = view! { <Seen at now=view.now past /> }.into_any();
    let figure = match artifact.status {
        Status::Ok => "good",
        Status::Broken => "not good",
        Status::Unknown => "not known",
    };
    let detail = visible(&artifact.detail);
    view! {
        <Tile id=id(artifact.kind) name=artifact.kind.title() word=artifact.status figure seen>{detail}"."</Tile>
    }
    .into_any()
}

fn not_set_up(artifact: &Artifact) -> AnyView {
    let seen = view! { <span class="seen">"no source"</span> }.into_any();
    view! {
        <Tile id=id(artifact.kind) name=artifact.kind.title() word=Word::Unset figure="not set up" seen>
            "Nothing is known of it: no configuration names it."
        </Tile>
    }
    .into_any()
}

fn database_figure(view: &View) -> String {
    match &view.comes_back {
        ComesBack::UpTo { window, .. } => format!("to {} UTC", clock(window.to, view.now)),
        ComesBack::Copy { as_of: Some(at), .. } => format!("of {} UTC", clock(*at, view.now)),
        ComesBack::Copy { as_of: None, .. } => "one backup".into(),
        ComesBack::Nothing => "nothing".into(),
        ComesBack::Unknown { .. } => match view.past_windows.iter().map(|window| window.to).max() {
            Some(to) => format!("last known to {} UTC", clock(to, view.now)),
            None => "not known".into(),
        },
    }
}

fn key_figure(view: &View) -> String {
    match view.keys.known(view.now) {
        Known::Fresh { value, .. } => opened(value).unwrap_or_else(|| "not proven".into()),
        Known::Unknown { last, .. } => {
            let last = last.and_then(|(keys, _)| opened(keys));
            last.map_or_else(|| "not proven".into(), |figure| format!("last known {figure}"))
        }
    }
}

fn opened(keys: &Keys) -> Option<String> {
    let current = keys.versions.iter().find(|version| version.current)?;
    Some(format!("{} of {} open", current.opens?, current.of?))
}

fn restores(view: &View, links: &Links) -> AnyView {
    let href = links.to("/requests").to_string();
    let seen = view! { <span class="seen">"Muster’s own runs"</span> }.into_any();
    match Took::of(&view.durations) {
        None => view! {
            <Tile id="tile-restores" name="Restores done" href word=Word::NotRun figure="none yet" seen>
                "How long a restore takes is not known before one was done."
            </Tile>
        }
        .into_any(),
        Some(took) => view! {
            <Tile id="tile-restores" name="Restores done" href word=Word::Done figure=took.about() seen>
                {took.range()}", of dumps, the database only."
            </Tile>
        }
        .into_any(),
    }
}

fn people(quorum: usize, links: &Links) -> AnyView {
    let href = links.to("/requests").to_string();
    let seen = view! { <span class="seen">"rule in "<span class="source">"muster.toml"</span></span> }.into_any();
    view! {
        <Tile id="tile-people" name="People" href word=Word::Info says="rule" figure=format!("{quorum} must agree") seen>
            "Nobody decides on their own request, whatever the role."
        </Tile>
    }
    .into_any()
}
