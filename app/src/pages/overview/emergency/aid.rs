//! First aid: nothing that could still help is deleted, and it is known whether anybody still writes.

use domain::emergency::{Alarm, Emergency, Writing};
use domain::time::Timestamp;
use leptos::prelude::*;

use super::super::links::Links;
use crate::components::{Advice, Sheet, StatusWord, Word, visible};

/// So many alarms are named; the others are counted.
const NAMED: usize = 4;

#[component]
pub fn FirstAid(emergency: Emergency, now: Timestamp, links: Links) -> impl IntoView {
    let Emergency {
        alarms,
        writing,
        first_aid,
        ..
    } = emergency;
    let more = alarms.len().saturating_sub(NAMED);
    let rows: Vec<_> = alarms.iter().take(NAMED).map(|alarm| row(alarm, &links)).collect();
    let diagnostics = links.to("/diagnostics").to_string();
    let more = (more > 0).then(|| view! { <li><a href=diagnostics>{format!("and {more} more")}</a></li> });
    let (word, says) = (word(&writing), writing.sentence(now));
    view! {
        <Sheet id="first-aid" title="First aid" note="before anything is restored">
            <ul class="alarms">{rows}{more}</ul>
            <p class="writing"><StatusWord word text=label(word) />" "{visible(&says)}</p>
            <Advice steps=first_aid />
        </Sheet>
    }
}

fn row(alarm: &Alarm, links: &Links) -> AnyView {
    let href = match alarm.code.as_str() {
        "live-database-silent" | "nothing-comes-back" => "#sources".to_owned(),
        "key-does-not-open" => links.to("/keys").to_string(),
        code => links.to(&format!("/diagnostics/{code}")).to_string(),
    };
    let title = visible(&alarm.title);
    view! { <li><StatusWord word=Word::Broken />" "<a href=href>{title}</a></li> }.into_any()
}

const fn word(writing: &Writing) -> Word {
    match writing {
        Writing::Likely { .. } => Word::Warning,
        Writing::NotSeen { .. } => Word::Info,
        Writing::Unknown { .. } => Word::Unknown,
    }
}

const fn label(word: Word) -> &'static str {
    match word {
        Word::Warning => "still writing",
        Word::Info => "quiet",
        _ => "unknown",
    }
}
