//! Secrets: three spellings, one value, never shown.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use super::*;

const OIDC: &str = "[oidc]\nissuer = \"https://login.example.org\"\nclient_id = \"muster\"\n";

struct Site(tempfile::TempDir);

impl Site {
    fn new(config: &str) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        site.write("muster.toml", config.as_bytes(), 0o600);
        site
    }

    fn write(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("muster.toml")
    }

    fn secret(&self) -> Secret {
        load(Some(&self.config()), &Environment::default())
            .unwrap()
            .config
            .oidc
            .unwrap()
            .client_secret
            .unwrap()
    }

    fn report(&self) -> Report {
        check(Some(&self.config()), &Environment::default())
    }
}

#[test]
fn a_file_is_read_when_the_secret_is_used_without_its_last_newline() {
    let site = Site::new(&format!("{OIDC}client_secret_file = \"secret\""));
    let secret = site.secret();
    site.write("secret", b"hunter2\n", 0o600);
    assert_eq!(secret.read().unwrap().expose_secret(), "hunter2");
    site.write("secret", b"  rotated \r\n", 0o600);
    assert_eq!(secret.read().unwrap().expose_secret(), "  rotated ");
}

#[test]
fn a_variable_is_read() {
    // Set for every test by cargo, so that no test has to change the environment of its process.
    let site = Site::new(&format!("{OIDC}client_secret_env = \"PATH\""));
    assert_eq!(
        site.secret().read().unwrap().expose_secret(),
        std::env::var("PATH").unwrap()
    );
}

#[test]
fn an_unreadable_secret_stops_only_whoever_needs_it() {
    let site = Site::new(&format!(
        "{OIDC}client_secret_file = \"secret\"\n[database]\nurl_env = \"MUSTER_TEST_NOT_SET\""
    ));
    let error = site.secret().read().unwrap_err().to_string();
    assert!(
        error.starts_with("oidc.client_secret lies in ") && error.contains("No such file"),
        "{error}"
    );
    let report = site.report();
    let keys: Vec<_> = report.problems.iter().map(|note| note.key.as_str()).collect();
    assert_eq!(keys.len(), 2, "{report}");
    assert!(
        report
            .to_string()
            .contains("database.url comes from the variable MUSTER_TEST_NOT_SET, which isn't set"),
        "{report}"
    );
}

#[test]
fn what_can_t_be_a_secret_is_refused_without_being_shown() {
    let site = Site::new(&format!(
        "{OIDC}client_secret_file = \"secret\"\n[database]\nurl_file = \"url\""
    ));
    site.write("url", b"host=db password=hunter2", 0o600);
    site.write("secret", &[0xff, 0xfe], 0o600);
    let report = site.report().to_string();
    assert!(
        report.contains("database.url needs an address such as postgres://"),
        "{report}"
    );
    assert!(
        report.contains("oidc.client_secret lies in") && report.contains("which isn't text"),
        "{report}"
    );
    assert!(!report.contains("hunter2"), "{report}");
    site.write("secret", &vec![b'a'; 70_000], 0o600);
    assert!(site.report().to_string().contains("at most 64 KiB"));
    site.write("secret", b"\n", 0o600);
    assert!(site.report().to_string().contains("oidc.client_secret is empty"));
}

#[test]
fn two_spellings_contradict_each_other() {
    let refusal = refused(&format!(
        "{OIDC}client_secret = \"hunter2\"\nclient_secret_file = \"x\""
    ));
    assert!(
        refusal.contains(
            "oidc.client_secret_file contradicts: client_secret and client_secret_file are given; keep one of them"
        ),
        "{refusal}"
    );
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn a_required_secret_that_is_missing_names_its_spellings() {
    let refusal = refused(&format!("{SMALL}[deployment.database]"));
    assert!(
        refusal.contains("deployment[0].database.url is missing: give url, url_file or url_env"),
        "{refusal}"
    );
}

#[test]
fn a_malformed_secret_is_not_repeated() {
    let refusal = refused("[database]\nurl = \"host=db password=hunter2\"");
    assert!(
        refusal.contains("line 2: database.url needs an address such as postgres://"),
        "{refusal}"
    );
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn debug_shows_places_and_no_values() {
    let text = format!("{OIDC}client_secret = \"hunter2\"\n[database]\nurl_file = \"/run/url\"");
    let debug = format!("{:?}", read(&text).unwrap());
    assert!(!debug.contains("hunter2"), "{debug}");
    assert!(debug.contains("redacted") && debug.contains("/run/url"), "{debug}");
}

#[test]
fn files_that_everybody_can_read_are_a_warning() {
    let site = Site::new(&format!("{OIDC}client_secret_file = \"secret\""));
    site.write("secret", b"hunter2", 0o644);
    let report = site.report();
    assert!(report.is_usable());
    assert!(
        report
            .to_string()
            .contains("which every account of this host can read: chmod 600"),
        "{report}"
    );
    let site = Site::new("[database]\nurl = \"postgres://muster:hunter2@localhost/muster\"");
    site.write("muster.toml", &std::fs::read(site.config()).unwrap(), 0o644);
    assert!(
        site.report()
            .to_string()
            .contains("the file holds secrets and every account of this host can read it")
    );
    assert!(Path::new(&site.config()).exists());
}
