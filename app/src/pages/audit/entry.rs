//! One entry with all its fields, its place in the tree, and the very bytes that are hashed.

use domain::audit::{Entry, Phase, leaf_hash};
use domain::ids::EntryId;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::Error;
use recovery::audit::{self, AuditRow, Joined, Named, SeenEntry};
use uuid::Uuid;

use super::rows::outcome;
use crate::components::{
    CopyButton, Fact, Facts, Moment, PageHead, Place, QuotedBlock, Sheet, Show, StatusWord, Word, visible,
};
use crate::pages::overview::plain;
use crate::pages::words::grouped;
use crate::pages::{Opened, Visit, open};

/// `/audit/{entry}`: an entry's id, or its place in the log.
#[component]
pub fn OneEntry() -> impl IntoView {
    open(Place::Audit, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let text = visit.params.get("entry").unwrap_or_default();
    let index = || visit.number("entry").map(Named::Index);
    let named = text
        .parse::<Uuid>()
        .ok()
        .map(|id| Named::Id(EntryId(id)))
        .or_else(index);
    let named = named.ok_or_else(|| Error::NotFound(format!("audit entry {text}")))?;
    let seen = audit::see(&visit.services, &visit.actor, named).await?;
    let title = format!("Audit, {}", seen.joined.row.entry.action);
    let now = visit.now;
    Ok(Opened::new(title, view! { <EntryContent seen now /> }.into_any()))
}

/// The content of the page.
#[component]
pub fn EntryContent(seen: SeenEntry, now: Timestamp) -> impl IntoView {
    let SeenEntry { joined, request, size } = seen;
    let entry = joined.row.entry.clone();
    let own = joined
        .row
        .index
        .map_or_else(|| "not numbered yet".into(), |index| grouped(index.unsigned_abs()));
    let name = plain(&entry.who.name);
    let title = view! { <b>{name}</b>": "<code>{visible(&entry.action)}</code>", "{visible(&entry.object)}". "{outcome(&joined)} }
    .into_any();
    let json = String::from_utf8_lossy(&joined.row.leaf).into_owned();
    let (row, note) = (joined.row.clone(), format!("{} entries", grouped(size.unsigned_abs())));
    view! {
        <PageHead title says=true crumb=("Audit", "/audit", own) />
        <div class="split even">
            <div>
                <Sheet id="entry" title="Entry"><Act joined request now /></Sheet>
                {details(&entry)}
            </div>
            <div><Sheet id="place" title="In the log" note><InLog row size /></Sheet></div>
        </div>
        <Sheet id="leaf" title="Canonical JSON" note="RFC 8785: the bytes that are hashed, salt included.">
            <QuotedBlock text=json.clone() />
            <div class="actions"><CopyButton text=json what="JSON" /></div>
        </Sheet>
    }
}

#[component]
fn Act(joined: Joined, request: Option<i64>, now: Timestamp) -> impl IntoView {
    let Entry {
        at,
        who,
        action,
        phase,
        deployment,
        object,
        ..
    } = joined.row.entry.clone();
    let roles: Vec<_> = who.roles.iter().map(|role| role.word()).collect();
    let roles = if roles.is_empty() {
        "none: one of Muster’s own jobs, or nobody".to_owned()
    } else {
        roles.join(", ")
    };
    let (half, outcome) = (half(&joined), outcome(&joined));
    let about = request.map(|number| {
        let all = format!("/audit?request={number}");
        view! { <Fact name="Request"><a href=format!("/requests/{number}")>{number}</a><span class="sub"><a href=all>"all entries about it"</a></span></Fact> }
    });
    view! {
        <Facts>
            <Fact name="When"><Moment at now show=Show::Full />" "<span class="seen"><Moment at now show=Show::Ago /></span></Fact>
            <Fact name="Who">
                <bdi>{visible(&who.name)}</bdi>
                <span class="sub label">{visible(&who.person.issuer)}" · "{visible(&who.person.subject)}</span>
            </Fact>
            <Fact name="Roles">{roles}</Fact>
            <Fact name="From">{who.address.map_or_else(|| "no address".to_owned(), |address| plain(&address))}</Fact>
            <Fact name="Action"><code>{visible(&action)}</code></Fact>
            <Fact name="Object">{visible(&object)}</Fact>
            <Fact name="Phase">{phase.word()}{half}</Fact>
            <Fact name="Outcome">{outcome}</Fact>
            <Fact name="Deployment">{deployment.map_or_else(|| "none".to_owned(), |name| plain(&name))}</Fact>
            {about}
        </Facts>
    }
}

/// The other half of the act, with its time.
fn half(joined: &Joined) -> Option<AnyView> {
    let other = joined.other.as_ref()?;
    let name = if joined.row.entry.phase == Phase::Intent {
        "its outcome"
    } else {
        "its intent"
    };
    let href = format!("/audit/{}", other.entry.id);
    Some(view! { <span class="sub"><a href=href>{name}</a></span> }.into_any())
}

fn details(entry: &Entry) -> Option<AnyView> {
    let rows: Vec<_> = entry
        .detail
        .iter()
        .map(|(name, value)| {
            let value = visible(value);
            view! { <Fact name=plain(name)><span class="label">{value}</span></Fact> }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <Sheet id="detail" title="Detail"><Facts>{rows}</Facts></Sheet> }.into_any())
}

#[component]
fn InLog(row: AuditRow, size: i64) -> impl IntoView {
    let whole = leaf_hash(&row.leaf) == row.leaf_hash;
    let content = if whole {
        view! { <StatusWord word=Word::Ok text="has its hash" /> }.into_any()
    } else {
        view! { <StatusWord word=Word::Broken text="was changed: it doesn’t have its hash" /> }.into_any()
    };
    let place = match row.index {
        Some(index) => grouped(index.unsigned_abs()).into_any(),
        None => view! { <StatusWord word=Word::Waiting text="not numbered yet; it takes a second" /> }.into_any(),
    };
    let root = match row.root {
        Some(root) => view! { <code class="label">{root.to_string()}</code> }.into_any(),
        None => "none yet".into_any(),
    };
    view! {
        <Facts>
            <Fact name="Index">{place}</Fact>
            <Fact name="Content">{content}</Fact>
            <Fact name="Leaf hash"><code class="label">{row.leaf_hash.to_string()}</code><span class="sub">"SHA-256(0x00, leaf), RFC 6962"</span></Fact>
            <Fact name="Root after it">{root}</Fact>
            {row.index.map(|index| neighbours(index, size))}
        </Facts>
        <p class="note">"Whether the whole log leads to this root is checked away from here: "<code>"muster audit verify"</code>" on an export."</p>
    }
}

fn neighbours(index: i64, size: i64) -> AnyView {
    let link = |index: i64| view! { <a href=format!("/audit/{index}")>{grouped(index.unsigned_abs())}</a> };
    let before = (index > 0).then(|| view! { <Fact name="Before it">{link(index - 1)}</Fact> });
    let after = (index + 1 < size).then(|| view! { <Fact name="After it">{link(index + 1)}</Fact> });
    view! { {before}{after} }.into_any()
}
