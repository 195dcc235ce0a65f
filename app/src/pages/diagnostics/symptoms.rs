//! The symptom finder: pick what you see, and read what Muster makes of that branch now.

use domain::rules::{Judgement, Silence};
use leptos::prelude::*;
use recovery::findings::Symptom;

use super::rows::address;
use crate::components::{Sheet, StatusWord, Word, visible};
use crate::pages::overview::Links;

/// All symptoms, the picked one first and in full.
#[component]
pub fn Symptoms(symptoms: Vec<Symptom>, asked: Option<String>, links: Links) -> impl IntoView {
    let picked = symptoms.iter().find(|one| Some(one.rule.code) == asked.as_deref());
    let answer = picked.map(|one| answer(one, &links));
    let options: Vec<_> = symptoms
        .iter()
        .map(|one| {
            let selected = Some(one.rule.code) == asked.as_deref();
            view! { <option value=one.rule.code selected=selected>{one.rule.symptom}</option> }
        })
        .collect();
    let rows: Vec<_> = symptoms.iter().map(|one| row(one, &links)).collect();
    let deployment = links.deployment;
    let note = format!("of {deployment}, on what is known now");
    view! {
        <Sheet id="symptoms" title="What do you see?" note>
            <form method="get" action="/diagnostics#symptoms" class="filters">
                <input type="hidden" name="deployment" value=deployment />
                <div class="field wide">
                    <label for="symptom">"Symptom"</label>
                    <select id="symptom" name="symptom">{options}</select>
                </div>
                <button class="button" type="submit">"Check"</button>
            </form>
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

fn said(says: &Judgement) -> (Word, String) {
    match says {
        Ok(Some(found)) => (Word::Broken, found.title.clone()),
        Ok(None) => (Word::Ok, "ruled out".into()),
        Err(Silence::Unknown(reason)) => (Word::Unknown, reason.clone()),
        Err(Silence::Unset(how)) => (Word::Unset, how.clone()),
        Err(Silence::Explained(code)) => (Word::NotRun, format!("explained by {code}")),
    }
}

fn answer(one: &Symptom, links: &Links) -> AnyView {
    let (word, text) = said(&one.says);
    let href = address(&links.deployment, one.rule.code);
    view! {
        <p role="status">
            <StatusWord word />" "<b>{one.rule.title}</b>": "{visible(&text)}" "<a href=href>"Evidence and recovery"</a>
        </p>
    }
    .into_any()
}

fn row(one: &Symptom, links: &Links) -> AnyView {
    let (word, text) = said(&one.says);
    let href = address(&links.deployment, one.rule.code);
    view! {
        <tr data-status=word.status()>
            <th scope="row">{one.rule.symptom}</th>
            <td><a href=href>{one.rule.title}</a></td>
            <td><StatusWord word /><span class="sub">{visible(&text)}</span></td>
        </tr>
    }
    .into_any()
}
