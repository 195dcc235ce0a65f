//! What waits for a person: requests, a key that drifted, sources that broke or fell silent. Most urgent first.

use domain::drift::Verdict;
use domain::inventory::{Keys, Source};
use domain::observation::Known;
use domain::status::Status;
use domain::time::ago;
use recovery::notify::Undelivered;
use recovery::overview::View;

use super::links::Links;
use super::opens::Opens;
use super::text::{count, plain};
use super::waiting::Waiting;
use crate::components::{Call, Word};

/// So many of one sort are listed; the others are counted.
const LISTED: usize = 4;

/// All that waits, for this reader.
#[must_use]
pub fn calls(view: &View, waiting: &[Waiting], undelivered: &[Undelivered], links: &Links) -> Vec<Call> {
    let mut calls = requests(view, waiting, links);
    calls.extend(messages(undelivered, links));
    calls.extend(key(view, links));
    calls.extend(sources(view, links));
    calls.extend(database(view, links));
    // The sort is stable: within one urgency the order above stands.
    calls.sort_by_key(|call| match call.word {
        Word::NeedsYou | Word::WaitsForYou => 0,
        Word::Broken => 1,
        Word::Unknown => 2,
        _ => 3,
    });
    calls
}

fn requests(view: &View, waiting: &[Waiting], links: &Links) -> Vec<Call> {
    let all: Vec<_> = waiting.iter().map(|waiting| waiting.call(links, view.now)).collect();
    let more = all.len().saturating_sub(LISTED);
    let mut calls: Vec<_> = all.into_iter().take(LISTED).collect();
    if more > 0 {
        calls.push(call(
            Word::Waiting,
            "More",
            &format!("{} more", count(more, "request", "requests")),
            "They wait as well.",
            links.to("/requests").to_string(),
            "See all requests",
        ));
    }
    calls
}

/// Who counts on being told has to know that nobody was.
fn messages(undelivered: &[Undelivered], links: &Links) -> Option<Call> {
    let lost: i64 = undelivered.iter().map(|one| one.given_up + one.failing).sum();
    let worst = undelivered.iter().max_by_key(|one| (one.given_up, one.failing))?;
    let title = format!(
        "{} did not reach anybody",
        count(usize::try_from(lost).unwrap_or(usize::MAX), "message", "messages")
    );
    let text = format!(
        "{}: {}. `muster notify test` tries it.",
        plain(&worst.channel),
        plain(&worst.said)
    );
    let action = "See what is found";
    Some(call(
        Word::Broken,
        "Fix today",
        &title,
        &text,
        links.to("/diagnostics").to_string(),
        action,
    ))
}

fn key(view: &View, links: &Links) -> Option<Call> {
    let what_to_do = format!("{}#what-to-do", links.to("/keys"));
    let known = view.keys.known(view.now);
    let opens = Opens::live(view);
    let (Some(keys), false) = (known.fresh(), matches!(opens, Opens::Unknown { .. })) else {
        let Opens::Unknown { reason } = opens else { return None };
        let text = format!("{}.", plain(&reason));
        return Some(call(
            Word::Unknown,
            "Cannot tell",
            "Whether the key opens it is not known",
            &text,
            links.to("/keys").to_string(),
            "See why",
        ));
    };
    let (title, text) = cure(keys, &opens)?;
    Some(call(
        Word::Broken,
        "Fix today",
        &title,
        &text,
        what_to_do,
        "See what to do",
    ))
}

/// What cures the drift, and what happens to those who leave it.
fn cure(keys: &Keys, opens: &Opens) -> Option<(String, String)> {
    let in_use = keys.in_use.as_ref().and_then(|in_use| in_use.fingerprint.as_ref());
    let in_use = in_use.map_or_else(|| "a key".to_owned(), domain::key::Fingerprint::short);
    let pair = |title: String, text: String| Some((title, text));
    match opens {
        Opens::Current { .. } | Opens::Rotating | Opens::Expected { .. } | Opens::Unknown { .. } => None,
        Opens::Locked { with_ampora: true, .. } => pair(
            "Bring the key in use into the secret manager".into(),
            format!("Ampora runs with {in_use}, which the manager lacks. If its host goes, the key goes with it."),
        ),
        Opens::Locked { opens, of, .. } => pair(
            "Find the key that opens the secrets".into(),
            format!(
                "The secret manager opens {opens} of {of} sampled envelopes. What stays locked is lost for good if no one has the key."
            ),
        ),
        Opens::Other { version, .. } if keys.verdict == Verdict::ManagerBehind => pair(
            format!("Make version {version} the current one"),
            "The secret manager points at an older key. Whoever recovers with the current version opens nothing."
                .into(),
        ),
        Opens::Other { version, .. } => pair(
            "Finish the rotation of the key".into(),
            format!("The manager was rotated, Ampora wasn’t: only version {version} opens what is live."),
        ),
        Opens::Several => pair(
            "Finish the rotation of the key".into(),
            "Envelopes of several keys are live. Until one key is left, a recovery needs all of them.".into(),
        ),
    }
}

fn sources(view: &View, links: &Links) -> Vec<Call> {
    let sources = &view.inventory.sources;
    if sources.is_empty() {
        let text = "Without one, nothing can be said of what would come back.";
        return vec![call(
            Word::Unknown,
            "Cannot tell",
            "No source of backups is configured",
            text,
            "#sources".into(),
            "See sources",
        )];
    }
    let not_ok: Vec<_> = sources.iter().filter(|source| source.status != Status::Ok).collect();
    let more = not_ok.len().saturating_sub(LISTED);
    let mut calls: Vec<_> = not_ok
        .into_iter()
        .take(LISTED)
        .map(|source| silent(view, source, links))
        .collect();
    if more > 0 {
        let title = format!("{} more", count(more, "source", "sources"));
        calls.push(call(
            Word::Unknown,
            "Cannot tell",
            &title,
            "They are not ok either.",
            "#sources".into(),
            "See sources",
        ));
    }
    calls
}

fn silent(view: &View, source: &Source, links: &Links) -> Call {
    let href = links.to("/backups").with("source", source.name.clone()).to_string();
    let name = plain(&source.name);
    let detail = plain(&source.detail);
    if source.status == Status::Broken {
        return call(
            Word::Broken,
            "Fix today",
            &format!("{name} is not good"),
            &format!("{detail}."),
            href,
            "See backups",
        );
    }
    let last = match source.observed_at {
        Some(at) => format!("Last read {}.", ago(at, view.now)),
        None => "It was never read.".into(),
    };
    call(
        Word::Unknown,
        "Cannot tell",
        &format!("{name} can’t be read"),
        &format!("{detail}. {last}"),
        href,
        "See backups",
    )
}

fn database(view: &View, links: &Links) -> Option<Call> {
    let Known::Unknown { reason, .. } = view.vitals.known(view.now) else {
        return None;
    };
    let text = format!(
        "{}. How much a restore would lose can’t be told without it.",
        plain(&reason)
    );
    let href = links.to("/").to_string() + "#sources";
    Some(call(
        Word::Unknown,
        "Cannot tell",
        "The live database can’t be read",
        &text,
        href,
        "See sources",
    ))
}

fn call(word: Word, urgency: &str, title: &str, text: &str, href: String, action: &str) -> Call {
    Call {
        word,
        urgency: urgency.into(),
        title: title.into(),
        text: text.into(),
        href,
        action: action.into(),
    }
}
