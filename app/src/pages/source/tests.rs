use domain::inventory::Source;
use domain::status::Status;
use recovery::overview::{Stretch, Verified};

use super::*;
use crate::pages::overview::proofs::{document, holds, main, nothing_is_ok, text};
use crate::pages::overview::samples::{self, DAY, HOSTILE, HOUR, ago};

fn stretch(status: Option<Status>, said: &str, from: i64, until: Option<i64>) -> Stretch {
    Stretch {
        status,
        said: said.into(),
        from: ago(from),
        until: until.map(ago),
    }
}

fn seen() -> SourceView {
    SourceView {
        now: ago(0),
        line: Source {
            name: "pgbr-main".into(),
            kind: "pgbackrest".into(),
            status: Status::Ok,
            observed_at: Some(ago(41)),
            detail: "10 backups in 1 repository".into(),
        },
        every_s: 60,
        limit_s: 300,
        failure: None,
        verified: Some(Verified {
            status: Status::Ok,
            said: "every file is valid".into(),
            at: Some(ago(3 * DAY)),
        }),
        stretches: vec![
            stretch(Some(Status::Ok), "", 2 * DAY, None),
            stretch(
                Some(Status::Unknown),
                "ssh could not reach db1",
                2 * DAY + HOUR,
                Some(2 * DAY),
            ),
            stretch(None, "", 3 * DAY, Some(2 * DAY + HOUR)),
            stretch(Some(Status::Ok), "", 9 * DAY, Some(3 * DAY)),
        ],
        known_since: Some(ago(9 * DAY)),
    }
}

fn page(seen: SourceView) -> String {
    let page = OneSource {
        seen,
        links: samples::links(),
    };
    document(Place::Backups, move || view! { <SourceContent page /> }.into_any())
}

#[test]
fn each_span_says_how_it_stood_and_for_how_long() {
    let html = page(seen());
    holds("source", &html);
    let text = text(&main(&html));
    for says in [
        "ssh could not reach db1",
        "not looked at",
        "still",
        "every 1 min",
        "5 min",
        "2 d",
        "the last 30 days: 4 spans",
        "every file is valid",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn a_source_that_failed_quotes_what_it_said_and_is_not_ok() {
    let mut silent = seen();
    silent.line.status = Status::Unknown;
    silent.line.observed_at = None;
    silent.failure = Some((ago(30), HOSTILE.into()));
    silent.stretches.clear();
    silent.verified = None;
    let html = page(silent);
    holds("source-silent", &html);
    nothing_is_ok("source-silent", &main(&html));
    assert!(text(&main(&html)).contains("Nothing is remembered yet"));
}
