//! Whether a backup can be asked to be restored from here, and why not.

use domain::backup::{Backup, Kind};
use domain::status::Status;
use leptos::prelude::*;
use recovery::overview::View;

use crate::components::visible;
use crate::pages::overview::Links;

/// Why not, for a person; `None` if it can. What can never be done comes first, what the reader lacks comes last.
#[must_use]
pub fn cannot_restore(view: &View, backup: &Backup, cannot_request: Option<&str>) -> Option<String> {
    let detail = &backup.detail;
    match (backup.kind, backup.status) {
        (Kind::Full | Kind::Diff | Kind::Incr, _) => Some(format!(
            "This version of Muster restores dumps. A {} backup is restored with {} itself, by a person.",
            backup.kind.word(),
            backup.tool
        )),
        (Kind::Snapshot, _) => {
            Some("This version of Muster restores dumps. A snapshot is restored where it was taken.".into())
        }
        (Kind::Dump, Status::Broken) => Some(format!("It is broken, so nothing can be restored from it: {detail}.")),
        (Kind::Dump, Status::Unknown) => Some(format!(
            "It is not known to be whole: {detail}. It can be requested once it is."
        )),
        (Kind::Dump, Status::Ok) if !view.can_restore => {
            Some("No server to restore into is configured: set admin_url under [deployment.restore].".into())
        }
        (Kind::Dump, Status::Ok) => cannot_request.map(ToOwned::to_owned),
    }
}

/// The button, filled in with this backup; or why there is none to press.
#[component]
pub fn Restore(backup: Backup, links: Links, #[prop(optional_no_strip)] cannot: Option<String>) -> impl IntoView {
    if let Some(why) = cannot {
        return view! {
            <button class="button" type="button" disabled=true aria-describedby="cannot-restore">"Request restore"</button>
            <p class="note" id="cannot-restore">{visible(&why)}</p>
        }
        .into_any();
    }
    let deployment = links.deployment;
    view! {
        <form method="get" action="/requests/new">
            <input type="hidden" name="kind" value="restore-dump" />
            <input type="hidden" name="deployment" value=deployment />
            <input type="hidden" name="source" value=backup.source />
            <input type="hidden" name="backup" value=backup.label />
            <button class="button primary" type="submit">"Request restore"</button>
        </form>
    }
    .into_any()
}
