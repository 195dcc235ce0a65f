//! One finding: the cause in prose, the evidence, what was ruled out, the steps for this state, and how it stood over time.

use domain::finding::{Cure, Found, Record, State};
use domain::role::Action;
use domain::rules::Silence;
use domain::time::{Timestamp, rfc3339};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::Error;
use recovery::findings::{self, FindingView};

use super::rows::word;
use super::rule;
use crate::components::{
    Address, Advice, Banner, Blank, Moment, PageHead, Place, Seen, Sheet, StatusWord, TextField, Word, visible,
};
use crate::pages::overview::Links;
use crate::pages::{Opened, Visit, open};
use crate::plots::{Standing, StandingPlot};

/// `/diagnostics/{code}`
#[component]
pub fn FindingPage() -> impl IntoView {
    open(Place::Diagnostics, async |visit: Visit| {
        let code = visit.params.get_str("code").unwrap_or_default().to_owned();
        if let Some(unknown) = visit.unknown_deployment() {
            return Err(Error::NotFound(format!("deployment {unknown}")));
        }
        let seen = findings::see(&visit.services, &visit.actor, visit.deployment(), &code).await?;
        let may = visit
            .actor
            .may(Action::Request, visit.services.settings.approvals.roles)
            .is_ok();
        let title = seen.rule.title;
        let links = visit.links.clone();
        Ok(Opened::new(title, view! { <Finding seen links may /> }.into_any()))
    })
}

/// The content of the page.
#[component]
pub fn Finding(seen: FindingView, links: Links, may: bool) -> impl IntoView {
    let now = seen.now;
    let open = seen.record.clone().filter(Record::is_open);
    let found = seen
        .says
        .clone()
        .ok()
        .flatten()
        .or_else(|| open.as_ref().map(|record| record.found.clone()));
    let body = match &found {
        Some(found) => view! { <Body found=found.clone() links=links.clone() now /> }.into_any(),
        None => nothing(&seen),
    };
    let acknowledge = open.filter(|_| may).map(|record| acknowledgement(&seen, &record));
    view! {
        {head(&seen, found.as_ref())}
        {banner(&seen)}
        {body}
        {acknowledge}
        {history(&seen)}
    }
}

fn head(seen: &FindingView, found: Option<&Found>) -> AnyView {
    let title = found.map_or_else(|| visible(seen.rule.title), |found| visible(&found.title));
    let title = view! { {title} }.into_any();
    let crumb = ("Diagnostics", "/diagnostics", seen.rule.code.to_owned());
    let since = seen.record.as_ref().filter(|record| record.is_open());
    let since = since.map(|record| view! { " since "<Moment at=record.opened_at now=seen.now /> });
    let word = match (&seen.record, found) {
        (Some(record), Some(found)) if record.is_open() => word(record.state, found.severity),
        (_, Some(found)) => word(State::Open, found.severity),
        (_, None) => match &seen.says {
            Ok(_) | Err(Silence::Agreed(_)) => Word::Ok,
            Err(Silence::Unknown(_)) => Word::Unknown,
            Err(_) => Word::Unset,
        },
    };
    let about = rule::address(seen.rule.code);
    let lede = view! {
        <StatusWord word />" "{visible(&seen.deployment)}{since}". Symptom: "{seen.rule.symptom}". "
        <a href=about>"About this rule"</a>
    }
    .into_any();
    view! { <PageHead title crumb lede /> }.into_any()
}

fn banner(seen: &FindingView) -> Option<AnyView> {
    let record = seen.record.as_ref().filter(|record| record.is_open())?;
    let unknown = record.unknown.as_ref().map(|why| {
        let why = visible(why);
        view! { <Banner word=Word::Unknown title="It can’t be told now whether this still holds">{why}</Banner> }
    });
    let acknowledged = record.acknowledged.as_ref().map(|one| {
        let (by, reason, until, now) = (visible(&one.by), visible(&one.reason), one.until, seen.now);
        view! { <Banner word=Word::Info title="Acknowledged">{by}" until "<Moment at=until now />": "{reason}</Banner> }
    });
    Some(view! { {unknown}{acknowledged} }.into_any())
}

fn nothing(seen: &FindingView) -> AnyView {
    let (title, text) = match &seen.says {
        Ok(_) => (
            "It is ruled out",
            "Every fact that the rule looks at was read within its limit, and none of them fits.".to_owned(),
        ),
        Err(Silence::Agreed(how)) => (
            "People agreed to it",
            format!("So it is nothing to be acted on: {how}."),
        ),
        Err(Silence::Unknown(reason)) => ("It can’t be told", reason.clone()),
        Err(Silence::Unset(how)) => ("Nothing is set up that it could look at", how.clone()),
        Err(Silence::Explained(code)) => ("Another finding explains it", format!("See {code}.")),
    };
    let text = visible(&text);
    view! { <Sheet id="now" title="Now"><Blank title>{text}</Blank></Sheet> }.into_any()
}

/// Cause, recovery, evidence and rivals.
#[component]
fn Body(found: Found, links: Links, now: Timestamp) -> impl IntoView {
    let steps = found.steps.clone();
    let cure = found.cure.as_ref().map(|cure| request(cure, &links));
    let evidence: Vec<_> = found
        .evidence
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row">{visible(&one.fact)}</th>
                    <td>{visible(&one.value)}</td>
                    <td class="c2"><Seen at=one.observed_at now source=one.source.clone() /></td>
                </tr>
            }
        })
        .collect();
    let rivals: Vec<_> = found
        .rivals
        .iter()
        .map(|one| view! { <li><s>{visible(&one.cause)}</s>": "{visible(&one.ruled_out)}</li> })
        .collect();
    view! {
        <Sheet id="cause" title="Cause"><p>{visible(&found.cause)}</p></Sheet>
        <Sheet id="recovery" title="Recovery" note="for the state as it was read">
            <Advice steps />
            {cure}
        </Sheet>
        <Sheet id="evidence" title="Evidence">
            <table>
                <thead><tr><th scope="col">"Fact"</th><th scope="col">"Value"</th><th scope="col" class="c2">"Seen"</th></tr></thead>
                <tbody>{evidence}</tbody>
            </table>
        </Sheet>
        <Sheet id="rivals" title="Ruled out">
            <ul>{rivals}</ul>
            <p class="note"><b>"What would refute it"</b>": "{visible(&found.refutes)}</p>
        </Sheet>
    }
}

/// Forms that are filled in with the cure, or those on the page of a request that was carried out.
fn request(cure: &Cure, links: &Links) -> AnyView {
    let form = links.to("/requests/new").with("deployment", links.deployment.clone());
    let ways = |at: Timestamp| {
        let at = at.format("%Y-%m-%d %H:%M:%S").to_string();
        (links.to("/backups").with("at", at), "Ways back to this moment")
    };
    let offered = match cure {
        Cure::RetrieveKey { version } => vec![(
            form.with("kind", "retrieve-key").with("version", version.clone()),
            "Request key",
        )],
        Cure::KeyCatchUp => vec![(form.with("kind", "key-catch-up"), "Request catch-up")],
        Cure::RestoreDump { source, backup } => vec![(
            form.with("kind", "restore-dump")
                .with("source", source.clone())
                .with("backup", backup.clone()),
            "Request restore",
        )],
        Cure::RestoreTo { at, source: None } => vec![ways(*at)],
        Cure::RestoreTo {
            at,
            source: Some(source),
        } => vec![
            (
                form.with("kind", "restore-pitr")
                    .with("source", source.clone())
                    .with("at", rfc3339(*at)),
                "Request restore",
            ),
            ways(*at),
        ],
        Cure::RestoreRds { source, at } => vec![
            (
                form.with("kind", "restore-rds")
                    .with("source", source.clone())
                    .with("at", rfc3339(*at)),
                "Request restore",
            ),
            ways(*at),
        ],
        Cure::Settle { request } => {
            let report = format!("/requests/{request}#gap");
            vec![(Address::new(report, ParamsMap::new()), "Open the gap report")]
        }
    };
    let offered: Vec<_> = offered
        .into_iter()
        .map(|(href, action)| view! { <a class="button" href=href.to_string()>{action}</a>" " })
        .collect();
    view! { <p>{offered}</p> }.into_any()
}

fn acknowledgement(seen: &FindingView, record: &Record) -> AnyView {
    let until = (seen.now + chrono::TimeDelta::hours(24))
        .format("%Y-%m-%d %H:%M:%S")
        .to_string();
    let action = format!("/diagnostics/{}/acknowledge", record.code);
    let deployment = seen.deployment.clone();
    view! {
        <Sheet id="acknowledge" title="Acknowledge" note="it goes on counting; the reason is kept in the audit log">
            <form method="post" action=action>
                <input type="hidden" name="deployment" value=deployment />
                <TextField name="reason" label="Reason" required=true wide=true />
                <TextField name="until" label="Until (UTC)" value=until hint="within 90 days, as 2026-10-06 02:38:00" required=true />
                <button class="button" type="submit">"Acknowledge"</button>
            </form>
        </Sheet>
    }
    .into_any()
}

/// Where the plot begins: a month back, or later where nothing was known yet. A moment that everything broke is to be told from now, so it
/// spans an hour at least.
fn known_from(seen: &FindingView) -> Timestamp {
    let now = seen.now;
    let first_run = seen.runs.first().map(|run| run.since);
    let first_reading = seen
        .measured
        .as_ref()
        .and_then(|(_, samples)| samples.first())
        .map(|(at, _)| *at);
    let known = first_run.into_iter().chain(first_reading).min().unwrap_or(now);
    known
        .min(now - chrono::TimeDelta::hours(1))
        .max(now - findings::LOOKED_BACK)
}

/// How the rule stood, and what happened to the finding; the newest first.
fn history(seen: &FindingView) -> AnyView {
    let now = seen.now;
    let plot = Standing {
        id: "standing".into(),
        from: known_from(seen),
        now,
        measured: seen.measured.clone(),
        runs: seen.runs.clone(),
    };
    let runs: Vec<_> = seen
        .runs
        .iter()
        .rev()
        .take(100)
        .map(|run| {
            let word = match run.value.as_str() {
                "found" => Word::Broken,
                "clear" => Word::Ok,
                "unknown" => Word::Unknown,
                _ => Word::NotRun,
            };
            view! {
                <tr data-status=word.status()>
                    <th scope="row"><StatusWord word text=run.value.clone() /></th>
                    <td><Moment at=run.since now /></td>
                    <td><Moment at=run.until now /></td>
                </tr>
            }
        })
        .collect();
    let events: Vec<_> = seen
        .events
        .iter()
        .rev()
        .map(|event| view! { <li><Moment at=event.at now />" "<b>{event.change.clone()}</b>": "{visible(&event.title)}</li> })
        .collect();
    view! {
        <Sheet id="history" title="Over time" note="the last 30 days">
            <StandingPlot plot />
            <ul>{events}</ul>
            <table>
                <thead><tr><th scope="col">"Stood"</th><th scope="col">"From"</th><th scope="col">"To"</th></tr></thead>
                <tbody>{runs}</tbody>
            </table>
        </Sheet>
    }
    .into_any()
}
