//! Who may depend on whom. `domain ← {store, adapters} ← recovery ← app(ssr) ← server` and `domain ← app(hydrate) ←
//! frontend`: one chain and no arrow back, or what is pure, testable and small enough for the browser soon isn't.

use crate::checkout::Checkout;
use crate::graph::{self, Built};
use crate::verdict;
use cargo_metadata::DependencyKind;
use std::collections::BTreeSet;

/// Each member of the workspace with those it may be built on. Tests may use `testkit` besides.
const ARROWS: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("adapters", &["domain"]),
    ("recovery", &["domain", "store", "adapters"]),
    ("app", &["domain", "recovery"]),
    ("server", &["domain", "store", "adapters", "recovery", "app", "demo"]),
    ("frontend", &["app"]),
    ("stand-in", &["domain", "adapters"]),
    ("demo", &["domain", "adapters", "stand-in"]),
    ("testkit", &["domain", "adapters", "stand-in"]),
    ("bundle", &[]),
    ("xtask", &[]),
];

/// Arrows that exist only behind the one feature: the browser must not get `recovery`, and a build without the demo must
/// not contain its identity provider.
const BEHIND_A_FEATURE: [(&str, &str, &str); 2] = [("app", "recovery", "ssr"), ("server", "demo", "demo")];

/// Crates that would make the bundle large or don't work in a browser.
const NOT_IN_THE_BROWSER: [&str; 9] = [
    "adapters",
    "chrono-tz",
    "leptos_router",
    "plotters",
    "recovery",
    "sqlx",
    "sqlx-core",
    "store",
    "tokio",
];

/// A dependency between two members of the workspace, as declared.
#[derive(Debug, Clone)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    pub kind: DependencyKind,
    /// The features of `from` that switch it on; `None` if it is always there.
    pub features: Option<Vec<String>>,
}

/// Fails with every arrow that shouldn't be, and with every crate that is where it shouldn't be.
pub fn check(checkout: &Checkout) -> anyhow::Result<()> {
    let built = graph::host(checkout)?;
    let tested = graph::host_with_tests(checkout)?;
    let mut complaints = between_members(&members(checkout), &declared(checkout));
    complaints.extend(in_the_server(&tested));
    complaints.extend(in_the_browser(&graph::browser(checkout)?));
    complaints.extend(two_feature_sets(&built, &tested));
    verdict(complaints)
}

/// The names of the workspace's members.
pub fn members(checkout: &Checkout) -> Vec<String> {
    checkout
        .workspace
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect()
}

/// The arrows between members, from their manifests.
pub fn declared(checkout: &Checkout) -> Vec<Arrow> {
    let packages = &checkout.workspace.packages;
    let arrows = packages.iter().flat_map(|package| {
        package
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some())
            .map(|dependency| Arrow {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                kind: dependency.kind,
                features: dependency.optional.then(|| {
                    let switch = format!("dep:{}", dependency.name);
                    let switches = |(_, parts): &(&String, &Vec<String>)| parts.contains(&switch);
                    package
                        .features
                        .iter()
                        .filter(switches)
                        .map(|(feature, _)| feature.clone())
                        .collect()
                }),
            })
    });
    arrows.collect()
}

/// Complaints about arrows between members of the workspace.
pub fn between_members(members: &[String], arrows: &[Arrow]) -> Vec<String> {
    let mut complaints = Vec::new();
    for member in members.iter().filter(|member| allowed(member).is_none()) {
        complaints.push(format!(
            "{member} has no place in the chain yet: give it one in crates/xtask/src/arrows.rs"
        ));
    }
    for Arrow {
        from,
        to,
        kind,
        features,
    } in arrows
    {
        let allowed = allowed(from).unwrap_or_default().contains(&to.as_str());
        let in_tests = *kind == DependencyKind::Development;
        if to == "testkit" && !in_tests {
            complaints.push(format!("{from} uses testkit outside its tests"));
        } else if to != "testkit" && !allowed {
            complaints.push(format!("{from} must not depend on {to}"));
        }
        let gate = BEHIND_A_FEATURE
            .iter()
            .find(|(one, other, _)| (one, other) == (&from.as_str(), &to.as_str()));
        if let Some((_, _, gate)) = gate
            && !in_tests
            && features.as_deref() != Some(&[(*gate).to_owned()])
        {
            complaints.push(format!(
                "{from} must depend on {to} by its feature `{gate}` and by nothing else"
            ));
        }
    }
    complaints
}

fn allowed(member: &str) -> Option<&'static [&'static str]> {
    ARROWS
        .iter()
        .find(|(name, _)| *name == member)
        .map(|(_, allowed)| *allowed)
}

/// Complaints about the graph of the server under test.
pub fn in_the_server(host: &BTreeSet<Built>) -> Vec<String> {
    let reactive = host.iter().filter(|built| built.name == "reactive_graph");
    reactive
        .filter(|built| built.features.contains("effects"))
        .map(|_| "reactive_graph has `effects` on the server, where they panic outside a LocalSet".to_owned())
        .collect()
}

/// Complaints about the graph of the browser bundle.
pub fn in_the_browser(browser: &BTreeSet<Built>) -> Vec<String> {
    let unwelcome = browser
        .iter()
        .filter(|built| NOT_IN_THE_BROWSER.contains(&built.name.as_str()));
    unwelcome
        .map(|built| format!("{} {} has come into the browser bundle", built.name, built.version))
        .collect()
}

/// Complaints about crates that a test build would compile a second time, with other features.
pub fn two_feature_sets(built: &BTreeSet<Built>, tested: &BTreeSet<Built>) -> Vec<String> {
    let names: BTreeSet<_> = built.iter().map(|built| (&built.name, &built.version)).collect();
    let again = tested
        .difference(built)
        .filter(|tested| names.contains(&(&tested.name, &tested.version)));
    again
        .map(|tested| {
            format!(
                "tests need {} with other features ({}): every build would be done twice; give the feature to the crate itself",
                tested.name,
                tested.features.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
            )
        })
        .collect()
}
