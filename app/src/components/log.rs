//! The log of a run, line by line, as the tools wrote it.

use domain::time::Timestamp;
use leptos::prelude::*;

use super::moment::{Moment, Show};
use super::quoted::visible;

/// Where a line came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Muster's own words.
    Muster,
    Out,
    Err,
}

impl Stream {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Muster => "muster",
            Self::Out => "out",
            Self::Err => "err",
        }
    }
}

/// One line, without its line feed and redacted before it was stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    pub at: Timestamp,
    pub stream: Stream,
    pub text: String,
}

/// The log. New lines come in at the end; a reader who has scrolled up is left there.
#[component]
pub fn Log(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    lines: Vec<LogLine>,
    now: Timestamp,
    /// Where the whole log can be fetched as text.
    #[prop(optional, into)]
    download: Option<String>,
) -> impl IntoView {
    let count = match lines.len() {
        1 => "1 line".to_string(),
        many => format!("{many} lines"),
    };
    let rows: Vec<_> = lines.into_iter().map(|line| row(line, now)).collect();
    view! {
        <div>
            <div class="log-head">
                <h3>{title.clone()}</h3>
                <span class="seen">{count}<span class="without-script">", times in UTC"</span></span>
                {download.map(|href| view! { <span class="actions"><a class="button tiny" href=href>"Download"</a></span> })}
            </div>
            <div class="log" id=id role="log" tabindex="0" aria-label=title>
                <ol>{rows}</ol>
            </div>
        </div>
    }
}

fn row(line: LogLine, now: Timestamp) -> impl IntoView {
    view! {
        <li data-stream=line.stream.word()>
            <Moment at=line.at now show=Show::Stamp />
            <span class="stream">{line.stream.word()}</span>
            <span>{visible(&line.text)}</span>
        </li>
    }
}
