//! What proves that a checkout is sound, and the runner of its tests. A library, so that the tests of this crate prove the
//! dependency arrows on every `make test` and not only where somebody remembers to lint.

pub mod arrows;
pub mod checkout;
pub mod cluster;
pub mod graph;
pub mod licences;
pub mod lint;
pub mod opamp;
pub mod runners;
pub mod sqlx;
pub mod texts;

/// Turns what a check has to complain about into one error that lists it all, or into success.
pub fn verdict(complaints: Vec<String>) -> anyhow::Result<()> {
    anyhow::ensure!(complaints.is_empty(), "\n  {}", complaints.join("\n  "));
    Ok(())
}
