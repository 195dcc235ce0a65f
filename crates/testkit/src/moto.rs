//! AWS as moto emulates it: a real server on loopback that keeps what it is told. It takes every key and secret until it is started strict.
//! What it doesn't do faithfully stands in docs/sources.md.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use adapters::aws::{AccessKeys, Aws, AwsSettings};
use url::Url;

use crate::peer::{Peer, free_port, home};

/// Credentials of nobody, as AWS's own documentation writes them.
pub const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// Region of everything in the tests. Buckets made elsewhere would need a constraint.
pub const REGION: &str = "us-east-1";

/// A client of whatever stands for AWS at this address.
///
/// # Panics
/// If none can be made, which takes no call.
#[must_use]
pub fn client(endpoint: Url) -> Aws {
    let settings = AwsSettings {
        region: Some(REGION.into()),
        endpoint: Some(endpoint),
        keys: Some(AccessKeys {
            access_key_id: ACCESS_KEY_ID.into(),
            secret_access_key: SECRET_ACCESS_KEY.into(),
            session_token: None,
        }),
        ..AwsSettings::default()
    };
    Aws::new(settings).expect("good settings")
}

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

    /// A user with this policy and nothing else. Answers with id and secret of an access key. Takes [`Self::CALLS_FOR_A_USER`] calls, which
    /// a strict moto has to leave unchecked.
    ///
    /// # Panics
    /// If moto refuses it.
    pub async fn user(&self, name: &str, policy: &str) -> (String, String) {
        let named = ("UserName", name);
        self.iam("CreateUser", &[named]).await;
        let policy = [named, ("PolicyName", "all"), ("PolicyDocument", policy)];
        self.iam("PutUserPolicy", &policy).await;
        let made = self.iam("CreateAccessKey", &[named]).await;
        let value = |name: &str| {
            let (_, behind) = made.split_once(&format!("<{name}>")).expect("an access key");
            behind.split('<').next().unwrap_or_default().to_owned()
        };
        (value("AccessKeyId"), value("SecretAccessKey"))
    }

    /// What [`Self::user`] takes.
    pub const CALLS_FOR_A_USER: u32 = 3;

    /// Which service is meant, moto takes from the signature, and checks nothing else of it.
    async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let client = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        let form = [("Action", action), ("Version", "2010-05-08")];
        let form: Vec<_> = form.iter().chain(parameters).collect();
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/20260101/{REGION}/iam/aws4_request, SignedHeaders=host, Signature=0"
        );
        let asked = client
            .post(self.endpoint())
            .header("Authorization", signature)
            .form(&form);
        let answer = asked.send().await.expect("moto answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a whole answer"));
        assert!(status.is_success(), "{action}: {status} {text}");
        text
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
