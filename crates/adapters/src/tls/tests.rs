//! What is read of files and chains, without a network. The endpoints are in `tests/it/tls.rs`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta};
use domain::status::Status;
use domain::time::Timestamp;
use tempfile::TempDir;
use testkit::certificates::{Authority, Issued, Life};

mod bundles;
mod chains;
mod hostile;

const NAME: &str = "ampora.example.org";

/// Midday of a day counted from 1 January 2026. All fixtures are valid on day 400.
fn day(count: i64) -> Timestamp {
    DateTime::from_timestamp(1_767_268_800, 0).unwrap() + TimeDelta::days(count)
}

/// From one day to another.
fn life(from: i64, to: i64) -> Life {
    (day(from), day(to))
}

fn long() -> Life {
    life(0, 3650)
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

/// A folder for the files of one test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file that nobody else can read.
    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

/// Root, intermediate, and a server's certificate below it.
struct Chain {
    root: Authority,
    intermediate: Authority,
    leaf: Issued,
}

impl Chain {
    fn new() -> Self {
        let root = Authority::root("Test root", long());
        let intermediate = root.intermediate("Test intermediate", life(0, 1000));
        let leaf = intermediate.issue(&[NAME], life(0, 90));
        Self {
            root,
            intermediate,
            leaf,
        }
    }
}
