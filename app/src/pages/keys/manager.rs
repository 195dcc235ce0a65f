//! What the secret manager says of the secret itself, and its copies elsewhere. A copy counts by its fingerprint: that a manager calls it
//! in step is its word.

use domain::custody::{ManagedCopy, Protection, Rotation, Secret};
use domain::inventory::Replica;
use domain::status::Status;
use domain::time::Timestamp;
use leptos::prelude::*;

use super::Proof;
use crate::components::{Fact, Facts, FingerprintCode, Moment, Seen, Sheet, StatusWord, Word, visible};

/// Rotation, protection, a deletion that is scheduled, and what else should be known.
#[component]
pub fn Manager(proof: Proof) -> impl IntoView {
    let past = proof.past.is_some();
    let seen = view! { <Seen at=Some(proof.at) now=proof.now source="secret manager" past /> }.into_any();
    let name = proof.keys.versions.first().map(|version| version.manager.clone());
    let name = name.map(|name| view! { <Fact name="Manager"><bdi>{visible(&name)}</bdi></Fact> });
    let said = match &proof.keys.secret {
        Some(secret) => facts(secret, past, proof.now),
        None => view! {
            <Fact name="Settings"><StatusWord word=Word::Unknown /><span class="sub">"The manager did not describe the secret."</span></Fact>
        }
        .into_any(),
    };
    view! { <Sheet id="manager" title="Secret manager" seen><Facts>{name}{said}</Facts></Sheet> }
}

fn facts(secret: &Secret, past: bool, now: Timestamp) -> AnyView {
    let deletion = deletion(secret.gone_at, past, now);
    let protection = protection(&secret.protection, past);
    let rotation = rotation(&secret.rotation, past, now);
    let remarks = secret.remarks.iter().map(|remark| visible(remark));
    let remarks: Vec<_> = remarks
        .map(|remark| view! { <Fact name="Remark">{remark}</Fact> })
        .collect();
    view! {
        {deletion}
        <Fact name="Deletion protection">{protection}</Fact>
        <Fact name="Rotation">{rotation}</Fact>
        {remarks}
    }
    .into_any()
}

/// The whole secret is about to go: nothing on this page matters more.
fn deletion(gone_at: Option<Timestamp>, past: bool, now: Timestamp) -> AnyView {
    match gone_at {
        Some(at) => {
            let word = if past { Word::Unknown } else { Word::Broken };
            view! {
                <Fact name="Scheduled deletion">
                    <StatusWord word text="the whole secret goes" />" "<b><Moment at now /></b>
                    <span class="sub">"Have that undone in the manager first: every backup needs a key of this secret."</span>
                </Fact>
            }
            .into_any()
        }
        None => view! { <Fact name="Scheduled deletion">"none that the manager tells of"</Fact> }.into_any(),
    }
}

fn protection(protection: &Protection, past: bool) -> AnyView {
    let (word, text, why) = match protection {
        Protection::Protected { how } => (Word::Ok, "protected", how),
        Protection::Unprotected { why } => (Word::Warning, "not protected", why),
        Protection::Unknown { why } => (Word::Unknown, "unknown", why),
    };
    let word = if past { Word::Unknown } else { word };
    view! { <StatusWord word text /><span class="sub">{visible(why)}</span> }.into_any()
}

/// A manager that changes the secret by itself makes a version that Ampora doesn't use.
fn rotation(rotation: &Rotation, past: bool, now: Timestamp) -> AnyView {
    let warning = if past { Word::Unknown } else { Word::Warning };
    let words = rotation.words(now);
    match rotation {
        Rotation::On { .. } => view! {
            <StatusWord word=warning text="on" /><span class="sub">{visible(&words)}</span>
            <span class="sub">"The manager then changes the key by itself, and Ampora doesn’t follow."</span>
        }
        .into_any(),
        Rotation::Unknown => view! { <StatusWord word=Word::Unknown /> }.into_any(),
        Rotation::Off | Rotation::Unsupported => visible(&words).into_any(),
    }
}

/// Copies in other places: first those that were compared, then those that only the manager knows of.
#[component]
pub fn Replicas(proof: Proof) -> impl IntoView {
    let past = proof.past.is_some();
    let told = proof.keys.secret.iter().flat_map(|secret| &secret.copies);
    let replicas = &proof.keys.replicas;
    let unlisted = told.filter(|copy| !replicas.iter().any(|replica| replica.name == copy.place));
    let rows: Vec<_> = replicas
        .iter()
        .map(|replica| row(replica, past))
        .chain(unlisted.map(copy))
        .collect();
    let seen = view! { <Seen at=Some(proof.at) now=proof.now source="replicas" past /> }.into_any();
    if rows.is_empty() {
        return view! {
            <Sheet id="replicas" title="Copies elsewhere">
                <p class="note">
                    "No copy is configured. If the manager is lost with the site, so is the key: name copies under replicas of [deployment.master_key]."
                </p>
            </Sheet>
        }
        .into_any();
    }
    view! {
        <Sheet id="replicas" title="Copies elsewhere" note="compared by fingerprint" seen>
            <table>
                <thead><tr><th scope="col">"Place"</th><th scope="col">"Its current key"</th><th scope="col">"Says"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Sheet>
    }
    .into_any()
}

fn row(replica: &Replica, past: bool) -> AnyView {
    let status = if past { Status::Unknown } else { replica.status };
    let code = replica
        .fingerprint
        .clone()
        .map(|fingerprint| view! { <FingerprintCode fingerprint /> });
    let code = match code {
        Some(code) => code.into_any(),
        None => view! { <span class="note">"not read"</span> }.into_any(),
    };
    let version = replica
        .version
        .as_ref()
        .map(|name| view! { <span class="sub">"version "<bdi>{visible(name)}</bdi></span> });
    view! {
        <tr data-status=Word::from(status).status()>
            <th scope="row"><bdi>{visible(&replica.name)}</bdi></th>
            <td>{code}{version}</td>
            <td><StatusWord word=status /><span class="sub">{visible(&replica.detail)}</span></td>
        </tr>
    }
    .into_any()
}

fn copy(copy: &ManagedCopy) -> AnyView {
    view! {
        <tr data-status="unknown">
            <th scope="row"><bdi>{visible(&copy.place)}</bdi></th>
            <td><span class="note">"not read"</span></td>
            <td><StatusWord word=Word::Unknown text="not compared" /><span class="sub">{visible(&copy.detail)}</span></td>
        </tr>
    }
    .into_any()
}
