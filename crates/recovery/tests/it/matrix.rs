//! The fault-injection matrix: something real is brought into each fault; the finding of that fault appears within one collection and no
//! other error does, and it goes when the fault is repaired. The table below is what each test holds itself to, and what the documentation
//! shows: with MUSTER_MATRIX set it is printed there.

mod archive;
mod beside;
mod faults;
mod keys;
mod life;
mod patient;
mod restore;
mod rows;

use std::fs;

use domain::finding::Severity;
use domain::rules::{Looks, Rule};

use Severity::{Error, Warning};

/// One line of the matrix.
#[derive(Clone, Copy)]
struct Row {
    code: &'static str,
    /// What is real in it, and what breaks it.
    fault: &'static str,
    severity: Severity,
    healed_by: &'static str,
}

const fn row(code: &'static str, severity: Severity, fault: &'static str, healed_by: &'static str) -> Row {
    Row {
        code,
        fault,
        severity,
        healed_by,
    }
}

const OWN: &str = "its own recovery text";
const REQUEST: &str = "the request that it offers: a dump is restored";

const MATRIX: [Row; 20] = [
    row(
        "wrong-master-key",
        Error,
        "Ampora’s environment holds version 1 of the key, the envelopes are of version 3",
        "the version that it names; its commands are run before",
    ),
    row(
        "ca-lost",
        Error,
        "the table of signing keys is empty; or it holds an authority that was made anew",
        REQUEST,
    ),
    row(
        "audit-rewound",
        Error,
        "the audit events of the last three hours are gone",
        REQUEST,
    ),
    row(
        "effective-config-missing",
        Warning,
        "an agent that reports has no effective configuration",
        "the agent’s next report",
    ),
    row("empty-database", Error, "every table is empty", REQUEST),
    row(
        "first-login-becomes-admin",
        Error,
        "the table of users is empty",
        REQUEST,
    ),
    row(
        "hidden-rows",
        Warning,
        "Muster’s role may not pass by row-level security",
        OWN,
    ),
    row("revoked-valid-again", Error, "a revocation is undone", OWN),
    row("tokens-alive-again", Error, "a token that was redeemed is back", OWN),
    row(
        "crl-past-next-update",
        Error,
        "the list that is served ended five minutes ago",
        "a new list, as a leader signs it",
    ),
    row(
        "audit-sweep",
        Warning,
        "the archived audit events are deleted",
        "the rows, brought back",
    ),
    row(
        "foreign-timeline",
        Error,
        "a copy of the cluster is promoted and archives into the stanza",
        OWN,
    ),
    row(
        "schema-ahead",
        Error,
        "a migration came with the newer image, and the older image runs again",
        "the newer image",
    ),
    row(
        "two-clusters-one-stanza",
        Error,
        "another cluster makes the stanza its own and archives into it",
        OWN,
    ),
    row(
        "recovery-stopped-early",
        Error,
        "the cluster is restored while a segment can’t be had, which is there again later",
        OWN,
    ),
    row(
        "previous-master-key-set",
        Warning,
        "the previous key is in Ampora’s environment, and nothing needs it",
        OWN,
    ),
    row(
        "key-version-pruned",
        Warning,
        "Vault keeps three versions, and the envelopes are of the oldest",
        OWN,
    ),
    row(
        "backup-tool-errors",
        Error,
        "a page of a table is overwritten, and a backup is taken of it",
        OWN,
    ),
    row(
        "clock-skew",
        Error,
        "Muster’s clock is two minutes ahead of the database’s",
        "Muster’s clock, set right",
    ),
    row(
        "wal-archiving-stalled",
        Error,
        "archive_command fails",
        "the setting, taken back; its own check passes then",
    ),
];

/// What is wrong with keys and drills is tried where keys are rotated and drills are run.
fn has_its_own_tests(rule: &Rule) -> bool {
    rule.looks == [Looks::Drills]
        || (rule.looks.contains(&Looks::Keys) && MATRIX.iter().all(|row| row.code != rule.code))
}

/// The line of this rule.
fn expected(code: &str) -> Row {
    let found = MATRIX.iter().find(|row| row.code == code);
    *found.unwrap_or_else(|| panic!("{code} isn't in the matrix"))
}

#[test]
fn every_rule_about_something_outside_is_in_the_matrix() {
    let rules: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !has_its_own_tests(rule))
        .map(|rule| rule.code)
        .collect();
    let rows: Vec<_> = MATRIX.iter().map(|row| row.code).collect();
    assert_eq!(rules, rows);
}

#[test]
fn the_documentation_shows_the_matrix() {
    const BEGIN: &str = "<!-- matrix: printed by the test -->\n";
    const END: &str = "<!-- end of the matrix -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/failure-modes.md");
    let text = fs::read_to_string(path).expect("the documentation is there");
    let (head, rest) = text.split_once(BEGIN).expect("the mark is there");
    let (_, tail) = rest.split_once(END).expect("the end mark is there");
    let lines = MATRIX.iter().map(|row| {
        format!(
            "| `{}` | {} | {} | {} |\n",
            row.code,
            row.fault,
            row.severity.word(),
            row.healed_by
        )
    });
    let table = lines.collect::<String>();
    let printed =
        format!("{head}{BEGIN}| Finding | Fault | Severity | Healed by |\n|---|---|---|---|\n{table}{END}{tail}");
    if std::env::var_os("MUSTER_MATRIX").is_some() {
        fs::write(path, printed).expect("the checkout is ours");
    } else {
        assert_eq!(text, printed, "run this test with MUSTER_MATRIX=1 to print the matrix");
    }
}
