//! The receipt: what it is, and how anyone verifies it without Muster.

use domain::ids::Sha256;
use domain::receipt::{DRILL, Envelope, PAYLOAD_TYPE};
use leptos::prelude::*;
use recovery::drills::StoredDrill;

use crate::components::{CopyButton, Fact, Facts, Sheet, visible};

#[component]
pub fn Receipt(stored: StoredDrill) -> impl IntoView {
    let drill = stored.drill.id;
    let Some(receipt) = stored.receipt else {
        let why = if stored.state.is_over() {
            "The worker had no key to sign with: [signing] receipt_key_file."
        } else {
            "It is signed once the drill is over, whatever its verdict."
        };
        return view! { <Sheet id="receipt" title="Receipt"><p class="note">{why}</p></Sheet> }.into_any();
    };
    let envelope = Envelope::read(receipt.as_bytes()).ok();
    let signed_by = envelope.as_ref().map_or_else(
        || "not readable".to_owned(),
        |envelope| {
            envelope
                .signatures
                .iter()
                .map(|one| one.keyid.clone())
                .collect::<Vec<_>>()
                .join(", ")
        },
    );
    let digest = envelope.and_then(|envelope| envelope.payload().ok());
    let digest = digest.map_or_else(
        || "not readable".to_owned(),
        |payload| Sha256::of(&[&payload]).to_string(),
    );
    let command = format!("muster receipt verify drill-{drill}.dsse.json --key receipt-key.pem.pub");
    let (file, keys) = (format!("/drills/{drill}/receipt"), "/drills/receipt-keys.pem");
    view! {
        <Sheet id="receipt" title="Receipt" note="anyone can verify it without Muster">
            <Facts>
                <Fact name="Statement">"in-toto v1 in a DSSE envelope, Ed25519"<span class="sub label">{DRILL}", "{PAYLOAD_TYPE}</span></Fact>
                <Fact name="Signed by"><code>{visible(&signed_by)}</code><span class="sub">"a hint which key it was; only verifying proves it"</span></Fact>
                <Fact name="Payload digest"><code>{digest}</code></Fact>
            </Facts>
            <pre class="quoted-block" tabindex="0">{command.clone()}</pre>
            <p><CopyButton text=command what="the command" /></p>
            <div class="actions">
                <a class="button" href=file>"Download receipt"</a>
                <a class="button quiet" href=keys>"Public keys"</a>
            </div>
            <p class="note">
                "The key lies beside Muster’s receipt-key.pem, as ….pub. Take it from there, or from whoever keeps it: a key from this console shows only that the console agrees with itself."
            </p>
        </Sheet>
    }
    .into_any()
}
