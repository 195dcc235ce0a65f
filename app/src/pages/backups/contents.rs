//! What reading a dump to its end has shown. One that is cut short still lists its tables, so nothing less is believed.

use domain::backup::{DumpContents, Kind};
use domain::ids::Big;
use domain::locale::LocaleProvider;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::BackupView;

use crate::components::{Blank, CopyButton, Fact, Facts, QuotedBlock, Seen, Sheet, Unread, visible};
use crate::pages::overview::{count, plain};
use crate::pages::words::grouped;

/// Tables that are listed; the fullest ones.
const TABLES: usize = 100;

/// Left out for what isn't a dump.
#[component]
pub fn Contents(seen: BackupView) -> impl IntoView {
    let BackupView {
        view, backup, reading, ..
    } = seen;
    if backup.kind != Kind::Dump {
        return ().into_any();
    }
    match reading.map(|reading| (reading.contents, reading.read_at)) {
        None => view! {
            <Sheet id="contents" title="What is in it">
                <Blank title="Not read yet">"A dump is read to its end once. Until then it counts as unknown, whatever its list of tables says."</Blank>
            </Sheet>
        }
        .into_any(),
        Some((Err(said), at)) => {
            let seen = view! { <Seen at=Some(at) now=view.now source=plain(&backup.source) /> }.into_any();
            view! {
                <Sheet id="contents" title="What is in it" seen>
                    <Unread title="It can’t be read to its end" said>"Nothing can be restored from it. The other backups are not touched by this."</Unread>
                </Sheet>
            }
            .into_any()
        }
        Some((Ok(contents), at)) => whole(&contents, at, view.now, &backup.source),
    }
}

fn whole(contents: &DumpContents, at: Timestamp, now: Timestamp, source: &str) -> AnyView {
    let source = plain(source);
    let seen = view! { <Seen at=Some(at) now source /> }.into_any();
    let total: u64 = contents.rows.values().map(|rows| rows.0).sum();
    let tables = contents.rows.len();
    let note = format!(
        "{} rows in {}, counted while reading it to its end",
        grouped(total),
        count(tables, "table", "tables")
    );
    let (described, rows) = (described(contents), rows(contents));
    let more = tables.saturating_sub(TABLES);
    view! {
        <Sheet id="contents" title="What is in it" note seen>
            {described}
            <table>
                <thead><tr><th scope="col">"Table"</th><th scope="col" class="num">"Rows"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {(more > 0).then(|| view! { <p class="note">{format!("{more} tables with fewer rows are not shown.")}</p> })}
        </Sheet>
    }
    .into_any()
}

fn described(contents: &DumpContents) -> AnyView {
    let digest = contents.sha256.to_string();
    let groups: Vec<_> = digest
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    let begun = contents.begun.map_or_else(
        || "not written in it".into(),
        |begun| format!("{begun}, by the clock of the machine that made it"),
    );
    let locale = format!(
        "{}, collation {}, character type {}{}",
        contents.encoding,
        contents.collate,
        contents.ctype,
        contents
            .provider
            .as_ref()
            .map(LocaleProvider::words)
            .unwrap_or_default()
    );
    let made_by = format!(
        "pg_dump {}, of PostgreSQL {}",
        contents.tool_version, contents.server_version
    );
    let (settings, has_settings) = (contents.settings.join("\n"), !contents.settings.is_empty());
    let (made_by, database, locale) = (visible(&made_by), visible(&contents.database), visible(&locale));
    view! {
        <Facts>
            <Fact name="SHA-256"><code>{groups.join(" ")}</code>" "<CopyButton text=digest what="SHA-256" /></Fact>
            <Fact name="Made by">{made_by}</Fact>
            <Fact name="Database"><bdi class="label">{database}</bdi><span class="sub">{locale}</span></Fact>
            <Fact name="Begun">{begun}</Fact>
            {has_settings.then(|| view! { <Fact name="Settings"><QuotedBlock text=settings /></Fact> })}
        </Facts>
    }
    .into_any()
}

/// The fullest tables first.
fn rows(contents: &DumpContents) -> Vec<AnyView> {
    let mut rows: Vec<(&String, &Big)> = contents.rows.iter().collect();
    rows.sort_by_key(|(table, rows)| (std::cmp::Reverse(rows.0), *table));
    let row = |(table, rows): (&String, &Big)| {
        let (table, rows) = (visible(table), grouped(rows.0));
        view! { <tr><th scope="row"><bdi class="label">{table}</bdi></th><td class="num">{rows}</td></tr> }.into_any()
    };
    rows.into_iter().take(TABLES).map(row).collect()
}
