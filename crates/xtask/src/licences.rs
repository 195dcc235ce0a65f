//! Licences and bans of `deny.toml`, checked over the crates that are built here and for the browser. cargo-deny reads the
//! same file and does more, but would have to be installed first.

use crate::checkout::Checkout;
use crate::graph::{self, Built};
use crate::verdict;
use anyhow::Context as _;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What deny.toml says.
#[derive(Debug, Default)]
pub struct Policy {
    /// SPDX ids that are fine everywhere.
    pub allowed: BTreeSet<String>,
    /// Crates that may have further licences, as long as they are tools and not shipped.
    pub tools: BTreeMap<String, BTreeSet<String>>,
    /// Crates that must not be there, with the reason.
    pub banned: BTreeMap<String, String>,
}

/// Fails with every crate whose licence isn't allowed, and with every banned one.
pub fn check(checkout: &Checkout) -> anyhow::Result<()> {
    let text = fs::read_to_string(checkout.root().join("deny.toml")).context("deny.toml")?;
    let policy = Policy::read(&text)?;
    let browser = graph::browser(checkout)?;
    let shipped = graph::server(checkout)?.union(&browser).cloned().collect();
    let all = graph::host_with_tests(checkout)?.union(&browser).cloned().collect();
    verdict(policy.complaints(&all, &shipped))
}

impl Policy {
    /// Reads the parts of deny.toml that are checked here.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let file: toml::Table = text.parse().context("deny.toml is no TOML")?;
        let list = |section: &str, key: &str| file.get(section).and_then(|section| section.get(key));
        let entries = |section, key| list(section, key).and_then(toml::Value::as_array).into_iter().flatten();
        let text = |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let named = |entry: &toml::Value| text(entry, "name").context("an entry of deny.toml has no name");
        let strings = |value: &toml::Value| -> BTreeSet<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(toml::Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        Ok(Self {
            allowed: strings(list("licenses", "allow").context("deny.toml allows no licence")?),
            tools: entries("licenses", "exceptions")
                .map(|entry| Ok((named(entry)?, entry.get("allow").map(strings).unwrap_or_default())))
                .collect::<anyhow::Result<_>>()?,
            banned: entries("bans", "deny")
                .map(|entry| Ok((named(entry)?, text(entry, "reason").unwrap_or_default())))
                .collect::<anyhow::Result<_>>()?,
        })
    }

    /// What is wrong with `all` crates that are built, of which `shipped` reach a user.
    pub fn complaints(&self, all: &BTreeSet<Built>, shipped: &BTreeSet<Built>) -> Vec<String> {
        let shipped: BTreeSet<_> = shipped.iter().map(|built| &built.name).collect();
        let mut complaints = BTreeSet::new();
        for built in all {
            let Built {
                name, version, licence, ..
            } = built;
            if let Some(reason) = self.banned.get(name) {
                complaints.insert(format!("{name} {version} is banned: {reason}"));
            }
            let further = self.tools.get(name).filter(|_| !shipped.contains(name));
            if !self.permits(licence, further) {
                let licence = if licence.is_empty() {
                    "no licence in its manifest"
                } else {
                    licence
                };
                complaints.insert(format!(
                    "{name} {version}: {licence}, which deny.toml doesn't allow here"
                ));
            }
        }
        complaints.into_iter().collect()
    }

    fn permits(&self, licence: &str, further: Option<&BTreeSet<String>>) -> bool {
        // Older manifests write `MIT/Apache-2.0`.
        let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
            return false;
        };
        expression.evaluate(|one| {
            let one = one.to_string();
            self.allowed.contains(&one) || further.is_some_and(|further| further.contains(&one))
        })
    }
}
