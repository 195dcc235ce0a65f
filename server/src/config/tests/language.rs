//! Everything that may be written, is read.

use std::path::Path;

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;

use super::super::deployment::*;
use super::*;

/// Every key of every section, kinds whose adapters come later included.
const ALL: &str = include_str!("all.toml");

#[test]
fn an_empty_file_has_safe_defaults() {
    let config = accepted("");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.approvals.quorum.people(), 2);
    assert_eq!(config.approvals.reveal, Reveal::Sealed);
    assert_eq!(config.approvals.clock_skew.0, TimeDelta::seconds(5));
    assert_eq!(config.approvals.login_max_age.0, TimeDelta::minutes(5));
    assert!(config.approvals.operators_approve);
    assert!(config.database.url.is_none() && config.oidc.is_none() && config.deployments.is_empty());
}

#[test]
fn a_deployment_needs_a_name_only_and_promises_nothing() {
    let config = accepted(SMALL);
    let policy = &config.deployments[0].policy;
    assert!(
        policy.rpo.is_none() && policy.full_backup_age.is_none(),
        "an undeclared limit is unset, not a default"
    );
    assert_eq!(
        config.deployments[0].envelope.layout,
        domain::envelope::Layout::default()
    );
    assert!(config.deployments[0].database.is_none());
}

#[test]
fn the_whole_language_is_accepted() {
    let loaded = read(ALL).unwrap_or_else(|error| panic!("{error}"));
    let config = loaded.config;
    let [full, others @ ..] = config.deployments.as_slice() else {
        panic!("no deployment")
    };
    let kinds: Vec<_> = full.sources.iter().map(Source::kind).collect();
    assert_eq!(
        kinds,
        ["pgbackrest", "walg", "dumps", "dumps", "dumps", "dumps", "dumps", "rds"]
    );
    let managers: Vec<_> = config
        .deployments
        .iter()
        .filter_map(|each| Some(each.master_key.as_ref()?.manager.kind()))
        .collect();
    assert_eq!(managers, ["vault", "aws", "gcp", "azure", "kubernetes", "file"]);
    let destinations = full.key_destinations.iter();
    let destinations: Vec<_> = destinations.map(|destination| destination.manager.kind()).collect();
    assert_eq!(destinations, ["kubernetes", "vault", "aws", "file"]);
    let replicas = &full.master_key.as_ref().unwrap().replicas;
    assert_eq!(
        replicas
            .iter()
            .map(|replica| replica.manager.kind())
            .collect::<Vec<_>>(),
        ["aws", "file", "vault", "vault"]
    );
    assert!(
        matches!(&full.sandbox.launcher, Launcher::Command(argv) if argv == &["/usr/local/bin/start-ampora", "--port", "0"])
    );
    assert!(matches!(others[0].sandbox.launcher, Launcher::None));
    assert!(matches!(others[1].sandbox.launcher, Launcher::Kubernetes(_)));
    assert_eq!(full.sandbox.bin_dir[&16], Path::new("/usr/lib/postgresql/16/bin"));
    assert_eq!(full.policy.drill_every.unwrap().0, TimeDelta::days(90));
    let images = full.images.as_ref().unwrap();
    assert_eq!(images.platform.to_string(), "linux/arm64/v8");
    assert_eq!(images.versions[0].from, chrono::NaiveDate::from_ymd_opt(2026, 3, 1));
    assert_eq!(
        images.second_registry.as_ref().unwrap().site.as_deref(),
        Some("eu-west-1")
    );
    assert_eq!(
        config.oidc.unwrap().roles.by_role()[&domain::role::Role::Approver],
        ["dr-approvers"]
    );
}

#[test]
fn every_key_of_the_schema_is_in_the_example() {
    let mut unused = Vec::new();
    let words: std::collections::BTreeSet<_> = ALL.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    collect_keys(&json_schema(), &mut |key| {
        // A secret is spelled in one of three ways.
        let base = key.trim_end_matches("_file").trim_end_matches("_env");
        let spelled = secret::spellings(base)
            .iter()
            .any(|spelling| words.contains(spelling.as_str()));
        if !spelled {
            unused.push(key.to_owned());
        }
    });
    assert!(unused.is_empty(), "all.toml lacks {unused:?}");
}

fn collect_keys(schema: &serde_json::Value, visit: &mut impl FnMut(&str)) {
    match schema {
        serde_json::Value::Object(object) => {
            if let Some(serde_json::Value::Object(properties)) = object.get("properties") {
                properties.keys().for_each(|key| visit(key));
            }
            object.values().for_each(|value| collect_keys(value, visit));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect_keys(value, visit)),
        _ => {}
    }
}

#[test]
fn lengths_of_time_are_read_as_written() {
    for (written, seconds) in [
        ("15m", 900),
        ("26h", 93_600),
        ("90d", 7_776_000),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("45s", 45),
    ] {
        let config = accepted(&format!("[approvals]\nrequest_ttl = {written:?}"));
        assert_eq!(config.approvals.request_ttl.0.num_seconds(), seconds, "{written}");
    }
}

#[test]
fn relative_paths_are_taken_from_the_folder_of_the_file() {
    let config = accepted(
        "data_dir = \"state\"\n[[deployment]]\nname = \"a\"\n[deployment.master_key]\nmanager = \"file\"\ndir = \"keys\"",
    );
    assert_eq!(config.data_dir, Path::new("/etc/muster/state"));
    let Manager::File(FileSecret { dir }) = &config.deployments[0].master_key.as_ref().unwrap().manager else {
        panic!()
    };
    assert_eq!(dir, Path::new("/etc/muster/keys"));
}

#[test]
fn an_envelope_of_another_shape_is_taken() {
    let text = format!(
        "{SMALL}[deployment.envelope]\nencoding = \"hex\"\nfields = [\"nonce:12\", \"ciphertext\", \"tag:16\"]\naad = \"{{table}}.{{column}}\""
    );
    let layout = &accepted(&text).deployments[0].envelope.layout;
    assert_eq!(layout.encoding(), domain::envelope::Encoding::Hex);
}

#[test]
fn a_written_secret_reads_as_itself() {
    let config = accepted("[database]\nurl = \"postgres://muster:pa55@localhost/muster\"");
    assert_eq!(
        config.database.url.unwrap().read().unwrap().expose_secret(),
        "postgres://muster:pa55@localhost/muster"
    );
}

#[test]
fn the_schema_is_the_reviewed_one() {
    insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!("schema", json_schema()) });
}
