//! Runs every test there is, with its output as it comes, and ends with one line for each runner.

use crate::checkout::{Checkout, succeed};
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What one runner says of its tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    /// Ignored, skipped, or never reached.
    pub not_run: u64,
}

/// Runs the Rust tests, then the browser tests. Fails if one of them failed, if a runner broke off, or ran nothing.
pub fn run(checkout: &Checkout) -> anyhow::Result<()> {
    // Both runners drive the real binary with the real bundle.
    succeed(&mut checkout.cargo(["build", "--workspace", "--locked"]))?;
    succeed(Command::new(checkout.built("bundle")).current_dir(checkout.root()))?;

    let runners = [("rust", rust(checkout)), ("browser", browser(checkout))];
    println!();
    let mut sound = true;
    for (runner, outcome) in runners {
        match outcome {
            Ok((tally, finished)) => {
                println!("{runner}: {tally}");
                sound &= finished && tally.is_sound();
            }
            Err(error) => {
                println!("{runner}: not run: {error:#}");
                sound = false;
            }
        }
    }
    ensure!(sound, "not every test ran and passed");
    Ok(())
}

impl Tally {
    fn is_sound(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_run += other.not_run;
    }

    /// Reads a line such as `test result: ok. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s`.
    pub fn of_libtest(line: &str) -> Option<Self> {
        let mut tally = Self::default();
        for part in line.strip_prefix("test result: ")?.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let Some(Ok(count)) = words.next().map(str::parse) else {
                continue;
            };
            match words.next() {
                Some("passed") => tally.passed = count,
                Some("failed") => tally.failed = count,
                Some("ignored") => tally.not_run = count,
                _ => {}
            }
        }
        Some(tally)
    }

    /// Reads the `stats` of Playwright's JSON report.
    pub fn of_playwright(report: &Value) -> Option<Self> {
        let count = |key| report.get("stats")?.get(key)?.as_u64();
        Some(Self {
            passed: count("expected")? + count("flaky")?,
            failed: count("unexpected")?,
            not_run: count("skipped")?,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.not_run > 0 {
            write!(out, ", {} skipped", self.not_run)?;
        }
        Ok(())
    }
}

/// The sum over all test binaries, and whether cargo was content: it isn't if one doesn't compile or dies.
fn rust(checkout: &Checkout) -> anyhow::Result<(Tally, bool)> {
    let mut cargo = checkout.cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo could not be started")?;
    let mut tally = Tally::default();
    let printed = child.stdout.take().context("cargo has no standard output")?;
    for line in BufReader::new(printed).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        tally.add(Tally::of_libtest(&line).unwrap_or_default());
    }
    Ok((tally, child.wait()?.success()))
}

fn browser(checkout: &Checkout) -> anyhow::Result<(Tally, bool)> {
    let folder = checkout.root().join("end2end");
    ensure!(
        folder.join("package.json").is_file(),
        "there is no end2end/package.json"
    );
    let report = tempfile::NamedTempFile::new()?;
    // Not npx, which may belong to an older Node than the one that set-up chose.
    let status = Command::new("node")
        .args(["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", report.path())
        .env("MUSTER_BIN", checkout.built("muster"))
        .env("KUBERNETES_API_BIN", checkout.built("kubernetes-api"))
        .current_dir(folder)
        .status()
        .context("Node could not be started; `make test` installs it")?;
    Ok((read_report(report.path())?, status.success()))
}

fn read_report(path: &Path) -> anyhow::Result<Tally> {
    let text = fs::read_to_string(path)?;
    ensure!(!text.is_empty(), "Playwright broke off before it wrote a report");
    let report = serde_json::from_str(&text).context("Playwright's report is no JSON")?;
    Tally::of_playwright(&report).context("Playwright's report has no statistics")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_result_of_libtest_is_counted() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 9 filtered out; finished in 0.10s";
        assert_eq!(
            Tally::of_libtest(line),
            Some(Tally {
                passed: 3,
                failed: 1,
                not_run: 2
            })
        );
        assert_eq!(Tally::of_libtest("test some::result: ... ok"), None);
    }

    #[test]
    fn a_report_of_playwright_is_counted() {
        let report = json!({ "stats": { "expected": 4, "unexpected": 1, "flaky": 1, "skipped": 2, "duration": 1.5 } });
        assert_eq!(
            Tally::of_playwright(&report),
            Some(Tally {
                passed: 5,
                failed: 1,
                not_run: 2
            })
        );
        assert_eq!(Tally::of_playwright(&json!({ "errors": [] })), None);
    }

    #[test]
    fn nothing_run_is_not_success() {
        assert!(!Tally::default().is_sound());
        assert!(
            !Tally {
                passed: 1,
                failed: 1,
                not_run: 0
            }
            .is_sound()
        );
        assert!(
            Tally {
                passed: 1,
                failed: 0,
                not_run: 0
            }
            .is_sound()
        );
    }
}
