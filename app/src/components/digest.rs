//! The digest of a plan: what people approve, and compare by phone.

use domain::ids::Sha256;
use leptos::prelude::*;

use super::copy::CopyButton;

/// Sixteen groups of four digits; first and last stand out. Selects and copies as one string.
#[component]
pub fn DigestPlate(digest: Sha256) -> impl IntoView {
    let hex = digest.to_string();
    let groups: Vec<_> = hex
        .as_bytes()
        .chunks(4)
        .map(|group| {
            let group = String::from_utf8_lossy(group).into_owned();
            view! { <span>{group}</span><wbr /> }
        })
        .collect();
    view! {
        <div class="plate">
            <code class="digest">{groups}</code>
            <CopyButton text=hex.clone() what="digest" />
        </div>
    }
}

/// The short form, as it stands beside Approve and in the audit log.
#[component]
pub fn DigestCode(digest: Sha256) -> impl IntoView {
    view! { <code class="fingerprint" title=digest.to_string()>{digest.short()}</code> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plate_holds_the_whole_digest_in_order() {
        let digest = Sha256::of(&[b"plan"]);
        let html = view! { <DigestPlate digest /> }.to_html();
        let groups: Vec<_> = html.split("<span>").skip(1).take(16).map(|rest| &rest[..4]).collect();
        assert_eq!(groups.concat(), digest.to_string());
    }
}
