//! What the keys were tried on: wrapped values, by column and by the key id written inside them, and what is wrong with some of them.

use domain::drift::{Movement, Shares};
use domain::inventory::{ColumnCount, Envelopes, KeyIdCount, Keys};
use leptos::prelude::*;

use super::Proof;
use super::spoilt::{damage, nonces};
use crate::components::{Fact, Facts, Seen, Sheet, StatusWord, Word, visible};

/// Two short tables.
#[component]
pub fn ByColumn(proof: Proof) -> impl IntoView {
    let past = proof.past.is_some();
    let seen = view! { <Seen at=Some(proof.at) now=proof.now source="database" past /> }.into_any();
    let envelopes = &proof.keys.envelopes;
    let rows: Vec<_> = envelopes.columns.iter().map(column).collect();
    let ids: Vec<_> = envelopes.key_ids.iter().map(|id| key_id(id, &proof.keys)).collect();
    let (rotation, damage, nonces) = (
        rotation(envelopes, past),
        damage(envelopes, past),
        nonces(envelopes, past),
    );
    let note = envelopes
        .columns
        .is_empty()
        .then(|| view! { <p class="note">"No wrapped column was read."</p> });
    view! {
        <Sheet id="envelopes" title="Envelopes" seen>
            {note}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Column"</th>
                        <th scope="col" class="num">"Rows"</th>
                        <th scope="col" class="num">"Tried"</th>
                        <th scope="col" class="num">"Unreadable"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Facts>{ids}{rotation}{damage}{nonces}</Facts>
        </Sheet>
    }
}

fn column(count: &ColumnCount) -> impl IntoView + use<> {
    let (table, column) = count.column.rsplit_once('.').unwrap_or(("", &count.column));
    view! {
        <tr>
            <th scope="row"><bdi class="label">{visible(table)}"."<wbr />{visible(column)}</bdi></th>
            <td class="num">{count.rows}</td>
            <td class="num">{count.sampled}</td>
            <td class="num">{count.unparsed}</td>
        </tr>
    }
}

/// The id is plain text in the database: it says which key claims to have wrapped a value, and proves nothing.
fn key_id(count: &KeyIdCount, keys: &Keys) -> impl IntoView + use<> {
    let id = count.key_id.as_ref();
    let name = id.map_or_else(|| "No key id".to_owned(), |id| format!("Key id {id}"));
    let version = keys
        .versions
        .iter()
        .find(|version| id.is_some() && version.key_id.as_ref() == id);
    let in_use = keys
        .in_use
        .as_ref()
        .is_some_and(|in_use| id.is_some() && in_use.key_id.as_ref() == id);
    let whose = match (version, in_use) {
        (Some(version), true) => format!("version {}, the key in use", version.version),
        (Some(version), false) => format!("version {}", version.version),
        (None, true) => "the key in use, not in the manager".into(),
        (None, false) => "of no key that Muster can reach".into(),
    };
    let envelopes = format!("{} envelopes", count.count);
    view! { <Fact name>{envelopes}<span class="sub">{visible(&whose)}</span></Fact> }
}

/// Where several keys are live: how much is of which, and whether that moves.
fn rotation(envelopes: &Envelopes, past: bool) -> Option<AnyView> {
    let shares = envelopes.shares.as_ref().filter(|shares| shares.of.len() > 1)?;
    let (word, says) = match envelopes.movement {
        _ if past => (Word::Unknown, "last known"),
        Some(Movement::Moving) => (Word::Running, "moving"),
        Some(Movement::Stuck) => (Word::Broken, "stuck"),
        None => (Word::Unknown, "not known"),
    };
    let rows: Vec<_> = shares.of.keys().map(|key| share(shares, key)).collect();
    Some(view! { <Fact name="Rotation"><StatusWord word text=says />{rows}</Fact> }.into_any())
}

/// `5b1f0e7c92d4a680: 44.2 %, the newest`.
fn share(shares: &Shares, key: &str) -> AnyView {
    let part = shares.of(key);
    let about = if shares.margin > 0 { "about " } else { "" };
    let newest = if shares.newest == key { ", the newest" } else { "" };
    let says = format!(": {about}{}.{} %{newest}", part / 10_000, part / 1_000 % 10);
    view! { <span class="sub"><code class="label">{visible(key)}</code>{says}</span> }.into_any()
}
