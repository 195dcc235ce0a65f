use chrono::DateTime;
use domain::runbook::{Block, Step};

use super::*;

fn runbook() -> Runbook {
    Runbook {
        deployment: "north <prod>".into(),
        made_at: DateTime::from_timestamp(1_790_000_000, 0).expect("in range"),
        version: "1".into(),
        sections: vec![Section::new(
            "keys",
            "Master keys",
            vec![
                Block::Facts(vec![
                    Fact::known("In use", "abc"),
                    Fact::unknown("Copy", "nobody answered"),
                ]),
                Block::Trap("kubectl apply".into()),
                Block::Table {
                    head: vec!["Version"],
                    rows: vec![vec!["3".into()]],
                },
                Block::Steps(vec![Step::told("Look", "first").by("psql <<'SQL'\nSELECT 1\nSQL")]),
            ],
        )],
    }
}

#[test]
fn the_file_needs_nothing_else() {
    let html = file(&runbook());
    for outside in ["src=", "<link", "<script", "url(", "@import", "http://", "https://"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(
        html.starts_with("<!DOCTYPE html>") && html.contains("<style>"),
        "{html}"
    );
    assert!(
        html.contains("north &lt;prod&gt;") && !html.contains("<prod>"),
        "text from outside is text"
    );
}

#[test]
fn what_is_not_known_reads_unknown_and_stands_in_front() {
    let html = file(&runbook());
    let front = html.find("Not known when this was written: 1").expect("it is told");
    assert!(front < html.find("<main>").expect("chapters follow"));
    assert!(html.contains("nobody answered"));
}
