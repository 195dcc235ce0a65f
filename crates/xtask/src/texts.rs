//! What no compiler sees: paths of one machine, other package registries, and files nobody wants to read to their end.

use crate::checkout::{Checkout, output};
use crate::verdict;
use anyhow::ensure;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Longer files have more than one subject.
const LINES: usize = 400;
const WRITTEN_BY_HAND: [&str; 6] = ["rs", "css", "ts", "mjs", "sh", "sql"];

/// Fails with each place in the files that git tracks or would track.
pub fn check(checkout: &Checkout) -> anyhow::Result<()> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(checkout.root());
    let names = output(&mut git)?;
    let machine = machine_paths(checkout.root());
    let mut complaints = Vec::new();
    let mut read = 0;
    for name in names.split_terminator('\0') {
        // Binary files and files removed but not yet committed have no text.
        let Ok(text) = fs::read_to_string(checkout.root().join(name)) else {
            continue;
        };
        read += 1;
        complaints.extend(of_file(name, &text, &machine));
    }
    ensure!(read > 0, "git lists no file, so nothing was checked");
    verdict(complaints)
}

/// Complaints about one file; `machine` are the paths that must not occur.
pub fn of_file(name: &str, text: &str, machine: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        if let Some(path) = machine.iter().find(|path| names_path(content, path)) {
            complaints.push(format!("{name}:{line}: {path} exists on this machine only"));
        }
        if is_foreign_registry(name, content) {
            complaints.push(format!("{name}:{line}: an address of a package registry"));
        }
    }
    let lines = text.lines().count();
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    if WRITTEN_BY_HAND.contains(&extension) && lines > LINES {
        complaints.push(format!("{name}: {lines} lines, {LINES} at most"));
    }
    complaints
}

/// The home folder and the folder of the checkout, unless that is a temporary one.
fn machine_paths(root: &Path) -> Vec<String> {
    let home = env::var("HOME").unwrap_or_default();
    let around = root.parent().filter(|parent| !parent.starts_with(env::temp_dir()));
    let around = around.map(|parent| parent.display().to_string()).unwrap_or_default();
    [home, around].into_iter().filter(|path| path.len() > 1).collect()
}

/// Whether the path stands there by itself: `/home` isn't named by `/srv/home` nor by `/homepage`.
fn names_path(content: &str, path: &str) -> bool {
    content.match_indices(path).any(|(at, _)| {
        let joins = |next: char| next.is_alphanumeric() || matches!(next, '/' | '_' | '-' | '.' | '}' | ')' | '~');
        let before = content[..at].chars().next_back();
        let after = content[at + path.len()..].chars().next();
        !before.is_some_and(joins) && after == Some('/')
    })
}

fn is_foreign_registry(name: &str, content: &str) -> bool {
    let content = content.trim();
    match name.rsplit('/').next().unwrap_or_default() {
        "Cargo.lock" => content.starts_with("source = ") && !content.contains("github.com/rust-lang/crates.io-index"),
        // Written without addresses, so that each machine asks the registry it is set up with.
        "package-lock.json" => content.starts_with("\"resolved\": "),
        ".npmrc" => content
            .split('=')
            .next()
            .is_some_and(|key| key.trim().ends_with("registry")),
        "config.toml" => content.starts_with("[source"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(name: &str, text: &str) -> Vec<String> {
        of_file(name, text, &["/srv/checkouts".to_owned()])
    }

    #[test]
    fn a_path_of_the_machine_is_found_and_a_similar_one_is_not() {
        assert_eq!(complaints("docs/a.md", "\nsee `/srv/checkouts/muster`").len(), 1);
        assert!(complaints("docs/a.md", "/backup/srv/checkouts/a and /srv/checkouts.d").is_empty());
    }

    #[test]
    fn another_registry_is_found() {
        assert_eq!(
            complaints(
                "end2end/package-lock.json",
                "\"resolved\": \"https://npm.example/a.tgz\""
            )
            .len(),
            1
        );
        assert!(complaints("end2end/package-lock.json", "\"version\": \"1.2.3\",").is_empty());
        assert_eq!(
            complaints("Cargo.lock", "source = \"registry+https://crates.example/index\"").len(),
            1
        );
        assert_eq!(complaints(".cargo/config.toml", "[source.crates-io]").len(), 1);
        assert_eq!(
            complaints("end2end/.npmrc", "@ours:registry=https://npm.example").len(),
            1
        );
        assert!(complaints("end2end/.npmrc", "omit-lockfile-registry-resolved=true").is_empty());
    }

    #[test]
    fn only_files_written_by_hand_have_a_limit() {
        let long = "x\n".repeat(LINES + 1);
        assert_eq!(complaints("app/src/lib.rs", &long).len(), 1);
        assert!(complaints("Cargo.lock", &long).is_empty());
    }
}
