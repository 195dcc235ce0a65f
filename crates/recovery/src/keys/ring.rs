//! The keys that can be reached, held for one proof.

use domain::custody::{Life, Secret, State, Version};
use domain::drift::{Candidate, Verdict};
use domain::inventory::{Envelopes, InUse as InUseDocument, KeyVersion, Keys, PreviousKey, Replica};
use domain::key::{Decoded, Fingerprint, KeyError, KeyId, MasterKey};
use domain::status::Status;
use futures::future::join_all;

use adapters::manager::{ManagerError, WrittenError};

use super::{Tried, replicas};
use crate::settings::{self, InUse, KeyPlace, NoKeyInUse, Proof, Unread};

/// Values that are read at a time.
const AT_A_TIME: usize = 4;
/// Versions whose values are read; of a manager that keeps more, the newest.
const MOST: usize = 100;

/// A key with what it is called.
#[derive(Debug)]
pub struct HeldKey {
    pub candidate: Candidate,
    /// Version name; `None` for keys that only Ampora has.
    pub version: Option<String>,
    pub key: MasterKey,
}

impl HeldKey {
    /// `version 2`, `key in use` or `previous key`.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.version, self.candidate) {
            (Some(version), _) => format!("version {version}"),
            (None, Candidate::Previous) => "previous key".into(),
            (None, _) => "key in use".into(),
        }
    }
}

/// All keys of a deployment that could be read, and what is known of the others.
#[derive(Debug)]
pub struct KeyRing {
    pub held: Vec<HeldKey>,
    secret: Option<Secret>,
    versions: Vec<KeyVersion>,
    in_use: Option<InUseDocument>,
    replicas: Vec<Replica>,
}

impl KeyRing {
    /// A ring without keys: it opens nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            held: Vec::new(),
            secret: None,
            versions: Vec::new(),
            in_use: None,
            replicas: Vec::new(),
        }
    }

    /// Reads every version, the key in use, and the current version of each replica. What can't be read stays listed with the reason.
    ///
    /// # Errors
    /// If the manager itself doesn't describe the secret.
    pub async fn read(settings: &settings::MasterKey) -> Result<Self, String> {
        let described = settings.place.manager.describe().await;
        let secret = described.map_err(|error| error.to_string())?;
        let mut ring = Self::empty();
        let reads = read_versions(&settings.place, settings.proof, &secret).await;
        for (index, read) in reads.into_iter().enumerate() {
            ring.add_version(&settings.place.manager.name(), &secret, index, read);
        }
        if let Some(in_use) = &settings.in_use {
            ring.add_in_use(in_use).await;
        }
        ring.replicas = replicas::compare(settings, &secret, &ring.held).await;
        ring.secret = Some(secret);
        Ok(ring)
    }

    fn add_version(&mut self, manager: &str, secret: &Secret, index: usize, read: Option<Result<Decoded, Unread>>) {
        let version = &secret.versions[index];
        let mut document = KeyVersion {
            manager: manager.into(),
            version: version.name.clone(),
            fingerprint: None,
            key_id: None,
            created_at: version.created_at,
            current: version.current,
            state: secret.state(index).map_or("unknown", |state| state.word()).into(),
            keep: version.keep.clone(),
            labels: version.labels.clone(),
            length_ok: None,
            untidy: false,
            opens: None,
            of: None,
            detail: String::new(),
        };
        match read {
            None => {}
            Some(Ok(Decoded { key, untidy })) => {
                document.fingerprint = Some(key.fingerprint());
                document.key_id = Some(key.key_id());
                document.length_ok = Some(true);
                document.untidy = untidy;
                document.detail = remarks(&key, untidy);
                let order = u32::try_from(index).unwrap_or(u32::MAX);
                let candidate = Candidate::Version {
                    order,
                    current: version.current,
                };
                self.held.push(HeldKey {
                    candidate,
                    version: Some(version.name.clone()),
                    key,
                });
            }
            Some(Err(reason)) => {
                document.state = unread_state(&reason).into();
                document.length_ok = is_of_wrong_length(&reason).then_some(false);
                document.detail = reason.to_string();
            }
        }
        self.versions.push(document);
    }

    async fn add_in_use(&mut self, in_use: &InUse) {
        let mut document = InUseDocument {
            source: in_use.name(),
            fingerprint: None,
            key_id: None,
            version: None,
            previous_set: false,
            length_ok: None,
            previous: None,
            opens: None,
            of: None,
            detail: String::new(),
        };
        match in_use.read().await {
            Err(NoKeyInUse { reason, wrong_length }) => {
                document.detail = reason;
                document.length_ok = wrong_length.then_some(false);
            }
            Ok(keys) => {
                document.previous_set = keys.previous.is_some();
                match keys.master {
                    None => document.detail = "KeyProtection__MasterKey isn’t set in it".into(),
                    Some(Decoded { key, untidy }) => {
                        document.fingerprint = Some(key.fingerprint());
                        document.key_id = Some(key.key_id());
                        document.length_ok = Some(true);
                        document.detail = remarks(&key, untidy);
                        document.version = self.hold(key, Candidate::InUse);
                    }
                }
                // The pods may hold another key than this one: it is tried, and not said to be theirs.
                if !keys.doubts.is_empty() {
                    (document.fingerprint, document.key_id, document.version) = (None, None, None);
                    document.detail = keys.doubts.join("; ");
                }
                document.previous = keys.previous.map(|Decoded { key, .. }| PreviousKey {
                    fingerprint: key.fingerprint(),
                    version: self.hold(key, Candidate::Previous),
                    opens: None,
                });
            }
        }
        self.in_use = Some(document);
    }

    /// Takes in a key of Ampora's, unless it is at hand already. Answers which of the manager's versions it is.
    fn hold(&mut self, key: MasterKey, candidate: Candidate) -> Option<String> {
        if let Some(held) = self.held.iter().find(|held| held.key == key) {
            return held.version.clone();
        }
        self.held.push(HeldKey {
            candidate,
            version: None,
            key,
        });
        None
    }

    /// The manager's current version, if it could be read.
    #[must_use]
    pub fn current(&self) -> Option<&HeldKey> {
        self.held
            .iter()
            .find(|held| matches!(held.candidate, Candidate::Version { current: true, .. }))
    }

    /// The keys at hand, in their order, then the versions that may be keys and could not be read.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        let unread = |(index, version): (usize, &KeyVersion)| {
            let is_unread = version.fingerprint.is_none() && version.state != State::Destroyed.word();
            is_unread.then_some(Candidate::Unread {
                order: u32::try_from(index).unwrap_or(u32::MAX),
                current: version.current,
            })
        };
        let held = self.held.iter().map(|held| held.candidate);
        held.chain(self.versions.iter().enumerate().filter_map(unread))
            .collect()
    }

    /// The document without verdict; with the counts of a proof where there was one.
    #[must_use]
    pub fn document(&self, deployment: &str, tried: Option<&Tried>) -> Keys {
        // Weak keys share one fingerprint, so the id has to tell where it is known.
        let count = |fingerprint: &Option<Fingerprint>, id: Option<&KeyId>| {
            let tried = tried?;
            let index = self.held.iter().position(|held| {
                Some(held.key.fingerprint()) == *fingerprint && id.is_none_or(|id| held.key.key_id() == *id)
            })?;
            Some((clamp(tried.opened_by(index)), clamp(tried.parsed())))
        };
        let mut versions = self.versions.clone();
        for version in &mut versions {
            (version.opens, version.of) = count(&version.fingerprint, version.key_id.as_ref()).unzip();
        }
        let mut in_use = self.in_use.clone();
        if let Some(in_use) = &mut in_use {
            (in_use.opens, in_use.of) = count(&in_use.fingerprint, in_use.key_id.as_ref()).unzip();
            if let Some(previous) = &mut in_use.previous {
                previous.opens = count(&Some(previous.fingerprint.clone()), None).map(|(opens, _)| opens);
            }
        }
        Keys {
            name: deployment.into(),
            verdict: Verdict::Unknown,
            status: Status::Unknown,
            detail: String::new(),
            secret: self.secret.clone(),
            versions,
            in_use,
            envelopes: Envelopes::default(),
            replicas: self.replicas.clone(),
            coverage: Vec::new(),
            uncovered: Vec::new(),
        }
    }
}

/// One answer for each version; `None` where its value isn't asked for.
async fn read_versions(place: &KeyPlace, proof: Proof, secret: &Secret) -> Vec<Option<Result<Decoded, Unread>>> {
    let old = secret.versions.len().saturating_sub(MOST);
    let (passed_over, newest) = secret.versions.split_at(old);
    let mut answers: Vec<_> = passed_over.iter().map(|_| None).collect();
    for together in newest.chunks(AT_A_TIME) {
        let mut reads = Vec::with_capacity(AT_A_TIME);
        for version in together {
            reads.push(read_version(place, proof, version));
        }
        answers.extend(join_all(reads).await);
    }
    answers
}

async fn read_version(place: &KeyPlace, proof: Proof, version: &Version) -> Option<Result<Decoded, Unread>> {
    let asked = proof == Proof::Values && version.life == Life::Enabled;
    if asked {
        Some(place.key(&version.name).await)
    } else {
        None
    }
}

/// One word for why a version gave no key.
const fn unread_state(reason: &Unread) -> &'static str {
    match reason {
        Unread::Manager(ManagerError::Denied(..)) => "denied",
        Unread::Manager(ManagerError::Absent(..)) => "absent",
        Unread::Manager(_) | Unread::NoKey { .. } => "unreadable",
    }
}

const fn is_of_wrong_length(reason: &Unread) -> bool {
    matches!(
        reason,
        Unread::NoKey {
            why: WrittenError::Key(KeyError::Length(_)),
            ..
        }
    )
}

/// What is odd about a key, without saying anything of its bytes.
fn remarks(key: &MasterKey, untidy: bool) -> String {
    let mut remarks = Vec::new();
    if untidy {
        remarks.push("stored with quotes, white space or a second encoding: Muster copes, Ampora may not");
    }
    if key.is_weak() {
        remarks.push("not random: it can be guessed");
    }
    remarks.join("; ")
}

/// Counts in documents are 32-bit; nobody has four billion envelopes in a sample.
pub(crate) fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
