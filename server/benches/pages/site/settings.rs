//! The site's configuration, through the same reader as everybody's.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use recovery::settings::Settings;
use server::config::{self, Environment};
use server::wiring::{self, Reach};

use super::Scale;

/// The one deployment with more backups than the others.
pub const LARGEST: &str = "largest";
/// Names of the sources, each with its tenths of a deployment's backups.
pub const SOURCES: [(&str, usize); 3] = [("main", 6), ("second", 3), ("nightly", 1)];

/// What a process is told that only shows pages.
pub fn settings(scale: &Scale, folder: &Path) -> Settings {
    let mut text = String::new();
    let names = (0..scale.deployments).map(|number| format!("fleet-{number:03}"));
    let largest = (scale.largest > 0).then(|| LARGEST.to_owned());
    for name in names.chain(largest) {
        write!(text, "{}", deployment(&name)).expect("text grows");
    }
    let path = folder.join("muster.toml");
    fs::write(&path, text).expect("our own folder");
    let loaded = config::load(Some(&path), &Environment::default()).expect("a configuration");
    wiring::settings(&loaded.config, Reach::Pages).expect("settings")
}

fn deployment(name: &str) -> String {
    let [(main, _), (second, _), (nightly, _)] = SOURCES;
    format!(
        r#"
[[deployment]]
name = "{name}"
region = "eu-central-1"

[[deployment.source]]
kind = "pgbackrest"
name = "{main}"
stanza = "ampora"

[[deployment.source]]
kind = "pgbackrest"
name = "{second}"
stanza = "ampora-away"

[[deployment.source]]
kind = "dumps"
name = "{nightly}"
location = "file:///srv/dumps/{name}"
timezone = "UTC"

[deployment.master_key]
manager = "file"
dir = "/srv/keys/{name}"

[deployment.policy]
full_backup_age = "1d"
full_retention = "30d"
wal_lag = "5m"
rpo = "5m"
rto = "1h"
drill_every = "90d"
"#
    )
}
