//! Each key with what it opens: the key in use first, then the manager's versions, the newest first.

use domain::inventory::{Envelopes, InUse, KeyVersion};
use domain::key::Fingerprint;
use domain::time::Timestamp;
use leptos::prelude::*;

use super::Proof;
use super::state::{judge, kept};
use crate::components::{Blank, FingerprintCode, Moment, ProofBar, Seen, Sheet, StatusWord, Word, visible};
use crate::pages::overview::Links;

/// The table.
#[component]
pub fn Versions(proof: Proof, links: Links, #[prop(optional_no_strip)] cannot: Option<String>) -> impl IntoView {
    let note = summary(&proof.keys.envelopes);
    let past = proof.past.is_some();
    let seen = view! { <Seen at=Some(proof.at) now=proof.now source="master key, database" past /> }.into_any();
    let empty = proof.keys.versions.is_empty();
    let in_use = proof.keys.in_use.iter().map(|in_use| in_use_row(in_use, past));
    let versions = proof.keys.versions.iter().rev();
    let versions = versions.map(|version| version_row(version, &proof, &links, cannot.as_deref()));
    let rows: Vec<_> = in_use.chain(versions).collect();
    view! {
        <Sheet id="versions" title="Which key opens what is live" note seen>
            {empty.then(|| view! {
                <Blank title="No version was read">"Muster could list no version of the key: without one nothing can be tried."</Blank>
            })}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Key"</th>
                        <th scope="col" class="c2">"Fingerprint"</th>
                        <th scope="col">"Opens"</th>
                        <th scope="col" class="c2">"State"</th>
                        <th scope="col" class="c3">"Kept"</th>
                        <th scope="col" class="c3">"Created"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {cannot.map(|why| view! { <p class="note" id="cannot-request">{why}</p> })}
        </Sheet>
    }
}

fn summary(envelopes: &Envelopes) -> String {
    let Envelopes {
        sampled,
        opened,
        unparsed,
        ..
    } = envelopes;
    match sampled {
        0 => "no envelope was tried".into(),
        _ => format!("{sampled} envelopes tried, {opened} open, {unparsed} not readable as envelopes"),
    }
}

fn in_use_row(in_use: &InUse, past: bool) -> AnyView {
    let (word, says) = match (&in_use.version, &in_use.fingerprint) {
        (Some(version), _) => (Word::Ok, format!("is version {version}")),
        (None, Some(_)) => (Word::Missing, "not in the manager".into()),
        (None, None) => (Word::Unknown, "not read".into()),
    };
    let (word, says) = if past {
        (Word::Unknown, format!("last known: {says}"))
    } else {
        (word, says)
    };
    let previous = in_use.previous_set.then(|| {
        view! { <span class="sub"><StatusWord word=Word::Warning text="PreviousMasterKey is still set: a rotation isn’t ended" /></span> }
    });
    let (source, detail) = (visible(&in_use.source), remark(&in_use.detail));
    view! {
        <tr data-status=word.status()>
            <th scope="row">
                "Key in use"
                {short_fingerprint(in_use.fingerprint.as_ref(), "sub when-phone")}
                <span class="sub"><bdi>{source}</bdi></span>
                {previous}
                {detail}
            </th>
            <td class="c2">{fingerprint(in_use.fingerprint.as_ref())}</td>
            <td>{opens(in_use.opens, in_use.of, past)}</td>
            <td class="c2"><StatusWord word text=says /></td>
            <td class="c3"></td>
            <td class="c3">"not recorded"</td>
            <td></td>
        </tr>
    }
    .into_any()
}

fn version_row(version: &KeyVersion, proof: &Proof, links: &Links, cannot: Option<&str>) -> AnyView {
    let (word, says) = judge(version, proof.past.is_some());
    let status = match word {
        Word::Unset => "ok",
        Word::Warning => "unknown",
        word => word.status(),
    };
    let id = format!("version-{}", hex(&version.version));
    let (created_at, created_on_phone) = (
        created(version.created_at, proof.now),
        created(version.created_at, proof.now),
    );
    let (manager, detail) = (visible(&version.manager), remark(&version.detail));
    let on_phone = says.clone();
    let (keep, keep_on_phone) = (kept(version, proof.now), kept(version, proof.now));
    let labels = labels(version);
    let opened = match version.state.as_str() {
        "disabled" | "deleted" | "destroyed" => view! { <span class="note">"can’t be had"</span> }.into_any(),
        _ => opens(version.opens, version.of, proof.past.is_some()),
    };
    view! {
        <tr data-status=status>
            <th scope="row">
                <span id=id.clone()>"Version "<bdi>{visible(&version.version)}</bdi></span>
                {short_fingerprint(version.fingerprint.as_ref(), "sub when-phone")}
                <span class="sub when-phone">{on_phone}</span>
                <span class="sub when-narrow">{keep_on_phone}", created "{created_on_phone}</span>
                <span class="sub"><bdi>{manager}</bdi>{labels}</span>
                {detail}
            </th>
            <td class="c2">{fingerprint(version.fingerprint.as_ref())}</td>
            <td>{opened}</td>
            <td class="c2"><StatusWord word text=says /></td>
            <td class="c3">{keep}</td>
            <td class="c3">{created_at}</td>
            <td class="num">{request(version, id, links, cannot)}</td>
        </tr>
    }
    .into_any()
}

fn remark(text: &str) -> Option<AnyView> {
    (!text.is_empty()).then(|| view! { <span class="sub">{visible(text)}</span> }.into_any())
}

/// Labels of the manager, such as `AWSPREVIOUS`.
fn labels(version: &KeyVersion) -> Option<AnyView> {
    let labels: Vec<_> = version
        .labels
        .iter()
        .map(|label| view! { " "<code class="label"><bdi>{visible(label)}</bdi></code> })
        .collect();
    (!labels.is_empty()).then(|| view! { ", labelled"{labels} }.into_any())
}

fn created(at: Option<Timestamp>, now: Timestamp) -> AnyView {
    at.map_or_else(|| "not known".into_any(), |at| view! { <Moment at now /> }.into_any())
}

fn fingerprint(fingerprint: Option<&Fingerprint>) -> AnyView {
    match fingerprint {
        Some(fingerprint) => view! { <FingerprintCode fingerprint=fingerprint.clone() /> }.into_any(),
        None => view! { <span class="note">"not read"</span> }.into_any(),
    }
}

fn short_fingerprint(fingerprint: Option<&Fingerprint>, class: &'static str) -> Option<AnyView> {
    let fingerprint = fingerprint?.clone();
    Some(view! { <span class=class><FingerprintCode fingerprint /></span> }.into_any())
}

/// The bar is left out of what is only last known: it would look like a proof.
fn opens(opens: Option<u32>, of: Option<u32>, past: bool) -> AnyView {
    match opens.zip(of) {
        Some((opens, of)) if past => view! { <b>{opens}</b>{format!(" of {of}, last known")} }.into_any(),
        Some((opens, of)) => view! { <b>{opens}</b>{format!(" of {of}")}<ProofBar opens of /> }.into_any(),
        None => view! { <StatusWord word=Word::NotRun text="not tried" /> }.into_any(),
    }
}

/// A way to ask for this version. What can't be read can't be asked for.
fn request(version: &KeyVersion, describes: String, links: &Links, cannot: Option<&str>) -> AnyView {
    if !matches!(version.fingerprint, Some(Fingerprint::Keyed(_))) {
        return ().into_any();
    }
    if cannot.is_some() {
        return view! { <button class="button tiny" type="button" disabled=true aria-describedby="cannot-request">"Request key"</button> }.into_any();
    }
    let (deployment, name) = (links.deployment.clone(), version.version.clone());
    view! {
        <form method="get" action="/requests/new">
            <input type="hidden" name="kind" value="retrieve-key" />
            <input type="hidden" name="deployment" value=deployment />
            <input type="hidden" name="version" value=name />
            <button class="button tiny" type="submit" aria-describedby=describes>"Request key"</button>
        </form>
    }
    .into_any()
}

/// Names of versions come from outside; as hex they make an id.
fn hex(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}
