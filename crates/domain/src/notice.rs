//! What people are told who don't have the console open: one message for each thing that happened, with what a person needs at night to
//! know whether to get up. It holds no secret and no text of a tool, since mail and hooks are read by others than the console.

mod told;

use serde::{Deserialize, Serialize};

use crate::finding::{Change, Severity};
use crate::ids::NoticeId;
use crate::time::{Timestamp, rfc3339};

/// The version of the document, as receivers check it. Fields only grow.
pub const SCHEMA: &str = "muster.notice/1";
/// Longest title, in characters: what a telephone shows of it is less.
const LONGEST_TITLE: usize = 200;

/// What happened, as receivers sort by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Event {
    /// `muster notify test`.
    #[serde(rename = "test")]
    Test,
    #[serde(rename = "finding.opened")]
    FindingOpened,
    #[serde(rename = "finding.reopened")]
    FindingReopened,
    /// Its severity rose.
    #[serde(rename = "finding.worse")]
    FindingWorse,
    #[serde(rename = "finding.resolved")]
    FindingResolved,
    /// Several findings changed in one round, in different ways.
    #[serde(rename = "finding.changed")]
    FindingChanged,
    /// A person has to decide.
    #[serde(rename = "request.waiting")]
    RequestWaiting,
    #[serde(rename = "request.approved")]
    RequestApproved,
    #[serde(rename = "request.rejected")]
    RequestRejected,
    #[serde(rename = "request.withdrawn")]
    RequestWithdrawn,
    #[serde(rename = "request.expired")]
    RequestExpired,
    #[serde(rename = "run.waiting")]
    RunWaiting,
    #[serde(rename = "run.succeeded")]
    RunSucceeded,
    #[serde(rename = "run.failed")]
    RunFailed,
    #[serde(rename = "run.cancelled")]
    RunCancelled,
    #[serde(rename = "run.refused")]
    RunRefused,
    #[serde(rename = "run.needs_human")]
    RunNeedsHuman,
    #[serde(rename = "drill.failed")]
    DrillFailed,
    #[serde(rename = "drill.environment_broken")]
    DrillEnvironmentBroken,
    #[serde(rename = "drill.overdue")]
    DrillOverdue,
}

/// One finding that changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FindingTold {
    pub code: String,
    /// `opened`, `reopened`, `worse`, `resolved`.
    pub change: String,
    pub severity: Severity,
    pub title: String,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// Its page in the console.
    pub url: Option<String>,
}

/// The request that it is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestTold {
    pub number: i64,
    /// `restore-dump`, `restore-pitr`, `retrieve-key`, `key-catch-up`.
    pub kind: String,
    pub title: String,
    /// SHA-256 of the plan, in hex.
    pub digest: String,
    pub state: String,
    /// Who asked, as the identity provider names them.
    pub requester: String,
}

/// The drill that it is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DrillTold {
    pub id: String,
    pub verdict: String,
    pub backup: Option<String>,
    /// Stable, for programs: `wal-gap`, `check:key`.
    pub code: Option<String>,
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    pub schema: String,
    /// The same at each attempt: whoever has seen it before may drop it.
    pub id: NoticeId,
    pub at: Timestamp,
    pub event: Event,
    pub deployment: Option<String>,
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What to know and to do, in a few lines.
    pub text: String,
    /// Where it is looked at. `None`: the console's address isn't configured.
    pub url: Option<String>,
    #[serde(default)]
    pub findings: Vec<FindingTold>,
    #[serde(default)]
    pub request: Option<RequestTold>,
    #[serde(default)]
    pub drill: Option<DrillTold>,
}

/// When it happened, and where the console is.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    pub id: NoticeId,
    pub at: Timestamp,
    /// Without a slash at the end.
    pub console: Option<&'a str>,
}

impl Envelope<'_> {
    fn url(&self, path: &str) -> Option<String> {
        self.console.map(|console| format!("{console}{path}"))
    }

    fn notice(&self, event: Event, deployment: Option<&str>, severity: Severity, title: &str) -> Notice {
        Notice {
            schema: SCHEMA.into(),
            id: self.id,
            at: self.at,
            event,
            deployment: deployment.map(Into::into),
            severity,
            title: one_line(title),
            text: String::new(),
            url: None,
            findings: Vec::new(),
            request: None,
            drill: None,
        }
    }
}

impl Notice {
    /// The document as it is signed and sent.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a notice has string keys and no failing serialiser")
    }

    /// The subject of a mail: `[Muster] prod: error: …`.
    #[must_use]
    pub fn subject(&self) -> String {
        let place = self.deployment.as_deref().map(|name| format!("{}: ", one_line(name)));
        format!(
            "[Muster] {}{}: {}",
            place.unwrap_or_default(),
            self.severity.word(),
            self.title
        )
    }

    /// The text of a mail.
    #[must_use]
    pub fn mail(&self) -> String {
        let mut text = format!("{}\n\n", self.title);
        if !self.text.is_empty() {
            text.push_str(&self.text);
            text.push_str("\n\n");
        }
        if let Some(url) = &self.url {
            text.push_str(&format!("{url}\n\n"));
        }
        text.push_str(&format!("{} · notice {}\n", rfc3339(self.at), self.id));
        text
    }
}

/// Text from outside in one line: line breaks would end a header of a mail, and other controls hide what follows.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if is_hidden(c) { ' ' } else { c });
    plain.take(LONGEST_TITLE).collect::<String>().trim().to_owned()
}

/// Controls, and what turns the direction of writing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The event for a change of a finding. `None`: nobody is told.
const fn event(change: Change) -> Option<(Event, &'static str)> {
    match change {
        Change::Opened => Some((Event::FindingOpened, "opened")),
        Change::Reopened => Some((Event::FindingReopened, "reopened")),
        Change::Worse => Some((Event::FindingWorse, "worse")),
        Change::Resolved => Some((Event::FindingResolved, "resolved")),
        Change::Quiet => None,
    }
}

#[cfg(test)]
mod tests;
