//! Azure Blob Storage as Microsoft's own emulator knows it: a real server on loopback that checks signatures.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use url::Url;

use crate::peer::{Peer, free_port, home};

/// The account that every emulator has, with the key that its documentation publishes:
/// <https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key>.
pub const ACCOUNT: &str = "devstoreaccount1";
pub const ACCOUNT_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// Version of the protocol that signatures are made for.
const VERSION: &str = "2021-12-02";

/// A running emulator. Its memory is gone when it is dropped.
#[derive(Debug)]
pub struct Azurite {
    peer: Peer,
    /// Has no name in any folder, so nothing has to remove it.
    _log: File,
}

impl Azurite {
    /// # Panics
    /// If Azurite isn't installed or doesn't start.
    #[must_use]
    pub fn start() -> Self {
        let log = tempfile::tempfile().expect("a file without a name");
        let port = free_port();
        let command = [
            "node".into(),
            program().into_os_string(),
            "--blobHost=127.0.0.1".into(),
            format!("--blobPort={port}").into(),
            "--inMemoryPersistence".into(),
            "--skipApiVersionCheck".into(),
            "--silent".into(),
        ];
        let written = PathBuf::from(format!("/proc/self/fd/{}", log.as_raw_fd()));
        let peer = Peer::start(&command, port, &[], &written);
        Self { peer, _log: log }
    }

    /// Where the account answers.
    ///
    /// # Panics
    /// Never: an address is a URL.
    #[must_use]
    pub fn endpoint(&self) -> Url {
        let url = format!("http://{}/{ACCOUNT}", self.peer.address);
        url.parse().expect("an address is a URL")
    }

    /// Makes an empty container, which no client of object storage can.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn create_container(&self, name: &str) {
        let url = format!(
            "{}/{name}?restype=container&{}",
            self.endpoint(),
            sas_token("rwlc", ACCOUNT_KEY)
        );
        let client = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        let answer = client
            .put(url)
            .header("content-length", 0)
            .send()
            .await
            .expect("Azurite answers");
        assert!(answer.status().is_success(), "no container {name}: {}", answer.status());
    }
}

fn program() -> PathBuf {
    let home = home("azurite");
    let program = home.join("node_modules/azurite/dist/src/blob/main.js");
    assert!(
        program.exists() && home.join(".installed").exists(),
        "Azurite, which stands for Azure Blob Storage, isn't in {}; run crates/xtask/setup.sh test",
        home.display()
    );
    program
}

/// A shared access signature for everything in the account, good for an hour:
/// <https://learn.microsoft.com/rest/api/storageservices/create-account-sas>.
///
/// # Panics
/// If the key isn't in base64.
#[must_use]
pub fn sas_token(permissions: &str, account_key: &str) -> String {
    let until = (Utc::now() + TimeDelta::hours(1))
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let text = format!("{ACCOUNT}\n{permissions}\nb\nsco\n\n{until}\n\n\n{VERSION}\n\n");
    let key = STANDARD.decode(account_key).expect("a key in base64");
    let mut signer = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length does");
    signer.update(text.as_bytes());
    let signature = STANDARD.encode(signer.finalize().into_bytes());
    let pairs = [
        ("sv", VERSION),
        ("ss", "b"),
        ("srt", "sco"),
        ("sp", permissions),
        ("se", &until),
        ("sig", &signature),
    ];
    let mut url: Url = "http://localhost/".parse().expect("a URL");
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}
