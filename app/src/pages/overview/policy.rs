//! The declared limits, and whether they are kept. What isn't checked is listed as not run rather than left out.

use domain::inventory::PolicyLine;
use domain::status::Status;
use leptos::prelude::*;
use recovery::overview::View;

use super::text::count;
use crate::components::{Sheet, StatusWord, Word, visible};

/// Names of the rules as in `muster inventory --json`, and as people say them.
const RULES: [(&str, &str); 16] = [
    ("full-backup-age", "Full backup, age"),
    ("full-retention", "Full backups, kept"),
    ("wal-archiving", "WAL archiving"),
    ("wal-gaps", "No gaps in WAL"),
    ("pre-upgrade-snapshot", "Snapshot before upgrade"),
    ("audit-retention", "Audit within backups’ reach"),
    ("backup-key-escrow", "Key of the backups in escrow"),
    ("backup-immutable", "Backups can’t be deleted"),
    ("second-site", "Second site"),
    ("key-escrow", "Key in escrow"),
    ("key-replication", "Key replicated"),
    ("tls-expiry", "TLS expiry"),
    ("image-pullable", "Images pullable"),
    ("drill-freshness", "Drill, freshness"),
    ("rpo", "RPO"),
    ("rto", "RTO"),
];

/// One line as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    pub name: String,
    pub word: Word,
    pub declared: String,
    pub actual: String,
    pub detail: String,
}

impl Shown {
    fn of(line: &PolicyLine) -> Self {
        let word = match (&line.declared, line.status) {
            (None, Status::Unknown) => Word::Unset,
            (_, status) => status.into(),
        };
        let named = RULES.iter().find(|(rule, _)| *rule == line.rule);
        Self {
            name: named.map_or_else(|| line.rule.clone(), |(_, name)| (*name).into()),
            word,
            declared: line.declared.clone().unwrap_or_else(|| "no limit declared".into()),
            actual: line.actual.clone().unwrap_or_else(|| "not known".into()),
            detail: line.detail.clone(),
        }
    }

    const fn rank(&self) -> u8 {
        match self.word {
            Word::Broken => 0,
            Word::Unknown => 1,
            Word::Unset => 2,
            _ => 3,
        }
    }
}

/// The lines, the worst first.
#[must_use]
pub fn lines(policy: &[PolicyLine]) -> Vec<Shown> {
    let mut lines: Vec<_> = policy.iter().map(Shown::of).collect();
    lines.sort_by_key(Shown::rank);
    lines
}

/// Rules that nothing checks yet.
#[must_use]
pub fn unchecked(policy: &[PolicyLine]) -> Vec<&'static str> {
    let unchecked = RULES
        .iter()
        .filter(|(rule, _)| !policy.iter().any(|line| line.rule == *rule));
    unchecked.map(|(_, name)| *name).collect()
}

/// The table of the rules.
#[component]
pub fn Policy(view: View) -> impl IntoView {
    let lines = lines(&view.inventory.policy);
    let unchecked = unchecked(&view.inventory.policy);
    let of = |word| lines.iter().filter(|line| line.word == word).count();
    let note = format!(
        "{} kept, {} broken, {} unknown, {} unset, {} not run",
        of(Word::Ok),
        of(Word::Broken),
        of(Word::Unknown),
        of(Word::Unset),
        unchecked.len()
    );
    let rows: Vec<_> = lines.into_iter().map(row).collect();
    view! {
        <Sheet id="policy" title="Policy" note>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Rule"</th>
                        <th scope="col">"Verdict"</th>
                        <th scope="col" class="c2">"Declared"</th>
                        <th scope="col">"Actual"</th>
                    </tr>
                </thead>
                <tbody>{rows}{not_run(&unchecked)}</tbody>
            </table>
        </Sheet>
    }
}

fn row(line: Shown) -> impl IntoView {
    let declared = line.declared.clone();
    view! {
        <tr data-status=line.word.status()>
            <th scope="row">
                {line.name}
                <span class="sub">{visible(&line.detail)}</span>
                <span class="sub when-phone">"Declared: "{declared}</span>
            </th>
            <td><StatusWord word=line.word /></td>
            <td class="c2">{line.declared}</td>
            <td>{line.actual}</td>
        </tr>
    }
}

fn not_run(unchecked: &[&str]) -> Option<AnyView> {
    if unchecked.is_empty() {
        return None;
    }
    let names = unchecked.join(", ");
    let row = view! {
        <tr>
            <th scope="row">{count(unchecked.len(), "other rule", "other rules")}<span class="sub">{names}</span></th>
            <td class="nowrap"><StatusWord word=Word::NotRun /></td>
            <td class="c2">"whatever is declared"</td>
            <td>"not checked by this version"</td>
        </tr>
    };
    Some(row.into_any())
}
