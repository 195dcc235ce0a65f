//! What a restore lost and revived, and how what came back compares; what was revived is a list to be worked off.

use domain::gap::{Comparison, GapReport, LOSS_REMEDY, Outcome};
use domain::role::Action;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::runs::ReportLine;

use crate::components::{Facts, Moment, QuotedText, Sheet, StatusWord, Word, visible};
use crate::pages::overview::count;
use crate::pages::requests::plan::Loss;
use crate::pages::standing::Reader;

/// The section below the run.
#[component]
pub fn GapSheet(number: i64, report: GapReport, lines: Vec<ReportLine>, reader: Reader) -> impl IntoView {
    let now = reader.now;
    let note = standing(&report, &lines);
    let compared: Vec<_> = report.comparisons.iter().map(comparison).collect();
    let compared = (!compared.is_empty()).then(|| {
        view! {
            <table>
                <thead><tr><th scope="col">"Compared"</th><th scope="col" class="c3">"Last known"</th><th scope="col" class="c2">"Came back"</th><th scope="col">"So"</th></tr></thead>
                <tbody>{compared}</tbody>
            </table>
        }
    });
    let revived = report.revived.clone().into_iter().enumerate();
    let revived: Vec<_> = revived
        .map(|(index, one)| {
            let settled = lines.iter().find(|settled| settled.line == index).cloned();
            line((number, index), &one.sentence(), one.kind.remedy(), settled, &reader)
        })
        .collect();
    let loss = report.loss_line().map(|index| {
        let settled = lines.iter().find(|settled| settled.line == index).cloned();
        line((number, index), &report.loss_sentence(), LOSS_REMEDY, settled, &reader)
    });
    let some = report.lines() > 0;
    let json = format!("/requests/{number}/gap.json");
    view! {
        <Sheet id="gap" title="What it lost, and what came back to life" note>
            <Facts><Loss loss=report.lost name="Lost" now /></Facts>
            {compared}
            {some.then(|| view! { <ol class="checklist">{revived}{loss}</ol> })}
            <p class="note">"Measured "<Moment at=report.measured_at now />", right before. "<a href=json download>"Download the report"</a></p>
        </Sheet>
    }
}

/// What is open, and whom it keeps waiting.
fn standing(report: &GapReport, settled: &[ReportLine]) -> String {
    let open = |lines: usize| {
        (0..lines)
            .filter(|index| settled.iter().all(|one| one.line != *index))
            .count()
    };
    match (report.lines(), open(report.lines()), open(report.revived.len())) {
        (0, ..) => "no audit event is lost, and nothing came back to life".into(),
        (_, 0, _) => "every line is settled".into(),
        (_, open, 0) => format!("{} open", count(open, "line", "lines")),
        (_, open, _) => format!(
            "{} open: Ampora stays away from its agents until what came back to life is settled",
            count(open, "line", "lines")
        ),
    }
}

fn comparison(one: &Comparison) -> impl IntoView + use<> {
    let (word, text) = match one.outcome {
        Outcome::Same => (Word::Ok, "as before"),
        Outcome::Rewound => (Word::Warning, "earlier"),
        Outcome::Broken => (Word::Broken, "act"),
        Outcome::Unknown => (Word::Unknown, "unknown"),
    };
    view! {
        <tr>
            <th scope="row">
                {one.what.clone()}
                <span class="sub when-narrow">"last known "<span class="label">{visible(&one.known)}</span></span>
                <span class="sub when-phone">"came back "<span class="label">{visible(&one.found)}</span></span>
            </th>
            <td class="c3">{visible(&one.known)}</td>
            <td class="c2">{visible(&one.found)}</td>
            <td><StatusWord word text=text />" "{visible(&one.detail)}</td>
        </tr>
    }
}

fn line(
    (number, index): (i64, usize),
    sentence: &str,
    remedy: &'static str,
    settled: Option<ReportLine>,
    reader: &Reader,
) -> AnyView {
    let end = match settled {
        Some(settled) => ended(settled, reader.now),
        None => form(number, index, reader),
    };
    view! {
        <li>
            {visible(sentence)}
            <span class="sub">{remedy}</span>
            {end}
        </li>
    }
    .into_any()
}

fn ended(settled: ReportLine, now: Timestamp) -> AnyView {
    let text = if settled.waived { "waived" } else { "done" };
    view! {
        <p class="note">
            <StatusWord word=Word::Done text=text />" by "<bdi>{visible(&settled.by_name)}</bdi>" "<Moment at=settled.at now />": "
            <QuotedText text=settled.note />
        </p>
    }
    .into_any()
}

fn form(number: i64, index: usize, reader: &Reader) -> AnyView {
    let rules = reader.policy.roles;
    let (may_do, may_waive) = (
        reader.actor.may(Action::Run, rules).is_ok(),
        reader.actor.may(Action::Decide, rules).is_ok(),
    );
    if !may_do && !may_waive {
        return view! { <p class="note">"Open. Operators settle it; approvers may waive it."</p> }.into_any();
    }
    let (done, waive) = (
        format!("/requests/{number}/gap/{index}/done"),
        format!("/requests/{number}/gap/{index}/waive"),
    );
    let action = done.clone();
    view! {
        <form method="post" action=action class="actions">
            <label class="field"><span class="visually-hidden">"Note"</span><input name="note" required placeholder="How, or why not" /></label>
            {may_do.then(|| view! { <button class="button tiny" type="submit" formaction=done>"Done"</button> })}
            {may_waive.then(|| view! { <button class="button tiny" type="submit" formaction=waive>"Waive"</button> })}
        </form>
    }
    .into_any()
}
