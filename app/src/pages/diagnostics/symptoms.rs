//! The symptom finder: pick what you see, and Muster reads what that branch turns on, now.

use domain::finding::{Rival, State};
use domain::rules::{Judgement, Rule, Silence};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::findings::{CheckStep, Symptom};

use super::{rows, rule};
use crate::components::{Moment, Sheet, StatusWord, Word, visible};
use crate::pages::overview::Links;

/// What somebody picked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub rule: Option<Rule>,
    /// What is read for it since; empty: nobody asked.
    pub progress: Vec<CheckStep>,
    /// Whether whoever looks may have it read.
    pub may: bool,
}

/// The finder, what it found, and all symptoms.
#[component]
pub fn Symptoms(symptoms: Vec<Symptom>, asked: Asked, links: Links, now: Timestamp) -> impl IntoView {
    let code = asked.rule.map(|rule| rule.code);
    let picked = symptoms.iter().find(|one| Some(one.rule.code) == code);
    let answer = picked.map(|one| answer(one, &asked.progress, &links, now));
    let form = form(&symptoms, &asked, &links);
    let mut gravest: Vec<_> = symptoms.iter().collect();
    gravest.sort_by_key(|one| gravity(&one.says));
    let rows: Vec<_> = gravest.into_iter().map(|one| row(one, &links)).collect();
    let note = format!("of {}", links.deployment);
    view! {
        <Sheet id="symptoms" title="What do you see?" note>
            {form}
            {answer}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Symptom"</th>
                        <th scope="col">"Cause"</th>
                        <th scope="col">"Now"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Sheet>
    }
}

/// Those who may have it read do so; others see what is known already.
fn form(symptoms: &[Symptom], asked: &Asked, links: &Links) -> AnyView {
    let options: Vec<_> = symptoms
        .iter()
        .map(|one| {
            let selected = asked.rule.is_some_and(|rule| rule.code == one.rule.code);
            view! { <option value=one.rule.code selected=selected>{one.rule.symptom}</option> }
        })
        .collect();
    let (method, action, button) = if asked.may {
        ("post", "/diagnostics/check", "Check now")
    } else {
        ("get", "/diagnostics#symptoms", "Show what is known")
    };
    let deployment = links.deployment.clone();
    view! {
        <form method=method action=action class="filters">
            <input type="hidden" name="deployment" value=deployment />
            <div class="field wide">
                <label for="symptom">"Symptom"</label>
                <select id="symptom" name="symptom">{options}</select>
            </div>
            <button class="button" type="submit">{button}</button>
        </form>
    }
    .into_any()
}

/// What is there comes first, then what can't be told; what is ruled out needs no reading.
const fn gravity(says: &Judgement) -> u8 {
    match says {
        Ok(Some(_)) => 0,
        Err(Silence::Explained(_)) => 1,
        Err(Silence::Unknown(_)) => 2,
        Err(Silence::Unset(_)) => 3,
        Ok(None) | Err(Silence::Agreed(_)) => 4,
    }
}

fn said(says: &Judgement) -> (Word, String) {
    match says {
        Ok(Some(found)) => (rows::word(State::Open, found.severity), found.title.clone()),
        Ok(None) => (Word::Ok, "ruled out".into()),
        Err(Silence::Agreed(how)) => (Word::Ok, format!("agreed to: {how}")),
        Err(Silence::Unknown(reason)) => (Word::Unknown, reason.clone()),
        Err(Silence::Unset(how)) => (Word::Unset, how.clone()),
        Err(Silence::Explained(code)) => (Word::NotRun, format!("explained by {code}")),
    }
}

fn answer(one: &Symptom, progress: &[CheckStep], links: &Links, now: Timestamp) -> AnyView {
    let (word, text) = said(&as_read_now(&one.says, progress));
    let href = rows::address(&links.deployment, one.rule.code);
    let left = progress.iter().filter(|step| !step.done).count();
    let verdict = if left > 0 {
        let reading = format!(
            "{left} of {} are still being read; this is what was known before.",
            progress.len()
        );
        view! { <p role="status"><StatusWord word=Word::Running />" "{reading}</p> }.into_any()
    } else {
        ().into_any()
    };
    let rivals = match &one.says {
        Ok(Some(found)) => ruled_out(&found.rivals),
        _ => ().into_any(),
    };
    view! {
        {verdict}
        <p role="status">
            <StatusWord word />" "<b>{one.rule.title}</b>": "{visible(&text)}". "
            <a href=href>"Evidence and recovery"</a>" "<a href=rule::address(one.rule.code)>"About this rule"</a>
        </p>
        {rivals}
        {steps(progress, now)}
    }
    .into_any()
}

/// Who asks for a look now isn't content with an earlier reading where that look brought nothing: it rules out nothing.
fn as_read_now(says: &Judgement, progress: &[CheckStep]) -> Judgement {
    let failed = progress.iter().filter(|step| step.done);
    let mut failed = failed.filter_map(|step| Some((&step.what, step.failure.as_ref()?)));
    match (says, failed.next()) {
        (Ok(None), Some((what, why))) => Err(Silence::Unknown(format!(
            "{what} could not be read now: {why}; an earlier reading fits no such cause"
        ))),
        _ => says.clone(),
    }
}

/// Causes of the same symptom that it isn't.
fn ruled_out(rivals: &[Rival]) -> AnyView {
    let rivals: Vec<_> = rivals
        .iter()
        .map(|one| view! { <li><s>{visible(&one.cause)}</s>": "{visible(&one.ruled_out)}</li> })
        .collect();
    view! { <p>"Ruled out:"</p><ul>{rivals}</ul> }.into_any()
}

/// What was read for the answer, and what is still to come.
fn steps(progress: &[CheckStep], now: Timestamp) -> AnyView {
    if progress.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = progress
        .iter()
        .map(|step| {
            let word = match (step.done, &step.failure) {
                (false, _) => Word::Running,
                (true, Some(_)) => Word::Unknown,
                (true, None) => Word::Ok,
            };
            let text = match word {
                Word::Running => "being read",
                Word::Unknown => "could not be read",
                _ => "read",
            };
            let why = step.failure.as_ref().filter(|_| step.done);
            let why = why.map(|why| view! { <span class="sub">{visible(why)}</span> });
            let at = step.looked_at.map(|at| view! { <Moment at now /> });
            view! {
                <tr data-status=word.status()>
                    <th scope="row">{visible(&step.what)}</th>
                    <td><StatusWord word text />{why}</td>
                    <td>{at}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <table>
            <thead>
                <tr><th scope="col">"Read for it"</th><th scope="col">"Now"</th><th scope="col">"Last looked at"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(one: &Symptom, links: &Links) -> AnyView {
    let (word, text) = said(&one.says);
    let href = rows::address(&links.deployment, one.rule.code);
    view! {
        <tr data-status=word.status()>
            <th scope="row">{one.rule.symptom}</th>
            <td><a href=href>{one.rule.title}</a></td>
            <td><StatusWord word /><span class="sub">{visible(&text)}</span></td>
        </tr>
    }
    .into_any()
}
