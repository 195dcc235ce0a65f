//! From what happened to the message about it. One round of diagnosis makes one message, however many findings it changed: a console that
//! starts beside a burning fleet sends one for each deployment, and not one for each flame.

use super::{DrillTold, Envelope, Event, FindingTold, Notice, RequestTold, event, one_line};
use crate::approval::{Request, State};
use crate::drill::{Drill, Verdict};
use crate::finding::{Change, Record, Severity};
use crate::plan::{Pinned, Plan};
use crate::run::RunState;
use crate::time::{clock, span};

/// Findings that are spelt out in the text; the others are counted. All of them are in the document.
const SPELT_OUT: usize = 20;

impl Envelope<'_> {
    /// `muster notify test`.
    #[must_use]
    pub fn test(&self) -> Notice {
        Notice {
            text: "Somebody ran “muster notify test” to see whether messages arrive. Nothing happened, and there is nothing to do.".into(),
            url: self.url("/"),
            ..self.notice(Event::Test, None, Severity::Info, "A test message")
        }
    }

    /// What one round of diagnosis changed in one deployment. `None`: nothing that anybody is told of.
    #[must_use]
    pub fn findings(&self, deployment: &str, changed: &[(Record, Change)]) -> Option<Notice> {
        let mut told: Vec<_> = changed
            .iter()
            .filter_map(|(record, change)| Some((event(*change)?, record)))
            .collect();
        // What is still wrong before what is over, the worst first.
        told.sort_by_key(|((event, _), record)| {
            (
                *event == Event::FindingResolved,
                std::cmp::Reverse(record.found.severity),
                record.code.clone(),
            )
        });
        let ((first, word), worst) = *told.first()?;
        let alike = told.iter().all(|((event, _), _)| *event == first);
        let title = match told.len() {
            1 => format!("{word}: {}", worst.found.title),
            many => format!("{many} findings changed, the worst {word}: {}", worst.found.title),
        };
        let lines = told
            .iter()
            .take(SPELT_OUT)
            .map(|((_, word), record)| line(word, record));
        let mut text: Vec<_> = lines.collect();
        if told.len() > SPELT_OUT {
            text.push(format!("and {} more", told.len() - SPELT_OUT));
        }
        let page = |code: &str| {
            self.url(&format!(
                "/diagnostics/{}?deployment={}",
                segment(code),
                segment(deployment)
            ))
        };
        let event = if alike { first } else { Event::FindingChanged };
        let findings = told.iter().map(|((_, word), record)| FindingTold {
            code: record.code.clone(),
            change: (*word).into(),
            severity: record.found.severity,
            title: record.found.title.clone(),
            opened_at: record.opened_at,
            resolved_at: record.resolved_at,
            url: page(&record.code),
        });
        Some(Notice {
            text: text.join("\n"),
            url: match told.len() {
                1 => page(&worst.code),
                _ => self.url(&format!("/diagnostics?deployment={}", segment(deployment))),
            },
            findings: findings.collect(),
            ..self.notice(event, Some(deployment), worst.found.severity, &title)
        })
    }

    /// A request came into a new state. `quorum` is how many people must agree, the requester counted.
    #[must_use]
    pub fn request(&self, request: &Request, plan: &Plan, quorum: usize) -> Option<Notice> {
        let asks = one_line(&request.requester_name);
        let (event, severity, text) = match &request.state {
            State::Pending { approvals, expires_at } => {
                let missing = quorum.saturating_sub(approvals.len() + 1);
                let people = if missing == 1 {
                    "1 more person".into()
                } else {
                    format!("{missing} more people")
                };
                let text = format!(
                    "{asks} asks for it. {people} must read the plan and agree, until {} UTC; silence ends it.",
                    clock(*expires_at, self.at)
                );
                (Event::RequestWaiting, Severity::Warning, text)
            }
            State::Approved { run_by, .. } => {
                let text = format!(
                    "Enough people agreed. It can be run once, until {} UTC.",
                    clock(*run_by, self.at)
                );
                (Event::RequestApproved, Severity::Warning, text)
            }
            State::Rejected { name, .. } => {
                let text = format!("{} rejected it. Nothing was changed.", one_line(name));
                (Event::RequestRejected, Severity::Info, text)
            }
            State::Withdrawn { .. } => {
                let text = format!("{asks} took it back. Nothing was changed.");
                (Event::RequestWithdrawn, Severity::Info, text)
            }
            State::Expired { .. } => {
                let text = "Its time is over. Nothing was changed; who still needs it asks again.".into();
                (Event::RequestExpired, Severity::Warning, text)
            }
            State::Stale { .. } | State::Consumed { .. } => return None,
        };
        let title = format!("request {} {}: {}", request.number, waits(event), plan.pinned.title());
        Some(Notice {
            text,
            ..self.about(request, plan, event, severity, &title)
        })
    }

    /// The run of a request waits for a person or ended.
    #[must_use]
    pub fn run(&self, request: &Request, plan: &Plan, state: &RunState) -> Option<Notice> {
        let (event, severity, text) = match state {
            RunState::Queued | RunState::Running => return None,
            RunState::Paused { .. } => (
                Event::RunWaiting,
                Severity::Warning,
                match plan.pinned {
                    Pinned::FullDisaster(_) => {
                        "It waits until somebody confirms a step that is done elsewhere. The run’s page says which."
                    }
                    _ => {
                        "It waits for a person: who looks at what was restored decides whether it goes on, or a step is done elsewhere. The run’s page says which."
                    }
                },
            ),
            RunState::Succeeded { .. } => (Event::RunSucceeded, Severity::Info, "Every step was done."),
            RunState::Failed { .. } => (
                Event::RunFailed,
                Severity::Error,
                "A step failed. The run’s page says which, and what is unharmed.",
            ),
            RunState::Cancelled { .. } => (Event::RunCancelled, Severity::Warning, "It was stopped by a person."),
            RunState::Refused { .. } => (
                Event::RunRefused,
                Severity::Error,
                "The runner refused it: what was approved isn’t so any more, or an approval doesn’t verify. Nothing was done.",
            ),
            RunState::NeedsHuman { .. } => (
                Event::RunNeedsHuman,
                Severity::Error,
                "It ended in a way that only a person can judge. Nothing goes on until somebody has looked.",
            ),
        };
        let title = format!(
            "run of request {} {}: {}",
            request.number,
            state.word(),
            plan.pinned.title()
        );
        Some(Notice {
            text: text.into(),
            ..self.about(request, plan, event, severity, &title)
        })
    }

    /// A drill ended. `None` where it passed or was cancelled: there is nothing to do.
    #[must_use]
    pub fn drill(&self, drill: &Drill) -> Option<Notice> {
        let verdict = drill.verdict?;
        let (event, severity) = match verdict {
            Verdict::Passed => return None,
            Verdict::Failed => (Event::DrillFailed, Severity::Error),
            Verdict::EnvironmentBroken => (Event::DrillEnvironmentBroken, Severity::Warning),
        };
        let backup = drill.backup.as_ref().map(|backup| backup.label.clone());
        let of = backup.clone().unwrap_or_else(|| drill.choice.words());
        let why = drill.failure.as_ref();
        let text = match verdict {
            Verdict::Failed => "What was rehearsed would not have come back as it should. Production wasn’t touched.",
            _ => "The sandbox failed, which says nothing about the backup. Until a drill passes, nothing is proven.",
        };
        Some(Notice {
            text: text.into(),
            url: self.url(&format!("/drills/{}", drill.id)),
            drill: Some(DrillTold {
                id: drill.id.to_string(),
                verdict: verdict.word().into(),
                backup,
                code: why.map(|why| why.code.clone()),
            }),
            ..self.notice(
                event,
                Some(&drill.deployment),
                severity,
                &format!(
                    "drill of {of}: {}{}",
                    verdict.words(),
                    why.map_or_else(String::new, |why| format!(" at {}", why.code))
                ),
            )
        })
    }

    /// No drill passed for longer than was promised.
    #[must_use]
    pub fn drill_overdue(&self, deployment: &str, limit_s: i64) -> Notice {
        Notice {
            text: "What nobody has restored lately nobody knows to be restorable. Start a drill.".into(),
            url: self.url(&format!("/drills?deployment={}", segment(deployment))),
            ..self.notice(
                Event::DrillOverdue,
                Some(deployment),
                Severity::Warning,
                &format!("no drill passed within {}", span(limit_s)),
            )
        }
    }

    fn about(&self, request: &Request, plan: &Plan, event: Event, severity: Severity, title: &str) -> Notice {
        Notice {
            url: self.url(&format!("/requests/{}", request.number)),
            request: Some(RequestTold {
                number: request.number,
                kind: plan.pinned.kind().into(),
                title: plan.pinned.title(),
                digest: request.digest.to_string(),
                state: request.state.word().into(),
                requester: request.requester_name.clone(),
            }),
            ..self.notice(event, Some(&request.deployment), severity, title)
        }
    }
}

fn waits(event: Event) -> &'static str {
    match event {
        Event::RequestWaiting => "waits for a second person",
        Event::RequestApproved => "approved",
        Event::RequestRejected => "rejected",
        Event::RequestWithdrawn => "withdrawn",
        _ => "expired",
    }
}

fn line(word: &str, record: &Record) -> String {
    let severity = record.found.severity.word();
    format!("{word} {severity} {}: {}", record.code, one_line(&record.found.title))
}

/// One part of an address. Names come from outside, so all but the unreserved characters (RFC 3986, section 2.3) are escaped.
fn segment(name: &str) -> String {
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
