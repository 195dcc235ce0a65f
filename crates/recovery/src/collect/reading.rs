//! What looking at one subject brings, and the looking itself. The same for the collector, which stores it, and for a shell without a store.

use adapters::pgbackrest::{Opening, PgBackRest, Verification};
use adapters::tls::TlsReading;
use domain::inventory::Keys;
use domain::role::Actor;
use domain::rules::Crl;
use domain::status::Status;
use domain::time::Timestamp;
use domain::traces::Look;
use domain::vitals::Vitals;
use serde::{Deserialize, Serialize};

use super::SourceReading;
use super::images::{self, ImagesReading};
use super::subject::Subject;
use crate::keys::Memory;
use crate::settings::{Bucket, Deployment, KmsKey, Kubernetes, Repo, Source};

/// One look. `Err` says for a person why nothing was learnt.
#[derive(Debug)]
pub enum Reading {
    Vitals(Box<Result<Vitals, String>>),
    Keys(Box<Keys>),
    Source(Result<SourceReading, String>),
    Tls(Box<Result<TlsReading, String>>),
    Images(Result<ImagesReading, String>),
    Escrow(Result<Judged, String>),
    Bucket(Result<BucketReading, String>),
    Kms(Result<Judged, String>),
    Verified(Result<Verification, String>),
    Traces(Box<Result<Look, String>>),
    Crl(Result<Crl, String>),
}

/// What something outside says of itself, judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Judged {
    pub status: Status,
    pub detail: String,
}

/// Whether what lies in a bucket can be erased.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BucketReading {
    /// Whether something holds on to its objects; `None`: it doesn't tell.
    pub held: Option<bool>,
    pub detail: String,
    /// The region it says it lies in.
    pub region: Option<String>,
}

/// What a look needs beside its subject.
#[derive(Clone, Copy, Debug)]
pub struct Looking<'a> {
    pub deployment: &'a Deployment,
    /// The newest vital signs, if they are known: they make the ends of windows exact.
    pub vitals: Option<&'a Vitals>,
    pub memory: &'a Memory,
    pub actor: &'a Actor,
    pub now: Timestamp,
}

impl Looking<'_> {
    /// Looks at one subject.
    pub async fn at(&self, subject: &Subject<'_>) -> Reading {
        let Self { deployment, now, .. } = *self;
        match subject {
            Subject::Vitals => Reading::Vitals(Box::new(super::vitals(deployment).await)),
            Subject::Keys => Reading::Keys(Box::new(
                crate::keys::prove(deployment, self.memory, self.actor, now).await,
            )),
            Subject::Source(source) => {
                let read = super::source(deployment, source, self.vitals, self.memory, self.actor, now).await;
                Reading::Source(read)
            }
            Subject::Tls(tls) => {
                let cluster = connect(deployment.kubernetes.as_ref()).await;
                Reading::Tls(Box::new(adapters::tls::read(tls, cluster.as_ref().ok(), now).await))
            }
            Subject::Images(wanted) => Reading::Images(images::read(self, wanted).await),
            Subject::Escrow(repo) => Reading::Escrow(escrow(deployment, repo).await),
            Subject::Bucket(bucket) => Reading::Bucket(Ok(ask(bucket).await)),
            Subject::Kms(key) => Reading::Kms(kms(key).await),
            Subject::Traces => Reading::Traces(Box::new(super::traces(deployment).await)),
            Subject::Crl(url) => Reading::Crl(adapters::crl::read(url).await),
            Subject::Verified(stanza) => Reading::Verified(stanza.verify().await.map_err(|error| error.to_string())),
        }
    }
}

impl Reading {
    /// How the subject stands, in a few words.
    pub fn said(&self) -> (Status, String) {
        fn of<T>(read: &Result<T, String>, judge: impl FnOnce(&T) -> (Status, String)) -> (Status, String) {
            match read {
                Ok(value) => judge(value),
                Err(reason) => (Status::Unknown, reason.clone()),
            }
        }
        match self {
            Self::Vitals(read) => of(read, |vitals| {
                (Status::Ok, format!("PostgreSQL {}", vitals.server_version))
            }),
            Self::Keys(keys) => (keys.status, keys.detail.clone()),
            Self::Source(read) => of(read, |source| (source.status, source.detail.clone())),
            Self::Tls(read) => of(read, |tls| (tls.status, tls.detail.clone())),
            Self::Images(read) => of(read, |images| (images.image.status, images.image.detail.clone())),
            Self::Escrow(read) | Self::Kms(read) => of(read, |judged| (judged.status, judged.detail.clone())),
            Self::Bucket(read) => of(read, |bucket| {
                let status = match bucket.held {
                    Some(true) => Status::Ok,
                    Some(false) => Status::Broken,
                    None => Status::Unknown,
                };
                (status, bucket.detail.clone())
            }),
            Self::Traces(read) => of(read, |_| (Status::Ok, "read".into())),
            Self::Crl(read) => of(read, |list| {
                (Status::Ok, format!("{} revoked, of {}", list.revoked, list.issuer))
            }),
            Self::Verified(read) => of(read, |verified| (verified.status, verified.detail.clone())),
        }
    }
}

/// Why a look that never ended brought nothing, in the form of its subject.
pub fn nothing(subject: &Subject<'_>, deployment: &Deployment, why: String) -> Reading {
    match subject {
        Subject::Vitals => Reading::Vitals(Box::new(Err(why))),
        Subject::Keys => Reading::Keys(Box::new(crate::keys::unproven(deployment, why))),
        Subject::Source(_) => Reading::Source(Err(why)),
        Subject::Tls(_) => Reading::Tls(Box::new(Err(why))),
        Subject::Images(_) => Reading::Images(Err(why)),
        Subject::Escrow(_) => Reading::Escrow(Err(why)),
        Subject::Bucket(_) => Reading::Bucket(Err(why)),
        Subject::Kms(_) => Reading::Kms(Err(why)),
        Subject::Traces => Reading::Traces(Box::new(Err(why))),
        Subject::Crl(_) => Reading::Crl(Err(why)),
        Subject::Verified(_) => Reading::Verified(Err(why)),
    }
}

/// The cluster that Ampora runs in; `None` where none is configured.
pub async fn connect(cluster: Option<&Kubernetes>) -> Result<adapters::kubernetes::Cluster, String> {
    let Some(cluster) = cluster else {
        return Err("[deployment.kubernetes] isn’t set".into());
    };
    let settings = adapters::kubernetes::KubernetesSettings {
        kubeconfig: cluster.kubeconfig.clone(),
        context: cluster.context.clone(),
    };
    let connected = adapters::kubernetes::Cluster::connect(&settings).await;
    connected.map_err(|error| error.to_string())
}

/// Tries what is kept of a repository's secrets on the repository itself.
async fn escrow(deployment: &Deployment, repo: &Repo) -> Result<Judged, String> {
    let secrets = match &repo.escrow {
        None => return Err("nothing is in escrow".into()),
        Some(Err(reason)) => return Err(reason.clone()),
        Some(Ok(secrets)) => secrets,
    };
    let stanza: Option<&PgBackRest> = deployment.sources.iter().find_map(|source| match source {
        Source::PgBackRest(stanza) if stanza.name == repo.source => Some(stanza),
        _ => None,
    });
    let stanza = stanza.ok_or("its stanza can’t be asked")?;
    let tried = stanza.opens_with(repo.key, secrets).await;
    let (status, detail) = match tried.map_err(|error| error.to_string())? {
        Opening::Proven { options, backups } => {
            let with = options.join(", ");
            (
                Status::Ok,
                format!("{with} from escrow opens it, with {backups} backups in it"),
            )
        }
        Opening::Refused { reason } => (Status::Broken, reason),
        Opening::Unproven { reason } => (Status::Unknown, reason),
    };
    Ok(Judged { status, detail })
}

async fn ask(bucket: &Bucket) -> BucketReading {
    use adapters::aws::Protection;
    let seen = bucket.aws.immutability(&bucket.name).await;
    let protection = seen.protection();
    BucketReading {
        held: match protection {
            Protection::Locked { .. } | Protection::LockedByWriter | Protection::Versioned { .. } => Some(true),
            Protection::Open => Some(false),
            Protection::Unknown(_) => None,
        },
        detail: format!("{}: {}", bucket.name, protection.sentence()),
        region: seen.region.ok(),
    }
}

async fn kms(key: &KmsKey) -> Result<Judged, String> {
    let (status, detail) = key
        .aws
        .kms_key(&key.id)
        .await
        .map_err(|error| error.to_string())?
        .judge();
    Ok(Judged { status, detail })
}
