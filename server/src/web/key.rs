//! The one answer that holds a key. A page without a script, kept nowhere, gone after a minute.

use app::pages::{Notice, notice};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, REFRESH};
use axum::response::{IntoResponse as _, Response};
use domain::ids::ChallengeId;
use domain::key::JOIN_RECIPE;
use recovery::runs::{self, Revealed, SealedShare};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Web;
use super::answer::Refused;
use super::people::Caller;

/// Seconds until the page leaves by itself.
const SHOWN: u32 = 60;
const CLEAR: HeaderName = HeaderName::from_static("clear-site-data");

/// `POST /requests/{number}/reveal/{challenge}`
pub async fn reveal(
    State(web): State<Web>,
    caller: Caller,
    Path((number, challenge)): Path<(i64, Uuid)>,
) -> Result<Response, Refused> {
    let back = format!("/requests/{number}");
    let revealed = runs::reveal(
        &web.services,
        &caller.actor,
        caller.session,
        number,
        ChallengeId(challenge),
    )
    .await;
    let revealed = revealed.map_err(|error| Refused::by(&web, &error, (&back, "Back to the request")))?;
    let (title, paragraphs, blocks) = said(&revealed);
    let page = Notice {
        site_pkg_dir: web.leptos.site_pkg_dir.to_string(),
        title: title.into(),
        paragraphs,
        back: Some((back.clone(), "Done".into())),
    };
    // Put in behind the rendering, so that the page's own machinery never holds a copy.
    let place = Zeroizing::new(format!("{}</section>", blocks.as_str()));
    let document = Zeroizing::new(notice(page).replacen("</section>", &place, 1).into_bytes());
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CACHE_CONTROL, "no-store, max-age=0".to_owned()),
        (REFRESH, format!("{SHOWN}; url={back}")),
        (CLEAR, "\"cache\"".to_owned()),
    ];
    // Wiped when it was sent. What the connection copied isn't ours to wipe.
    Ok((headers, Bytes::from_owner(document)).into_response())
}

/// The title, what is to be known, and what is handed over. Base64, armor and recipients need no escaping; the recipe gets it.
fn said(revealed: &Revealed) -> (&'static str, Vec<String>, Zeroizing<String>) {
    match revealed {
        Revealed::Shown(key) => (
            "The master key, once.",
            vec![format!(
                "It is gone in {SHOWN} seconds and isn’t shown again. Take it now; a lost answer is used up."
            )],
            block("key", key),
        ),
        Revealed::Sealed(sealed) => (
            "The master key, sealed.",
            vec!["Only the recipient of the plan can open this. It isn’t shown again.".into()],
            block("key", sealed),
        ),
        Revealed::Split(shares) => (
            "The master key, as two sealed shares.",
            vec![
                "Each share is for one recipient, and says nothing of the key without the other. Hand each its own; it isn’t shown again.".into(),
                "Opened with age, a share is base64 of 32 bytes. The key is one share over the other by exclusive or:".into(),
            ],
            split(shares),
        ),
    }
}

fn block(id: &str, text: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("<pre id=\"{id}\" class=\"quoted-block\">{text}</pre>"))
}

fn split(shares: &[SealedShare; 2]) -> Zeroizing<String> {
    let recipe = JOIN_RECIPE.replace('&', "&amp;").replace('<', "&lt;");
    let mut blocks = format!("<pre id=\"join\" class=\"quoted-block\">{recipe}</pre>");
    for (number, share) in (1..).zip(shares) {
        let block = format!(
            "<h2>Share {number} of 2</h2><p>For <code class=\"label\">{}</code></p><pre id=\"share-{number}\" class=\"quoted-block\">{}</pre>",
            share.recipient, share.text
        );
        blocks.push_str(&block);
    }
    Zeroizing::new(blocks)
}
