//! The crates that cargo would really build, with the features it would switch on. `cargo metadata` resolves for all
//! targets at once and unifies their features, so these graphs are read from `cargo tree`.

use crate::checkout::{Checkout, WASM, output};
use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;

/// One crate in one graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Built {
    pub name: String,
    pub version: String,
    /// Features that are switched on.
    pub features: BTreeSet<String>,
    /// The SPDX expression of the manifest; empty if there is none.
    pub licence: String,
}

/// Everything on this machine's side: `cargo build --workspace`.
pub fn host(checkout: &Checkout) -> anyhow::Result<BTreeSet<Built>> {
    tree(checkout, &["--workspace", "--edges", "normal,build"])
}

/// The same with what only tests need: `cargo test --workspace`.
pub fn host_with_tests(checkout: &Checkout) -> anyhow::Result<BTreeSet<Built>> {
    tree(checkout, &["--workspace", "--edges", "normal,build,dev"])
}

/// What the `muster` binary consists of.
pub fn server(checkout: &Checkout) -> anyhow::Result<BTreeSet<Built>> {
    tree(checkout, &["--package", "server", "--edges", "normal,no-proc-macro"])
}

/// What the browser loads.
pub fn browser(checkout: &Checkout) -> anyhow::Result<BTreeSet<Built>> {
    tree(
        checkout,
        &[
            "--package",
            "frontend",
            "--target",
            WASM,
            "--edges",
            "normal,no-proc-macro",
        ],
    )
}

fn tree(checkout: &Checkout, which: &[&str]) -> anyhow::Result<BTreeSet<Built>> {
    let shape = ["tree", "--locked", "--prefix", "none", "--format", "{p}\t{f}\t{l}"];
    let printed = output(&mut checkout.cargo(shape.iter().chain(which).copied()))?;
    let crates = parse(&printed)?;
    ensure!(
        !crates.is_empty(),
        "`cargo tree` listed nothing, so nothing could be checked"
    );
    Ok(crates)
}

/// Lines are `name vVERSION (where from)`, features and licence between tabs; ` (*)` marks a repeated one.
fn parse(printed: &str) -> anyhow::Result<BTreeSet<Built>> {
    printed
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let unknown = || format!("`cargo tree` printed a line of an unknown form: {line}");
            let line = line.strip_suffix(" (*)").unwrap_or(line);
            let [package, features, licence] = line
                .split('\t')
                .collect::<Vec<_>>()
                .try_into()
                .ok()
                .with_context(unknown)?;
            let mut words = package.split(' ');
            let name = words.next().with_context(unknown)?;
            let version = words
                .next()
                .and_then(|word| word.strip_prefix('v'))
                .with_context(unknown)?;
            Ok(Built {
                name: name.to_owned(),
                version: version.to_owned(),
                features: features
                    .split(',')
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect(),
                licence: licence.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo_tree_are_read() {
        let printed = "serde v1.0.0\tdefault,std\tMIT OR Apache-2.0\n\
                       serde v1.0.0\tdefault,std\tMIT OR Apache-2.0 (*)\n\
                       quote-macro v0.2.1 (proc-macro)\t\t\n";
        let crates: Vec<_> = parse(printed).unwrap().into_iter().collect();
        assert_eq!(crates.len(), 2);
        assert_eq!(
            (crates[0].name.as_str(), crates[0].licence.as_str()),
            ("quote-macro", "")
        );
        assert_eq!(crates[1].version, "1.0.0");
        assert!(crates[1].features.contains("std"));
    }

    #[test]
    fn a_line_of_another_form_is_an_error_and_not_an_empty_graph() {
        assert!(parse("serde 1.0.0").is_err());
    }
}
