//! One way to the picked moment: what is restored, what is replayed, what is lost, how long it takes, which key and image it needs.

use domain::backup::{Backup, Kind};
use domain::route::{Target, Way};
use domain::time::Timestamp;
use domain::window::place;
use leptos::prelude::*;
use recovery::overview::{Found, RestoreTo};

use super::command::ByHand;
use super::{Around, loss};
use crate::components::{Fact, Facts, Moment, Show, StatusWord, Word, visible};
use crate::pages::backups::restore::cannot_restore;
use crate::pages::overview::plain;

/// The best way in full, the others folded away.
#[component]
pub fn Ways(around: Around, found: RestoreTo) -> impl IntoView {
    let RestoreTo {
        at,
        ways,
        image,
        migration_head,
        ..
    } = found;
    let then = Then {
        at,
        image,
        migration_head,
    };
    let ways: Vec<_> = ways
        .into_iter()
        .enumerate()
        .map(|(index, found)| one(&around, index, found, &then))
        .collect();
    (!ways.is_empty()).then(|| view! { <div class="ways">{ways}</div> })
}

/// What Ampora was at the picked moment.
struct Then {
    at: Timestamp,
    image: Option<String>,
    migration_head: Option<String>,
}

fn one(around: &Around, index: usize, found: Found, then: &Then) -> AnyView {
    let title = title(index, &found.way);
    let summary = summary(&found.way, around.view.now, then.at);
    let body = body(around, found, then);
    view! {
        <details class="way" open=index == 0>
            <summary><b>{title}</b><span class="sub">{summary}</span></summary>
            {body}
        </details>
    }
    .into_any()
}

fn title(index: usize, way: &Way) -> String {
    let place = place(&plain(&way.source), way.repo);
    let what = match (way.backup(), way.kind) {
        (Some(label), Some(kind)) => format!("{} {}", kind.word(), plain(label)),
        _ => "chosen by the service itself".into(),
    };
    let best = if index == 0 { "Best: " } else { "" };
    format!("{best}{place}, {what}")
}

fn summary(way: &Way, now: Timestamp, at: Timestamp) -> String {
    let (_, lost) = loss::lost(&way.loss, now);
    let lost = lost.split(';').next().unwrap_or_default().to_owned();
    if way.reaches == at {
        return format!("loses {lost}");
    }
    let short = domain::time::span((at - way.reaches).num_seconds());
    format!("{short} short of the time; loses {lost}")
}

fn body(around: &Around, found: Found, then: &Then) -> AnyView {
    let Found { way, by_hand } = found;
    let now = around.view.now;
    let said = |(word, says): (Word, String)| view! { <StatusWord word text=says /> };
    let (lost, takes, key) = (
        said(loss::lost(&way.loss, now)),
        said(loss::takes(&way)),
        said(loss::key(way.key.as_ref())),
    );
    let keys = around.links.to("/keys").to_string();
    let (restores, replayed, version) = (chain(around, &way), replays(&way), version(then));
    let (shows, reaches) = (way.reaches, loss::reaches(&way));
    let how = how(around, &way, by_hand);
    view! {
        <Facts>
            <Fact name="Shows"><Moment at=shows now show=Show::Full /><span class="sub">{reaches}</span></Fact>
            <Fact name="Restores">{restores}</Fact>
            <Fact name="Replays">{replayed}</Fact>
            <Fact name="Is lost">{lost}</Fact>
            <Fact name="Takes">{takes}</Fact>
            <Fact name="Key">{key}" "<a href=keys>"Keys"</a></Fact>
            <Fact name="Ampora of that time">{version}</Fact>
        </Facts>
        {how}
    }
    .into_any()
}

/// The backups in the order in which they are restored.
fn chain(around: &Around, way: &Way) -> AnyView {
    if way.chain.is_empty() {
        return "the service picks the snapshot and the log itself".into_any();
    }
    let repo = (way.repo > 0).then_some(way.repo);
    let parts: Vec<_> = way
        .chain
        .iter()
        .map(|label| {
            let (href, shown) = (around.links.backup_in(&way.source, repo, label), visible(label));
            view! { <li><a class="label" href=href><bdi>{shown}</bdi></a></li> }
        })
        .collect();
    view! { <ol class="chain">{parts}</ol> }.into_any()
}

fn replays(way: &Way) -> AnyView {
    let Some(replay) = &way.replay else {
        return match way.kind {
            Some(Kind::Dump | Kind::Snapshot) => "nothing: it is a copy of one moment".into_any(),
            _ => "WAL that the service keeps to itself".into_any(),
        };
    };
    let lsn = |lsn: Option<domain::wal::Lsn>| lsn.map_or_else(|| "not known".into(), |lsn| lsn.to_string());
    let (from, to) = (lsn(replay.from), lsn(replay.to));
    let timelines: Vec<_> = replay.timelines.iter().map(ToString::to_string).collect();
    let along = if timelines.len() == 1 { "timeline" } else { "timelines" };
    view! {
        "WAL "<span class="label">{from}</span>" to "<span class="label">{to}</span>
        <span class="sub">{format!("{along} {}", timelines.join(" → "))}</span>
    }
    .into_any()
}

/// Image and migration head that ran then: what is started on the copy.
fn version(then: &Then) -> AnyView {
    let seen = |value: &Option<String>| match value {
        Some(value) => view! { <bdi class="label">{visible(value)}</bdi> }.into_any(),
        None => "not known: not seen by Muster".into_any(),
    };
    let (image, head) = (seen(&then.image), seen(&then.migration_head));
    view! { "Image "{image}<span class="sub">"Migration head "{head}</span> }.into_any()
}

fn how(around: &Around, way: &Way, by_hand: Option<Vec<String>>) -> AnyView {
    let backup = way.backup().and_then(|label| find(around, way, label));
    let tool = backup
        .as_ref()
        .map_or_else(|| "the managed service".into(), |backup| backup.tool.clone());
    let Some(dump) = backup.filter(|backup| backup.kind == Kind::Dump) else {
        let asked = set_back(around, way, by_hand.is_some());
        return view! { {asked}<ByHand argv=by_hand tool /> }.into_any();
    };
    let links = &around.links;
    match cannot_restore(&around.view, &dump, around.cannot_request.as_deref()) {
        Some(why) => view! { <p class="note">"It can’t be requested: "{visible(&why)}</p> }.into_any(),
        None => {
            let href = links.to("/requests/new").with("kind", "restore-dump");
            let href = href
                .with("deployment", links.deployment.clone())
                .with("source", dump.source.clone());
            let href = href.with("backup", dump.label.clone()).to_string();
            let of = plain(&dump.label);
            view! { <p><a class="button primary" href=href>"Request restore"<span class="visually-hidden">" of "{of}</span></a></p> }.into_any()
        }
    }
}

/// The way to ask for it. Whether the host is configured, the plan says.
fn set_back(around: &Around, way: &Way, known: bool) -> Option<AnyView> {
    if !known || around.cannot_request.is_some() {
        return None;
    }
    let at = match way.target {
        Target::Latest => "latest".to_owned(),
        _ => way.reaches.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    };
    let href = around.links.to("/requests/new").with("kind", "restore-pitr");
    let href = href.with("deployment", around.links.deployment.clone());
    let href = href.with("source", way.source.clone()).with("at", at).to_string();
    Some(
        view! { <p><a class="button primary" href=href>"Request restore"<span class="visually-hidden">" of the cluster"</span></a></p> }
            .into_any(),
    )
}

fn find(around: &Around, way: &Way, label: &str) -> Option<Backup> {
    let mut backups = around.view.inventory.backups.iter();
    let found = backups.find(|backup| {
        backup.source == way.source && backup.label == label && backup.repo.is_none_or(|repo| repo == way.repo)
    });
    found.cloned()
}
