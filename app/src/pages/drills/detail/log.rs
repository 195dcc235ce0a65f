//! What the tools wrote, page by page, redacted before it was stored.

use domain::ids::DrillId;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::drills::LogPage;
use recovery::runs::LogStream;

use crate::components::{Address, Log, LogLine, PageLink, Pager, Sheet, Stream, page_links};
use crate::pages::words::grouped;

#[component]
pub fn ToolLog(log: Result<LogPage, String>, drill: DrillId, address: Address, now: Timestamp) -> impl IntoView {
    let page = match log {
        Ok(page) => page,
        Err(why) => {
            return view! { <Sheet id="tool-log" title="Tool log"><p class="note">{why}</p></Sheet> }.into_any();
        }
    };
    if page.lines.is_empty() {
        let text = "No tool has written anything, or it was so long ago that it was removed.";
        return view! { <Sheet id="tool-log" title="Tool log"><p class="note">{text}</p></Sheet> }.into_any();
    }
    let of = grouped(u64::try_from(page.of).unwrap_or_default());
    let title = match page.pages {
        1 => "Lines".to_owned(),
        pages => format!("Page {} of {pages}, {of} lines", page.page),
    };
    let links = links(&address, &page);
    let shows = format!("page {} of {}", page.page, page.pages);
    let pager = (page.pages > 1).then(|| view! { <Pager shows links /> });
    let lines = page.lines.into_iter().map(|stored| LogLine {
        at: stored.line.at,
        stream: match stored.line.stream {
            LogStream::Out => Stream::Out,
            LogStream::Err => Stream::Err,
            LogStream::Note => Stream::Muster,
        },
        text: stored.line.text,
    });
    let lines: Vec<_> = lines.collect();
    let download = format!("/drills/{drill}/log");
    view! {
        <Sheet id="tool-log" title="Tool log" note="for operators, approvers and auditors; removed after 90 days">
            <Log id="log" title lines now download />
            {pager}
        </Sheet>
    }
    .into_any()
}

/// Pages are named `log` here, and each leads back to the log.
fn links(address: &Address, page: &LogPage) -> Vec<PageLink> {
    let links = page_links(&address.without("log"), page.page, page.pages).into_iter();
    let own = |href: String| format!("{}#tool-log", href.replace("page=", "log="));
    links
        .map(|link| PageLink {
            href: link.href.map(own),
            ..link
        })
        .collect()
}
