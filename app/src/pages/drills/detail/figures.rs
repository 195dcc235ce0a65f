//! What was promised, what was expected, what came out; and what else there is to know of the drill.

use domain::drill::{Drill, IsolationKind, TemporaryInstance};
use domain::key::Fingerprint;
use domain::time::{Timestamp, bytes, span};
use leptos::prelude::*;
use recovery::drills::Seen;

use crate::components::{Fact, Facts, FingerprintCode, Moment, Sheet, StatusWord, Word, visible};
use crate::pages::overview::plain;
use crate::pages::words::grouped;

/// Declared, predicted and achieved, side by side.
#[component]
pub fn Measures(drill: Drill, over: bool) -> impl IntoView {
    let figures = &drill.figures;
    let rto = row(
        "Time to recover, RTO",
        [figures.rto_declared, figures.rto_predicted],
        figures.rto_seconds,
        if over { "not reached" } else { "not yet" },
        None,
    );
    let detail = (!figures.rpo_detail.is_empty()).then(|| figures.rpo_detail.clone());
    let rpo = row(
        "Data lost, RPO",
        [figures.rpo_declared, figures.rpo_predicted],
        figures.rpo_seconds,
        if over { "not measured" } else { "not yet" },
        detail,
    );
    view! {
        <Sheet id="figures" title="Figures">
            <table>
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Figure"</span></th>
                        <th scope="col" class="num">"Declared"</th>
                        <th scope="col" class="num">"Predicted"</th>
                        <th scope="col">"Achieved"</th>
                    </tr>
                </thead>
                <tbody>{rto}{rpo}</tbody>
            </table>
        </Sheet>
    }
}

fn row(
    name: &'static str,
    [declared, predicted]: [Option<u32>; 2],
    achieved: Option<u32>,
    without: &'static str,
    detail: Option<String>,
) -> AnyView {
    let said =
        |seconds: Option<u32>, none: &str| seconds.map_or_else(|| none.to_owned(), |seconds| span(seconds.into()));
    let word = match (achieved, declared) {
        (None, _) => Word::Unknown,
        (Some(_), None) => Word::Unset,
        (Some(achieved), Some(declared)) if achieved <= declared => Word::Ok,
        (Some(_), Some(_)) => Word::Broken,
    };
    let achieved = said(achieved, without);
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="num">{said(declared, "unset")}</td>
            <td class="num">{said(predicted, "unknown")}</td>
            <td><StatusWord word text=achieved />{detail.map(|detail| view! { <span class="sub">{visible(&detail)}</span> })}</td>
        </tr>
    }
    .into_any()
}

/// What was restored, where, and with which key.
#[component]
pub fn About(seen: Seen, now: Timestamp) -> impl IntoView {
    let drill = seen.stored.drill;
    let figures = &drill.figures;
    let count = |value: Option<u64>| value.map_or_else(|| "not counted".to_owned(), grouped);
    let size = figures
        .restored_bytes
        .map_or_else(|| "not measured".to_owned(), |size| bytes(size.0));
    let rows = format!(
        "{} tables, {} rows",
        count(figures.tables.map(u64::from)),
        count(figures.rows.map(|rows| rows.0))
    );
    let versions: Vec<_> = figures
        .versions
        .iter()
        .map(|(tool, version)| format!("{tool} {version}"))
        .collect();
    let word = match drill.isolation.kind {
        IsolationKind::Namespaces => Word::Ok,
        IsolationKind::User | IsolationKind::None => Word::Warning,
        IsolationKind::Elsewhere => Word::NotRun,
        IsolationKind::Unknown => Word::Unknown,
    };
    let kept = drill.kept_until.map(|until| {
        view! { <Fact name="Sandbox kept">"until "<Moment at=until now />", then it removes itself"</Fact> }
    });
    let versions = if versions.is_empty() {
        "not known".to_owned()
    } else {
        plain(&versions.join(", "))
    };
    let segments = count(figures.wal_segments.map(u64::from));
    let segments = drill
        .instance
        .is_none()
        .then(|| view! { <Fact name="WAL segments">{segments}</Fact> });
    let instance = drill.instance.as_ref().map(|instance| instance_fact(instance, now));
    let (backup, key, queued) = (backup(&drill), key(&drill), drill.queued_at);
    let (isolation, detail) = (drill.isolation.kind.word(), visible(&drill.isolation.detail));
    let worker = visible(seen.stored.worker.as_deref().unwrap_or("none yet"));
    view! {
        <Sheet id="about" title="What was restored">
            <Facts>
                <Fact name="Backup">{backup}</Fact>
                <Fact name="Key that opened it">{key}</Fact>
                <Fact name="Isolation"><StatusWord word text=isolation /><span class="sub">{detail}</span></Fact>
                <Fact name="Restored">{size}<span class="sub">{rows}</span></Fact>
                {segments}
                {instance}
                <Fact name="Versions">{versions}</Fact>
                <Fact name="Queued"><Moment at=queued now /></Fact>
                <Fact name="Worker">{worker}</Fact>
                {kept}
            </Facts>
        </Sheet>
    }
}

fn backup(drill: &Drill) -> AnyView {
    let Some(backup) = &drill.backup else {
        return "none was chosen".into_any();
    };
    if let Some(instance) = &drill.instance {
        return view! {
            <span class="label">{visible(&backup.label)}</span>
            <span class="sub">"a moment of "{visible(&instance.of)}", restored by AWS"</span>
        }
        .into_any();
    }
    let links = crate::pages::overview::Links {
        deployment: drill.deployment.clone(),
        is_default: false,
    };
    let href = links.backup_in(&backup.source, backup.repo, &backup.label);
    let digest = backup.sha256.map_or_else(
        || "its digest could not be read".to_owned(),
        |digest| format!("sha256:{digest}"),
    );
    view! {
        <a class="label" href=href><bdi>{visible(&backup.label)}</bdi></a>
        <span class="sub label">{digest}</span>
    }
    .into_any()
}

/// What lay at AWS meanwhile, and whether it is gone.
fn instance_fact(instance: &TemporaryInstance, now: Timestamp) -> AnyView {
    let identity = visible(&instance.identity());
    let gone = match instance.gone_at {
        Some(at) => view! { "deleted "<Moment at now /> }.into_any(),
        None => "not known to be deleted".into_any(),
    };
    view! { <Fact name="Temporary instance"><span class="label">{identity}</span><span class="sub">{gone}</span></Fact> }.into_any()
}

fn key(drill: &Drill) -> AnyView {
    let Some(fingerprint) = &drill.key_fingerprint else {
        return "none did".into_any();
    };
    let version = drill.key_version.as_ref().map(|version| format!("version {version}, "));
    let fingerprint = Fingerprint::from(fingerprint.clone());
    view! { {version.map(|version| plain(&version))}<FingerprintCode fingerprint /> }.into_any()
}
