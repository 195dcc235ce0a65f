//! `/drills/compare?a=&b=`: two drills side by side.

use domain::drill::{CheckStatus, Drill};
use domain::time::{Timestamp, clock, span};
use leptos::prelude::*;
use recovery::Error;
use recovery::drills::{self, Comparison, Filter, Sides, StoredDrill};

use super::rows::seconds;
use super::words::{check, href, id, phase, status, verdict};
use crate::components::{Blank, Choice, Moment, PageHead, Place, SelectField, Sheet, StatusWord, Word, visible};
use crate::pages::overview::plain;
use crate::pages::{Opened, Visit, open};

/// Drills that can be chosen from.
const RECENT: i64 = 100;

/// `/drills/compare`
#[component]
pub fn ComparePage() -> impl IntoView {
    open(Place::Drills, async |visit: Visit| {
        let Visit { services, actor, .. } = &visit;
        let recent = Filter {
            limit: RECENT,
            ..Filter::default()
        };
        let recent = drills::list(services, actor, &recent).await?.drills;
        let over: Vec<_> = recent.into_iter().filter(|stored| stored.state.is_over()).collect();
        let named = |name: &str| match visit.address.get(name) {
            None => Ok(None),
            Some(text) => id(Some(text))
                .map(Some)
                .ok_or_else(|| Error::NotFound(format!("drill {text}"))),
        };
        let at = |index: usize| over.get(index).map(|stored| stored.drill.id);
        let (left, right) = (named("a")?.or_else(|| at(1)), named("b")?.or_else(|| at(0)));
        let compared = match left.zip(right) {
            Some((left, right)) => Some(drills::compare(services, actor, left, right).await?),
            None => None,
        };
        let page = Compared {
            now: visit.now,
            compared,
            recent: over,
        };
        Ok(Opened::new(
            "Compare drills",
            view! { <CompareContent page /> }.into_any(),
        ))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Compared {
    /// `None`: there are no two drills.
    pub compared: Option<Comparison>,
    /// What can be chosen.
    pub recent: Vec<StoredDrill>,
    pub now: Timestamp,
}

/// The content of the page.
#[component]
pub fn CompareContent(page: Compared) -> impl IntoView {
    let Compared {
        compared, recent, now, ..
    } = page;
    let crumb = ("Drills", "/drills", "Compare".to_owned());
    let Some(compared) = compared else {
        return view! {
            <PageHead title="Compare drills".into_any() crumb />
            <Sheet id="compared" title="Two drills"><Blank title="There are no two drills yet">"Two that are over can be compared: what took how long, and what each check said."</Blank></Sheet>
        }
        .into_any();
    };
    let title = sentence(&compared).into_any();
    let (figures_heads, checks_heads) = (heads(&compared, now), heads(&compared, now));
    let (figures, phases, checks) = (figures(&compared), phases(&compared), checks(&compared));
    view! {
        <PageHead title says=true crumb />
        <Chooser compared recent now />
        <Sheet id="compared" title="Figures and phases">
            <section class="scroll-x" tabindex="0" aria-label="Figures and phases of both">
                <table>{figures_heads}<tbody>{figures}{phases}</tbody></table>
            </section>
        </Sheet>
        <Sheet id="compared-checks" title="Checks" note="those that differ first">
            <section class="scroll-x" tabindex="0" aria-label="Checks of both">
                <table>{checks_heads}<tbody>{checks}</tbody></table>
            </section>
        </Sheet>
    }
    .into_any()
}

/// What changed from the first to the second.
fn sentence(compared: &Comparison) -> String {
    let said = |drill: &Drill| drill.verdict.map_or("no verdict", |found| verdict(found).1);
    let (left, right) = (said(&compared.left), said(&compared.right));
    let outcome = if left == right {
        format!("Both {left}.")
    } else {
        format!("First {left}, then {right}.")
    };
    let speed = match (compared.left.figures.rto_seconds, compared.right.figures.rto_seconds) {
        (Some(left), Some(right)) if left == right => " Both took as long.".to_owned(),
        (Some(left), Some(right)) if right > left => {
            format!(" The second took {} longer.", span((right - left).into()))
        }
        (Some(left), Some(right)) => format!(" The second was {} faster.", span((left - right).into())),
        _ => String::new(),
    };
    let differ = differing(compared).count();
    let checks = match differ {
        0 => " All checks say the same.".to_owned(),
        1 => " One check differs.".to_owned(),
        many => format!(" {many} checks differ."),
    };
    format!("{outcome}{speed}{checks}")
}

fn differing(compared: &Comparison) -> impl Iterator<Item = &str> {
    let differ = |sides: &Sides<(CheckStatus, String)>| {
        let status = |side: &Option<(CheckStatus, String)>| side.as_ref().map(|(status, _)| *status);
        status(&sides.left) != status(&sides.right)
    };
    let all = compared.checks.iter();
    all.filter(move |(_, sides)| differ(sides))
        .map(|(name, _)| name.as_str())
}

#[component]
fn Chooser(compared: Comparison, recent: Vec<StoredDrill>, now: Timestamp) -> impl IntoView {
    let mut choices: Vec<Choice> = recent.iter().map(|stored| named(&stored.drill, now)).collect();
    for drill in [&compared.left, &compared.right] {
        if !choices.iter().any(|(sent, _)| *sent == drill.id.to_string()) {
            choices.push(named(drill, now));
        }
    }
    view! {
        <form class="filters" method="get" action="/drills/compare">
            <SelectField name="a" label="First" choices=choices.clone() value=compared.left.id.to_string() />
            <SelectField name="b" label="Second" choices value=compared.right.id.to_string() />
            <div class="actions"><button class="button" type="submit">"Compare"</button></div>
        </form>
    }
}

fn named(drill: &Drill, now: Timestamp) -> Choice {
    let at = clock(drill.finished_at.unwrap_or(drill.queued_at), now);
    let said = drill.verdict.map_or("no verdict", |found| verdict(found).1);
    (
        drill.id.to_string(),
        format!("{at} UTC, {}, {said}", plain(&drill.deployment)),
    )
}

fn heads(compared: &Comparison, now: Timestamp) -> AnyView {
    let head = |drill: &Drill| {
        let at = drill.finished_at.unwrap_or(drill.queued_at);
        let (word, text) = drill.verdict.map_or((Word::Unknown, "no verdict"), verdict);
        view! { <th scope="col"><a href=href(drill.id)><Moment at now /></a>" "<StatusWord word text /></th> }
    };
    view! {
        <thead><tr><th scope="col"><span class="visually-hidden">"What"</span></th>{head(&compared.left)}{head(&compared.right)}</tr></thead>
    }
    .into_any()
}

fn line(name: String, left: String, right: String) -> AnyView {
    let differs = left != right;
    view! {
        <tr data-current=differs.then_some("")>
            <th scope="row">{visible(&name)}</th>
            <td>{visible(&left)}</td>
            <td>{visible(&right)}</td>
        </tr>
    }
    .into_any()
}

fn figures(compared: &Comparison) -> Vec<AnyView> {
    let of = |name: &str, value: fn(&Drill) -> String| line(name.into(), value(&compared.left), value(&compared.right));
    vec![
        of("Deployment", |drill| drill.deployment.clone()),
        of("Backup", |drill| {
            drill
                .backup
                .as_ref()
                .map_or_else(|| "none".into(), |backup| backup.label.clone())
        }),
        of("Time to recover, RTO", |drill| seconds(drill.figures.rto_seconds)),
        of("Data lost, RPO", |drill| seconds(drill.figures.rpo_seconds)),
        of("Key", |drill| {
            drill
                .key_version
                .as_ref()
                .map_or_else(|| "none opened it".into(), |version| format!("version {version}"))
        }),
        of("Isolation", |drill| drill.isolation.kind.word().into()),
    ]
}

fn phases(compared: &Comparison) -> Vec<AnyView> {
    let said = |seconds: Option<i64>| seconds.map_or_else(|| "not run".to_owned(), span);
    let rows = compared.phases.iter();
    rows.map(|(name, sides)| line(phase(*name).into(), said(sides.left), said(sides.right)))
        .collect()
}

fn checks(compared: &Comparison) -> Vec<AnyView> {
    let differing: Vec<_> = differing(compared).collect();
    let mut rows: Vec<_> = compared.checks.iter().collect();
    rows.sort_by_key(|(name, _)| !differing.contains(&name.as_str()));
    let side = |side: &Option<(CheckStatus, String)>| match side {
        Some((found, detail)) => {
            view! { <td><StatusWord word=status(*found) /><span class="sub">{visible(detail)}</span></td> }.into_any()
        }
        None => view! { <td><StatusWord word=Word::NotRun /></td> }.into_any(),
    };
    let row = |(name, sides): &(String, Sides<(CheckStatus, String)>)| {
        let differs = differing.contains(&name.as_str());
        view! {
            <tr data-current=differs.then_some("")>
                <th scope="row">{visible(&check(name))}</th>
                {side(&sides.left)}
                {side(&sides.right)}
            </tr>
        }
        .into_any()
    };
    rows.into_iter().map(row).collect()
}
