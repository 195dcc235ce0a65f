//! A mail server as companies run them: TLS, a login, users that don't exist. It is aiosmtpd, which knows nothing of the client's library.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use serde::Deserialize;

use crate::certificates::Authority;
use crate::peer::{Peer, free_port, home};

/// The only account.
pub const USER: &str = "muster";
pub const PASSWORD: &str = "correct horse";
/// The name in its certificate.
pub const HOST: &str = "localhost";

const SCRIPT: &str = include_str!("../peers/mail_server.py");

/// A message that was taken.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Whether it came over TLS.
    pub tls: bool,
    pub login: Option<String>,
    /// Headers and body as they came.
    pub text: String,
}

/// A running server. To `reject@…` it says 550; `defer@…` it puts off once with 451; it takes everything else.
#[derive(Debug)]
pub struct MailServer {
    peer: Peer,
    folder: tempfile::TempDir,
}

impl MailServer {
    /// One that speaks plainly until it is asked for TLS, which it demands.
    ///
    /// # Panics
    /// If aiosmtpd isn't installed or doesn't start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with("starttls")
    }

    /// One that speaks TLS from the first byte.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_wrapped() -> Self {
        Self::start_with("tls")
    }

    fn start_with(protection: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let life = (
            Utc::now() - Duration::from_secs(3600),
            Utc::now() + Duration::from_secs(86_400),
        );
        let authority = Authority::root("Mail of a test", life);
        let issued = authority.issue(&[HOST], life);
        for (name, text) in [
            ("mail_server.py", SCRIPT),
            ("ca.pem", &authority.pem()),
            ("cert.pem", issued.pem()),
            ("key.pem", &issued.key_pem()),
            ("mails", ""),
        ] {
            fs::write(path(name), text).expect("our own folder");
        }
        let port = free_port();
        let command = [
            program().into_os_string(),
            "-I".into(),
            path("mail_server.py").into(),
            port.to_string().into(),
            path("cert.pem").into(),
            path("key.pem").into(),
            path("mails").into(),
            protection.into(),
        ];
        let peer = Peer::start(&command, port, &[], &path("log"));
        Self { peer, folder }
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.peer.address.port()
    }

    /// The certificate that vouches for it.
    #[must_use]
    pub fn authorities(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What it took so far.
    ///
    /// # Panics
    /// If it wrote something else.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        let text = fs::read_to_string(self.folder.path().join("mails")).expect("it is there from the start");
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("a message a line")
    }
}

fn program() -> PathBuf {
    let home = home("aiosmtpd");
    let program = home.join("bin/python");
    assert!(
        program.exists() && home.join(".installed").exists(),
        "aiosmtpd, the mail server of the tests, isn't in {}; run crates/xtask/setup.sh test",
        home.display()
    );
    program
}
