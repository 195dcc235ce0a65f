//! Keys that are written into managers of other makers, by whole runs: OpenBao, AWS as moto checks it, a Kubernetes API. Each is asked with
//! the rights that the documentation names for the purpose, and no more.

mod catching_up;
mod placing;
mod pruning;
mod servers;
mod verdicts;
mod wire;

use std::sync::Arc;

use adapters::aws::{AccessKeys, AwsSecret, AwsSettings};
use adapters::kubernetes::{KubernetesSecret, KubernetesSettings};
use adapters::manager::{SecretManager, Value, Written};
use adapters::vault::{Vault, VaultAuth, VaultSettings};
use domain::custody::Life;
use domain::key::Encoding;
use recovery::settings::KeyPlace;
use tempfile::TempDir;
use testkit::bao::{Bao, ROOT};
use testkit::docs::example;
use testkit::kubernetes::KubernetesApi;
use testkit::moto::{self, Moto};

use crate::site::master_key;

const PAGE: &str = "secret-managers.md";
/// The data key of a Kubernetes Secret.
const FIELD: &str = "KeyProtection__MasterKey";
/// The secret that the documentation's policies are about.
const SOURCE: &str = "ampora/prod";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Vault,
    Aws,
    Kubernetes,
}

const KINDS: [Kind; 3] = [Kind::Vault, Kind::Aws, Kind::Kubernetes];

/// What whoever asks may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rights {
    Nothing,
    /// To see versions, and no value.
    Describe,
    Read,
    Append,
    /// To add versions, and not to make one current.
    Half,
    Create,
    All,
}

impl Rights {
    /// Names of the documentation's policies that are given.
    const fn policies(self) -> &'static [&'static str] {
        match self {
            Self::Describe => &["describe"],
            Self::Read => &["describe", "read"],
            Self::Append | Self::Half => &["describe", "read", "append"],
            Self::Create => &["create"],
            Self::Nothing | Self::All => &[],
        }
    }
}

const LIMITED: [Rights; 4] = [Rights::Describe, Rights::Read, Rights::Append, Rights::Create];

enum Server {
    Vault {
        bao: Bao,
        tokens: Vec<(Rights, String)>,
    },
    Aws {
        moto: Moto,
        keys: Vec<(Rights, AccessKeys)>,
    },
    Kubernetes {
        api: KubernetesApi,
        folder: TempDir,
    },
}

/// A secret manager of another maker.
struct Peer {
    kind: Kind,
    server: Server,
}

impl Peer {
    async fn start(kind: Kind) -> Self {
        let server = match kind {
            Kind::Vault => servers::vault().await,
            Kind::Aws => servers::aws().await,
            Kind::Kubernetes => Server::Kubernetes {
                api: KubernetesApi::start().await,
                folder: tempfile::tempdir().expect("a folder"),
            },
        };
        Self { kind, server }
    }

    /// What a secret is called here: `ampora/prod` is one of the documentation's, in each manager's own way.
    fn named(&self, name: &str) -> String {
        match self.kind {
            Kind::Kubernetes => name.replace('/', "-"),
            Kind::Vault | Kind::Aws => name.into(),
        }
    }

    /// A secret in the hands of somebody with these rights.
    fn place(&self, name: &str, rights: Rights) -> KeyPlace {
        let name = self.named(name);
        let manager: Arc<dyn SecretManager> = match &self.server {
            Server::Vault { bao, tokens } => {
                let token = tokens.iter().find(|(of, _)| *of == rights);
                let token = token.map_or(ROOT, |(_, token)| token);
                let settings = VaultSettings::new(bao.address(), "secret", name, VaultAuth::Token(token.into()));
                Arc::new(Vault::new(&settings).expect("settings"))
            }
            Server::Aws { moto, keys } => {
                let (_, keys) = keys.iter().find(|(of, _)| *of == rights).expect("a user");
                let settings = AwsSettings {
                    region: Some(moto::REGION.into()),
                    endpoint: Some(moto.endpoint()),
                    keys: Some(keys.clone()),
                    ..AwsSettings::default()
                };
                Arc::new(AwsSecret::new(&name, settings).expect("settings"))
            }
            Server::Kubernetes { .. } => Arc::new(self.secret(&name)),
        };
        KeyPlace {
            manager,
            written: self.written(),
        }
    }

    /// A Secret of the cluster.
    fn secret(&self, name: &str) -> KubernetesSecret {
        let Server::Kubernetes { api, folder } = &self.server else {
            panic!("{:?} has no Secrets", self.kind)
        };
        let settings = KubernetesSettings {
            kubeconfig: Some(api.kubeconfig(folder.path())),
            context: None,
        };
        KubernetesSecret::new(settings, "ampora", name)
    }

    fn written(&self) -> Written {
        Written {
            field: (self.kind == Kind::Kubernetes).then(|| FIELD.into()),
            encoding: Encoding::Base64,
        }
    }

    const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Vault => "vault",
            Kind::Aws => "aws",
            Kind::Kubernetes => "kubernetes",
        }
    }

    /// Takes the rights of everybody to those of a role away, where there is no telling who asks.
    fn limit(&self, rights: Rights) {
        let Server::Kubernetes { api, .. } = &self.server else {
            return;
        };
        let role = match rights {
            Rights::Read => example(PAGE, "yaml read"),
            Rights::Append => example(PAGE, "yaml append"),
            Rights::Create => example(PAGE, "yaml create"),
            Rights::Nothing | Rights::Describe | Rights::Half | Rights::All => return,
        };
        let (_, verbs) = role.split_once("verbs: [").expect("verbs");
        let verbs: Vec<_> = verbs.split(']').next().unwrap_or_default().split(", ").collect();
        for verb in ["get", "list", "create", "update", "delete"] {
            if !verbs.contains(&verb) {
                api.forbid_to(verb, "secrets");
            }
        }
    }

    /// Fills a secret with these keys, one version after the other, by its owner's hand.
    async fn fill(&self, name: &str, keys: &[u8]) {
        let place = self.place(name, Rights::All);
        for number in keys {
            put(&place, *number).await;
        }
    }

    /// Which keys the secret's versions hold, in their order: `1 4*`, the current one starred. Empty: there is none.
    async fn held(&self, name: &str) -> String {
        let place = self.place(name, Rights::All);
        let Ok(secret) = place.manager.describe().await else {
            return String::new();
        };
        let mut words = Vec::new();
        for version in secret.versions.iter().filter(|version| version.life == Life::Enabled) {
            let key = place.key(&version.name).await.expect("a key").key;
            let number = (1..=9)
                .find(|number| master_key(*number) == key)
                .expect("a key of the tests");
            words.push(format!("{number}{}", if version.current { "*" } else { "" }));
        }
        words.join(" ")
    }
}

/// Writes a key by the owner's hand: the first version, or the next.
async fn put(place: &KeyPlace, number: u8) {
    let key = master_key(number);
    let written = match place.manager.describe().await {
        Ok(secret) => {
            let current = secret.current().expect("a current version").name.clone();
            let old = place.manager.read(&current).await.expect("reads");
            let value = place.written.value(&key, Some(&old)).expect("can be written down");
            place.manager.append(&value, &current).await
        }
        Err(_) => place.manager.create(&new_value(place, number)).await,
    };
    written.expect("its owner may write");
}

fn new_value(place: &KeyPlace, number: u8) -> Value {
    place.new_value(&master_key(number)).expect("can be written down")
}
