//! Every check of `make lint`. All of them run, so that one look shows all there is to mend.

use crate::checkout::{Checkout, WASM, succeed};
use crate::{arrows, licences, sqlx, texts};
use anyhow::ensure;
use std::time::Instant;

type Check = fn(&Checkout) -> anyhow::Result<()>;

/// The quick ones first.
const CHECKS: [(&str, Check); 8] = [
    ("format", format),
    ("texts", texts::check),
    ("arrows", arrows::check),
    ("licences", licences::check),
    ("clippy", clippy),
    ("clippy for the browser", clippy_for_the_browser),
    ("sqlx", sqlx::check),
    ("domain for the browser", domain_builds_for_wasm),
];

/// Runs all checks and fails with the names of those that failed.
pub fn run(checkout: &Checkout) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        let started = Instant::now();
        let outcome = check(checkout);
        let seconds = started.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => println!("lint: {name}: ok, {seconds:.1} s"),
            Err(error) => {
                println!("lint: {name}: FAILED, {seconds:.1} s: {error:#}");
                failed.push(name);
            }
        }
    }
    ensure!(failed.is_empty(), "lint failed: {}", failed.join(", "));
    Ok(())
}

/// `domain` alone, with its own features: in the bundle others might switch on what it lacks.
pub fn domain_builds_for_wasm(checkout: &Checkout) -> anyhow::Result<()> {
    succeed(&mut checkout.cargo(["check", "--package", "domain", "--target", WASM, "--locked", "--quiet"]))
}

fn format(checkout: &Checkout) -> anyhow::Result<()> {
    succeed(&mut checkout.cargo(["fmt", "--all", "--check"]))
}

fn clippy(checkout: &Checkout) -> anyhow::Result<()> {
    succeed(&mut checkout.cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Lints `app` and `domain` as the browser gets them, too.
fn clippy_for_the_browser(checkout: &Checkout) -> anyhow::Result<()> {
    succeed(&mut checkout.cargo([
        "clippy",
        "--package",
        "frontend",
        "--target",
        WASM,
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}
