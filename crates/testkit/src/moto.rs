//! AWS as moto emulates it: a real server on loopback that keeps what it is told. It takes every key and secret until it is started strict.
//! What it doesn't do faithfully stands in docs/sources.md.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use url::Url;

use crate::peer::{Peer, free_port, home};

/// Credentials of nobody, as AWS's own documentation writes them.
pub const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// Region of everything in the tests. Buckets made elsewhere would need a constraint.
pub const REGION: &str = "us-east-1";

/// A running emulator. Its memory is gone when it is dropped.
#[derive(Debug)]
pub struct Moto {
    peer: Peer,
    /// Has no name in any folder, so nothing has to remove it.
    _log: File,
}

impl Moto {
    /// Starts one that believes every signature and allows everything.
    ///
    /// # Panics
    /// If moto isn't installed or doesn't start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one that checks signatures and policies after its first `unchecked` calls, in which users and policies are made.
    ///
    /// # Panics
    /// If moto isn't installed or doesn't start.
    #[must_use]
    pub fn start_strict(unchecked: u32) -> Self {
        Self::start_with(&[("INITIAL_NO_AUTH_ACTION_COUNT", &unchecked.to_string())])
    }

    fn start_with(environment: &[(&str, &str)]) -> Self {
        let log = tempfile::tempfile().expect("a file without a name");
        let port = free_port();
        let command = [
            program().into_os_string(),
            "-H".into(),
            "127.0.0.1".into(),
            "-p".into(),
            port.to_string().into(),
        ];
        let written = PathBuf::from(format!("/proc/self/fd/{}", log.as_raw_fd()));
        let peer = Peer::start(&command, port, environment, &written);
        Self { peer, _log: log }
    }

    /// Where every service of AWS answers.
    ///
    /// # Panics
    /// Never: an address is a URL.
    #[must_use]
    pub fn endpoint(&self) -> Url {
        let url = format!("http://{}", self.peer.address);
        url.parse().expect("an address is a URL")
    }

    /// Makes an empty bucket, which no client of object storage can. Reached under `endpoint/name`.
    ///
    /// # Panics
    /// If moto refuses it.
    pub async fn create_bucket(&self, name: &str) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        let answer = client.put(self.endpoint().join(name).expect("a path")).send().await;
        let answer = answer.expect("moto answers");
        assert!(answer.status().is_success(), "no bucket {name}: {}", answer.status());
    }
}

fn program() -> PathBuf {
    let home = home("moto");
    let program = home.join("bin/moto_server");
    assert!(
        program.exists() && home.join(".installed").exists(),
        "moto, which stands for AWS, isn't in {}; run crates/xtask/setup.sh test",
        home.display()
    );
    program
}
