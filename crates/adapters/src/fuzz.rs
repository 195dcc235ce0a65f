//! Every parser of outside data as a function from bytes that must neither panic, nor hang, nor break what it promises. There is one body
//! a parser, run in three ways: over the seeds below `fuzz/corpus` and the recorded answers in every `cargo test`, over changed seeds by
//! proptest, and for as long as one likes by libFuzzer (see CONTRIBUTING.md). What libFuzzer finds is put into the corpus, and stays a
//! test.

mod values;

use crate::{kubernetes, opamp, pgbackrest, rds, registry, tls, vault, walg};

/// One parser.
pub struct Target {
    /// Name of its folder below `fuzz/corpus`, and of its program.
    pub name: &'static str,
    pub body: fn(&[u8]),
    /// Folder of this crate with recorded answers, which are seeds too.
    pub recorded: Option<&'static str>,
}

impl Target {
    const fn new(name: &'static str, body: fn(&[u8])) -> Self {
        Self {
            name,
            body,
            recorded: None,
        }
    }

    const fn with(self, recorded: &'static str) -> Self {
        Self {
            recorded: Some(recorded),
            ..self
        }
    }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target::new("audit_export", values::audit_export),
    Target::new("envelope", values::envelope),
    Target::new("kubernetes_manifests", kubernetes::fuzz::manifests),
    Target::new("master_key", values::master_key),
    Target::new("opamp_answer", opamp::fuzz::answer),
    Target::new("pgbackrest_history", pgbackrest::fuzz::history),
    Target::new("pgbackrest_info", pgbackrest::fuzz::info).with("tests/fixtures/pgbackrest"),
    Target::new("pgbackrest_listing", pgbackrest::fuzz::listing),
    Target::new("pgbackrest_verify", pgbackrest::fuzz::verify).with("tests/fixtures/pgbackrest"),
    Target::new("rds_answer", rds::fuzz::answer).with("src/rds/samples"),
    Target::new("registry_challenge", registry::fuzz::challenge),
    Target::new("registry_manifest", registry::fuzz::manifest),
    Target::new("tls_bundle", tls::fuzz::bundle).with("tests/fixtures/tls"),
    Target::new("tls_certificate", tls::fuzz::certificate),
    Target::new("vault_answer", vault::fuzz::answer),
    Target::new("walg_backup_list", walg::fuzz::backup_list).with("tests/fixtures/walg"),
    Target::new("walg_wal_show", walg::fuzz::wal_show).with("tests/fixtures/walg"),
    Target::new("walg_wal_verify", walg::fuzz::wal_verify).with("tests/fixtures/walg"),
];

/// The body of this name.
#[must_use]
pub fn body(name: &str) -> Option<fn(&[u8])> {
    TARGETS
        .iter()
        .find(|target| target.name == name)
        .map(|target| target.body)
}

#[cfg(test)]
mod tests;
