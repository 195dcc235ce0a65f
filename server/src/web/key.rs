//! The one answer that holds a key. A page without a script, kept nowhere, gone after a minute.

use app::pages::{Notice, notice};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, REFRESH};
use axum::response::{IntoResponse as _, Response};
use domain::ids::ChallengeId;
use recovery::runs::{self, Revealed};
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
    let (title, text, key) = match revealed {
        Revealed::Shown(key) => (
            "The master key, once.",
            format!("It is gone in {SHOWN} seconds and isn’t shown again. Take it now; a lost answer is used up."),
            key,
        ),
        Revealed::Sealed(sealed) => (
            "The master key, sealed.",
            "Only the recipient of the plan can open this. It isn’t shown again.".to_owned(),
            Zeroizing::new(sealed),
        ),
    };
    let page = Notice {
        site_pkg_dir: web.leptos.site_pkg_dir.to_string(),
        title: title.into(),
        paragraphs: vec![text],
        back: Some((back.clone(), "Done".into())),
    };
    // Put in behind the rendering, so that the page's own machinery never holds a copy. Base64 and armor need no escaping.
    let place = format!(
        "<pre id=\"key\" class=\"quoted-block\">{}</pre></section>",
        key.as_str()
    );
    let place = Zeroizing::new(place);
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
