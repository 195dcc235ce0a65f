//! Which keys open the secrets inside a backup, by trials on its own envelopes.

use domain::inventory::{KeyVersion, Keys};
use domain::key::Fingerprint;
use leptos::prelude::*;
use recovery::overview::{BackupView, DumpReading};

use crate::components::{FingerprintCode, ProofBar, Seen, Sheet, StatusWord, Word, visible};
use crate::pages::overview::{Links, Opens, plain};

#[component]
pub fn OpensWith(seen: BackupView, links: Links) -> impl IntoView {
    let BackupView {
        view, backup, reading, ..
    } = seen;
    let opens = Opens::backup(view.proven.as_ref(), &backup.label);
    let why = match &opens {
        Opens::Unknown { reason } => Some(reason.clone()),
        _ => None,
    };
    let trials = reading
        .as_ref()
        .zip(view.proven.as_ref())
        .map(|(reading, keys)| trials(reading, keys));
    let seen = reading.map(|reading| {
        view! { <Seen at=Some(reading.read_at) now=view.now source=plain(&backup.source) /> }.into_any()
    });
    let seen = seen.unwrap_or_else(|| view! { <span class="seen">"not tried"</span> }.into_any());
    let (word, says) = (opens.word_of_backup(), opens.short());
    view! {
        <Sheet id="opens-with" title="Which keys open it" seen>
            <p><StatusWord word text=says /></p>
            {why.map(|why| view! { <p class="note">{visible(&why)}"."</p> })}
            {trials}
            <p><a href=links.to("/keys").to_string()>"All keys"</a></p>
        </Sheet>
    }
}

/// One row a version, with how many of this dump's envelopes it opened.
fn trials(reading: &DumpReading, keys: &Keys) -> AnyView {
    let of = reading.sampled.saturating_sub(reading.unparsed);
    if of == 0 {
        return view! { <p class="note">"No wrapped value in it could be read as an envelope, so there was nothing to try a key on."</p> }.into_any();
    }
    let mut rows: Vec<_> = keys
        .versions
        .iter()
        .rev()
        .map(|version| version_row(version, reading, of))
        .collect();
    let known = |fingerprint: &Fingerprint| {
        keys.versions
            .iter()
            .any(|version| version.fingerprint.as_ref() == Some(fingerprint))
    };
    let strangers = reading.openings.iter().filter(|(fingerprint, _)| !known(fingerprint));
    rows.extend(strangers.map(|(fingerprint, opened)| stranger_row(fingerprint, *opened, of)));
    view! {
        <table>
            <thead><tr><th scope="col">"Key"</th><th scope="col">"Opens"</th><th scope="col"><span class="visually-hidden">"Verdict"</span></th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn version_row(version: &KeyVersion, reading: &DumpReading, of: u32) -> AnyView {
    let name = format!("Version {}", version.version);
    let opened = reading
        .openings
        .iter()
        .find(|(fingerprint, _)| Some(fingerprint) == version.fingerprint.as_ref());
    let opened = opened.map_or(0, |(_, opened)| *opened);
    let (word, says) = match (version.fingerprint.is_some(), opened) {
        (false, _) => (Word::Unknown, "not read"),
        (true, opened) if opened == of => (Word::Proven, "proven"),
        (true, 0) => (Word::Cancelled, "tried, no"),
        (true, _) => (Word::Broken, "a part"),
    };
    row(&name, version.fingerprint.clone(), opened, of, word, says)
}

/// A key that opened the dump and isn't a version of the manager: the key in use, or one that was pruned since.
fn stranger_row(fingerprint: &Fingerprint, opened: u32, of: u32) -> AnyView {
    row(
        "A key that the manager lacks",
        Some(fingerprint.clone()),
        opened,
        of,
        Word::Missing,
        "not in the manager",
    )
}

fn row(name: &str, fingerprint: Option<Fingerprint>, opened: u32, of: u32, word: Word, says: &'static str) -> AnyView {
    let code = fingerprint.map(|fingerprint| view! { <span class="sub"><FingerprintCode fingerprint /></span> });
    view! {
        <tr>
            <th scope="row"><bdi>{visible(name)}</bdi>{code}</th>
            <td><b>{opened}</b>{format!(" of {of}")}<ProofBar opens=opened of /></td>
            <td><StatusWord word text=says /></td>
        </tr>
    }
    .into_any()
}
