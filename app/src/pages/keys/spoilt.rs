//! What is wrong with single envelopes, and no drift of keys: spoilt values, and nonces that were used twice.

use domain::drift::Damaged;
use domain::inventory::Envelopes;
use domain::proof::NonceReuse;
use leptos::prelude::*;

use crate::components::{Fact, FingerprintCode, StatusWord, Word, visible};
use crate::pages::overview::count;

/// Values whose key is known and that don't open, by their places.
pub fn damage(envelopes: &Envelopes, past: bool) -> AnyView {
    if envelopes.sampled == 0 {
        return view! { <Fact name="Damage"><StatusWord word=Word::Unknown text="nothing was tried" /></Fact> }
            .into_any();
    }
    if envelopes.damaged == 0 {
        return view! { <Fact name="Damage">"none seen"</Fact> }.into_any();
    }
    let word = if past { Word::Unknown } else { Word::Broken };
    let says = count(envelopes.damaged as usize, "value is spoilt", "values are spoilt");
    let rows: Vec<_> = envelopes.damage.iter().map(spoilt).collect();
    let more = more(envelopes.damaged as usize, envelopes.damage.len());
    view! { <Fact name="Damage"><StatusWord word text=says />{rows}{more}</Fact> }.into_any()
}

fn spoilt(damaged: &Damaged) -> AnyView {
    let Damaged { value, what } = damaged;
    let place = format!("{}.{} {}", value.table, value.column, value.id);
    view! { <span class="sub"><bdi class="label">{visible(&place)}</bdi>": "{visible(what)}</span> }.into_any()
}

fn more(all: usize, named: usize) -> Option<AnyView> {
    let more = all.checked_sub(named).filter(|more| *more > 0 && named > 0)?;
    Some(view! { <span class="sub">{format!("and {more} more")}</span> }.into_any())
}

/// One nonce for two values under one key gives away what they have in common, to whoever reads the database.
pub fn nonces(envelopes: &Envelopes, past: bool) -> Option<AnyView> {
    let compared = envelopes.nonces_compared;
    if envelopes.nonces_reused == 0 {
        return (compared > 0)
            .then(|| view! { <Fact name="Nonces">{format!("none used twice, of {compared}")}</Fact> }.into_any());
    }
    let word = if past { Word::Unknown } else { Word::Broken };
    let says = format!("{} used twice, of {compared}", envelopes.nonces_reused);
    let rows: Vec<_> = envelopes.nonce_reuse.iter().map(reused).collect();
    let more = more(envelopes.nonces_reused as usize, envelopes.nonce_reuse.len());
    Some(view! { <Fact name="Nonces"><StatusWord word text=says />{rows}{more}</Fact> }.into_any())
}

fn reused(reuse: &NonceReuse) -> AnyView {
    let places: Vec<_> = reuse
        .values
        .iter()
        .map(|value| format!("{}.{} {}", value.table, value.column, value.id))
        .collect();
    let key = reuse.key.clone();
    view! { <span class="sub"><FingerprintCode fingerprint=key />": "<bdi class="label">{visible(&places.join(", "))}</bdi></span> }.into_any()
}
