//! The licence policy of this checkout, and what it would refuse.

use std::collections::BTreeSet;
use xtask::checkout::Checkout;
use xtask::graph::Built;
use xtask::licences::{self, Policy};

const POLICY: &str = r#"
[licenses]
allow = ["MIT", "Apache-2.0", "Unicode-3.0"]
exceptions = [{ name = "minifier", allow = ["MPL-2.0"] }]
[bans]
deny = [{ name = "ring", reason = "one provider" }]
"#;

fn crates(named: &[(&str, &str)]) -> BTreeSet<Built> {
    let built = named.iter().map(|(name, licence)| Built {
        name: (*name).to_owned(),
        version: "1.0.0".to_owned(),
        features: BTreeSet::new(),
        licence: (*licence).to_owned(),
    });
    built.collect()
}

fn complaints(all: &[(&str, &str)], shipped: &[(&str, &str)]) -> Vec<String> {
    Policy::read(POLICY)
        .expect("the policy is TOML")
        .complaints(&crates(all), &crates(shipped))
}

#[test]
fn the_licences_of_this_checkout_are_allowed() {
    licences::check(&Checkout::locate().unwrap()).unwrap();
}

#[test]
fn one_allowed_choice_is_enough_and_each_part_is_needed() {
    for fine in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-2.0-only OR MIT",
        "(MIT OR ISC) AND Unicode-3.0",
    ] {
        assert!(complaints(&[("some", fine)], &[]).is_empty(), "{fine}");
    }
    for wrong in [
        "GPL-3.0-only",
        "MIT AND ISC",
        "Apache-2.0 WITH LLVM-exception",
        "",
        "whatever",
    ] {
        assert_eq!(complaints(&[("some", wrong)], &[]).len(), 1, "{wrong}");
    }
}

#[test]
fn an_exception_is_for_tools_only() {
    let minifier = [("minifier", "MPL-2.0")];
    assert!(complaints(&minifier, &[]).is_empty());
    assert_eq!(complaints(&minifier, &minifier).len(), 1);
    assert_eq!(complaints(&[("other", "MPL-2.0")], &[]).len(), 1);
}

#[test]
fn a_banned_crate_is_named_with_its_reason() {
    assert_eq!(
        complaints(&[("ring", "MIT")], &[]),
        ["ring 1.0.0 is banned: one provider"]
    );
}
