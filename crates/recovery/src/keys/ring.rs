//! The keys that can be reached, held for one proof.

use domain::drift::{Candidate, Verdict};
use domain::inventory::{Envelopes, InUse as InUseDocument, KeyVersion, Keys};
use domain::key::{Decoded, MasterKey};
use domain::status::Status;

use super::Tried;
use crate::settings::{self, InUse, Manager};

/// A key with what it is called.
#[derive(Debug)]
pub struct HeldKey {
    pub candidate: Candidate,
    /// Version name; `None` for the key in use.
    pub version: Option<String>,
    pub key: MasterKey,
}

impl HeldKey {
    /// `version 2`, or `key in use`.
    #[must_use]
    pub fn name(&self) -> String {
        self.version
            .as_ref()
            .map_or_else(|| "key in use".into(), |version| format!("version {version}"))
    }
}

/// All keys of a deployment that could be read, and what is known of the others.
#[derive(Debug)]
pub struct KeyRing {
    pub held: Vec<HeldKey>,
    versions: Vec<KeyVersion>,
    in_use: Option<InUseDocument>,
}

impl KeyRing {
    /// A ring without keys: it opens nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            held: Vec::new(),
            versions: Vec::new(),
            in_use: None,
        }
    }

    /// Reads every version and the key in use. A version that can't be read stays listed with the reason.
    ///
    /// # Errors
    /// If the manager itself can't be read.
    pub fn read(settings: &settings::MasterKey) -> Result<Self, String> {
        let mut ring = Self::empty();
        match &settings.manager {
            Manager::Unsupported { kind } => {
                return Err(format!("secret manager {kind}: not supported by this version yet"));
            }
            Manager::Files(files) => {
                let manager = settings.manager.name();
                for (order, version) in files
                    .versions()
                    .map_err(|error| error.to_string())?
                    .into_iter()
                    .enumerate()
                {
                    let read = files.read(&version.name).map_err(|error| error.to_string());
                    let order = u32::try_from(order).unwrap_or(u32::MAX);
                    ring.add_version(&manager, version, order, read);
                }
            }
        }
        if let Some(in_use) = &settings.in_use {
            ring.add_in_use(in_use);
        }
        Ok(ring)
    }

    fn add_version(
        &mut self,
        manager: &str,
        version: adapters::key_files::Version,
        order: u32,
        read: Result<Decoded, String>,
    ) {
        let mut document = KeyVersion {
            manager: manager.into(),
            version: version.name.clone(),
            fingerprint: None,
            key_id: None,
            created_at: version.created_at,
            current: version.current,
            state: "enabled".into(),
            length_ok: None,
            opens: None,
            of: None,
            detail: String::new(),
        };
        match read {
            Ok(Decoded { key, untidy }) => {
                document.fingerprint = Some(key.fingerprint());
                document.key_id = Some(key.key_id());
                document.length_ok = Some(true);
                document.detail = remarks(&key, untidy);
                let candidate = Candidate::Version {
                    order,
                    current: version.current,
                };
                self.held.push(HeldKey {
                    candidate,
                    version: Some(version.name),
                    key,
                });
            }
            Err(reason) => {
                document.state = "unreadable".into();
                document.length_ok = reason.contains("decodes to").then_some(false);
                document.detail = reason;
            }
        }
        self.versions.push(document);
    }

    fn add_in_use(&mut self, in_use: &InUse) {
        let (source, read) = match in_use {
            InUse::EnvFile(file) => (
                file.path.display().to_string(),
                file.read().map_err(|error| error.to_string()),
            ),
            InUse::Unsupported { kind } => (kind.clone(), Err("not supported by this version yet".into())),
        };
        let mut document = InUseDocument {
            source,
            fingerprint: None,
            key_id: None,
            version: None,
            previous_set: false,
            opens: None,
            of: None,
            detail: String::new(),
        };
        match read {
            Err(reason) => document.detail = reason,
            Ok(keys) => {
                document.previous_set = keys.previous.is_some();
                match keys.master {
                    None => document.detail = "KeyProtection__MasterKey isn’t set in it".into(),
                    Some(Decoded { key, untidy }) => {
                        document.fingerprint = Some(key.fingerprint());
                        document.key_id = Some(key.key_id());
                        document.detail = remarks(&key, untidy);
                        document.version = self
                            .held
                            .iter()
                            .find(|held| held.key == key)
                            .and_then(|held| held.version.clone());
                        if document.version.is_none() {
                            self.held.push(HeldKey {
                                candidate: Candidate::InUse,
                                version: None,
                                key,
                            });
                        }
                    }
                }
            }
        }
        self.in_use = Some(document);
    }

    /// The manager's current version, if it could be read.
    #[must_use]
    pub fn current(&self) -> Option<&HeldKey> {
        self.held
            .iter()
            .find(|held| matches!(held.candidate, Candidate::Version { current: true, .. }))
    }

    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        self.held.iter().map(|held| held.candidate.clone()).collect()
    }

    /// The document without verdict; with the counts of a proof where there was one.
    #[must_use]
    pub fn document(&self, deployment: &str, tried: Option<&Tried>) -> Keys {
        let count = |fingerprint: &Option<domain::key::Fingerprint>| {
            let tried = tried?;
            let index = self
                .held
                .iter()
                .position(|held| Some(held.key.fingerprint()) == *fingerprint)?;
            Some((clamp(tried.opened_by(index)), clamp(tried.parsed())))
        };
        let mut versions = self.versions.clone();
        for version in &mut versions {
            (version.opens, version.of) = count(&version.fingerprint).unzip();
        }
        let mut in_use = self.in_use.clone();
        if let Some(in_use) = &mut in_use {
            (in_use.opens, in_use.of) = count(&in_use.fingerprint).unzip();
        }
        Keys {
            name: deployment.into(),
            verdict: Verdict::Unknown,
            status: Status::Unknown,
            detail: String::new(),
            versions,
            in_use,
            envelopes: Envelopes::default(),
            replicas: Vec::new(),
            coverage: Vec::new(),
        }
    }
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
