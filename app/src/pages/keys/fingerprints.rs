//! Whole fingerprints, to be compared with another manager, by copying or by phone.

use domain::key::Fingerprint;
use leptos::prelude::*;

use super::Proof;
use crate::components::{CopyButton, Sheet, visible};

/// Each key's fingerprint in groups of four.
#[component]
pub fn Whole(proof: Proof) -> impl IntoView {
    let in_use = proof
        .keys
        .in_use
        .as_ref()
        .and_then(|in_use| Some(("Key in use".to_owned(), in_use.fingerprint.clone()?)));
    let versions = proof.keys.versions.iter().rev().filter_map(|version| {
        let name = format!("Version {}", version.version);
        Some((name, version.fingerprint.clone()?))
    });
    let rows: Vec<_> = in_use
        .into_iter()
        .chain(versions)
        .map(|(name, fingerprint)| row(&name, &fingerprint))
        .collect();
    (!rows.is_empty()).then(|| view! {
        <Sheet id="fingerprints" title="Fingerprints" note="Equal keys have equal ones, in every manager and deployment.">
            <dl class="facts">{rows}</dl>
        </Sheet>
    })
}

fn row(name: &str, fingerprint: &Fingerprint) -> impl IntoView + use<> {
    let copy = match fingerprint {
        Fingerprint::Keyed(hex) => Some(view! { <CopyButton text=hex.clone() what="fingerprint" /> }),
        Fingerprint::Weak | Fingerprint::Unread => None,
    };
    let text = grouped(fingerprint);
    view! {
        <div>
            <dt><bdi>{visible(name)}</bdi></dt>
            <dd class="actions"><code>{text}</code>{copy}</dd>
        </div>
    }
}

/// Groups of four digits; a key that could be guessed has no fingerprint.
fn grouped(fingerprint: &Fingerprint) -> String {
    match fingerprint {
        Fingerprint::Weak => "none: this key could be guessed, and a fingerprint would confirm the guess".into(),
        Fingerprint::Unread => "none: this key wasn’t read".into(),
        Fingerprint::Keyed(hex) => {
            let digits: Vec<_> = hex.chars().collect();
            let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
            groups.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_and_none_is_lost() {
        let hex = "c41e5f0600112233445566778899aabb";
        let text = grouped(&Fingerprint::Keyed(hex.into()));
        assert!(text.starts_with("c41e 5f06 0011"), "{text}");
        assert_eq!(text.replace(' ', ""), hex);
        assert!(!grouped(&Fingerprint::Weak).contains("weak "));
    }
}
