//! The fault-injection matrix: something real is brought into each fault; the finding of that fault appears within one collection and no
//! other error does, and it goes when the fault is repaired. The table is what each test holds itself to, and what the documentation shows:
//! with MUSTER_MATRIX set it is printed there.

mod archive;
mod beside;
mod custody;
mod drift;
mod drills;
mod envelopes;
mod faults;
mod held;
mod keys;
mod leftover;
mod life;
mod odd_keys;
mod patient;
mod restore;
mod restored;
mod rows;
mod table;

use std::fs;

use domain::rules::Rule;

use table::{MATRIX, Row};

/// The line of this rule.
fn expected(code: &str) -> Row {
    let found = MATRIX.iter().find(|row| row.code == code);
    *found.unwrap_or_else(|| panic!("{code} isn't in the matrix"))
}

#[test]
fn every_rule_is_in_the_matrix() {
    let rules = Rule::ALL.map(|rule| rule.code);
    assert_eq!(rules, MATRIX.map(|row| row.code));
}

#[test]
fn every_row_of_the_matrix_is_tried() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/matrix");
    let files = fs::read_dir(folder).expect("the checkout is ours").flatten();
    let trials = files.filter(|file| file.file_name() != "table.rs");
    let text: String = trials
        .map(|file| fs::read_to_string(file.path()).expect("a source"))
        .collect();
    let untried: Vec<_> = MATRIX
        .iter()
        .map(|row| row.code)
        .filter(|code| !text.contains(&format!("\"{code}\"")))
        .collect();
    assert_eq!(untried, Vec::<&str>::new());
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
            "| `{}` | {} | {} | {} | {} |\n",
            row.code,
            row.fault,
            row.severity.word(),
            row.healed_by,
            row.recovery.words()
        )
    });
    let table = lines.collect::<String>();
    let printed = format!(
        "{head}{BEGIN}| Finding | Fault | Severity | Healed by | Its recovery |\n|---|---|---|---|---|\n{table}{END}{tail}"
    );
    if std::env::var_os("MUSTER_MATRIX").is_some() {
        fs::write(path, printed).expect("the checkout is ours");
    } else {
        assert_eq!(text, printed, "run this test with MUSTER_MATRIX=1 to print the matrix");
    }
}
