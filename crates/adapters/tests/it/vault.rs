//! Secrets of a real OpenBao, and of servers that answer wrongly.

mod access;
mod hostile;
mod leaks;
mod logins;
mod scripted;
mod values;
mod versions;

use std::collections::BTreeMap;

use adapters::manager::{ManagerError, SecretManager as _, Value};
use adapters::vault::{Vault, VaultAuth, VaultSettings};
use domain::custody::{Keep, Secret};
use testkit::bao::{Bao, ROOT};
use url::Url;
use zeroize::Zeroizing;

/// As most sites have it: the mount of these tests, and a path with a folder.
const MOUNT: &str = "kv";
const PATH: &str = "ampora/prod";

/// A server with an engine mounted.
async fn server() -> Bao {
    let bao = Bao::start().await;
    bao.enable_kv(MOUNT).await;
    bao
}

fn settings(address: Url, path: &str, auth: VaultAuth) -> VaultSettings {
    VaultSettings::new(address, MOUNT, path, auth)
}

fn with_token(bao: &Bao, path: &str, token: &str) -> Vault {
    Vault::new(&settings(bao.address(), path, VaultAuth::Token(token.into()))).unwrap()
}

fn as_root(bao: &Bao, path: &str) -> Vault {
    with_token(bao, path, ROOT)
}

fn fields(pairs: &[(&str, &str)]) -> Value {
    let pairs = pairs.iter();
    Value::Fields(
        pairs
            .map(|(name, text)| ((*name).to_owned(), Zeroizing::new(text.as_bytes().to_vec())))
            .collect(),
    )
}

/// What a value holds, as text.
fn shown(value: Value) -> BTreeMap<String, String> {
    let Value::Fields(fields) = value else {
        panic!("Vault stores fields");
    };
    let text = |(name, bytes): (String, Zeroizing<Vec<u8>>)| (name, String::from_utf8(bytes.to_vec()).unwrap());
    fields.into_iter().map(text).collect()
}

fn text(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    shown(fields(pairs))
}

/// Version and how many writes it has left.
fn left(secret: &Secret) -> Vec<(&str, u32)> {
    let left = |keep: &Keep| match keep {
        Keep::Writes { left, .. } => *left,
        other => panic!("{other:?}"),
    };
    secret
        .versions
        .iter()
        .map(|version| (version.name.as_str(), left(&version.keep)))
        .collect()
}

#[track_caller]
fn assert_denied<T: std::fmt::Debug>(answer: Result<T, ManagerError>, words: &str) {
    match answer {
        Err(ManagerError::Denied(_, said)) => assert!(said.contains(words), "{said}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_absent<T: std::fmt::Debug>(answer: Result<T, ManagerError>, words: &str) {
    match answer {
        Err(ManagerError::Absent(_, said)) => assert!(said.contains(words), "{said}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_unreachable<T: std::fmt::Debug>(answer: Result<T, ManagerError>, words: &str) {
    match answer {
        Err(ManagerError::Unreachable(_, said)) => assert!(said.contains(words), "{said}"),
        other => panic!("{other:?}"),
    }
}
