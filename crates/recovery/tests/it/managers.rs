//! A real folder of keys behind a line that breaks when it is told to: requests and answers get lost, somebody else comes first, the
//! process dies.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use adapters::key_files::KeyFiles;
use adapters::manager::{ManagerError, SecretManager, Value};
use async_trait::async_trait;
use domain::custody::{Keep, Secret};
use domain::key;

use crate::site::master_key;

/// What goes wrong with the next write, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// The request never arrives.
    LostRequest,
    /// It is written, and nobody hears of it.
    LostAnswer,
    /// Somebody else writes another key right before.
    Overtaken,
    /// It is written, and somebody else writes another key right after.
    Replaced,
    /// The process dies with the value in its hands.
    Panic,
    /// It dies as soon as the manager has answered.
    Halfway,
}

/// The folder and its line.
#[derive(Clone, Debug)]
pub struct Line {
    pub folder: KeyFiles,
    pub kind: &'static str,
    /// Versions that are kept; with one more, the oldest goes.
    pub keeps: Option<usize>,
    /// Descriptions are refused.
    pub silent: bool,
    pub mishap: Arc<Mutex<Option<Mishap>>>,
}

impl Line {
    pub fn to(dir: PathBuf) -> Self {
        Self {
            folder: KeyFiles { dir },
            kind: "file",
            keeps: None,
            silent: false,
            mishap: Arc::default(),
        }
    }

    pub fn breaks(self, mishap: Mishap) -> Self {
        *self.mishap.lock().expect("not poisoned") = Some(mishap);
        self
    }

    fn next(&self) -> Option<Mishap> {
        self.mishap.lock().expect("not poisoned").take()
    }

    fn lost(&self) -> ManagerError {
        ManagerError::Unreachable(self.name(), "the connection was reset".into())
    }

    /// Somebody else's key, as the next version.
    fn somebody_else(&self) {
        fs::create_dir_all(&self.folder.dir).expect("a folder");
        put(&self.folder, "8", 8, true);
    }

    fn prune(&self) {
        let versions = self.folder.versions().expect("lists");
        let over = versions.len().saturating_sub(self.keeps.unwrap_or(usize::MAX));
        for version in &versions[..over] {
            fs::remove_file(self.folder.dir.join(format!("{}.key", version.name))).expect("our own file");
        }
    }
}

/// Writes a version as its owner would by hand.
pub fn put(folder: &KeyFiles, version: &str, number: u8, current: bool) {
    let path = folder.dir.join(format!("{version}.key"));
    fs::write(&path, key::to_setting(&master_key(number)).as_bytes()).expect("writes");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
    if current {
        fs::write(folder.dir.join("current"), version).expect("writes");
    }
}

/// Which key each version holds, and which is current: `1=3 2=4*`.
pub fn held(folder: &KeyFiles) -> String {
    let number = |text: &str| (1..=9).find(|number| *key::to_setting(&master_key(*number)) == text.trim());
    let versions = folder.versions().unwrap_or_default();
    let words = versions.iter().map(|version| {
        let text = fs::read_to_string(folder.dir.join(format!("{}.key", version.name))).expect("reads");
        let held = number(&text).map_or("?".into(), |number: u8| number.to_string());
        format!("{}={held}{}", version.name, if version.current { "*" } else { "" })
    });
    words.collect::<Vec<_>>().join(" ")
}

#[async_trait]
impl SecretManager for Line {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn name(&self) -> String {
        self.folder.name()
    }

    fn identity(&self) -> String {
        self.folder.identity()
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        if self.silent {
            return Err(ManagerError::Denied(self.name(), "permission denied".into()));
        }
        let mut secret = self.folder.describe().await?;
        let room = self.keeps.map(|keeps| keeps.saturating_sub(secret.versions.len()));
        for (index, version) in secret.versions.iter_mut().enumerate() {
            if let Some(room) = room {
                version.keep = Keep::Writes {
                    left: u32::try_from(room + index + 1).expect("few versions"),
                    why: "it keeps few".into(),
                };
            }
        }
        Ok(secret)
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        self.folder.read(version).await
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        match self.next() {
            Some(Mishap::LostRequest) => return Err(self.lost()),
            Some(Mishap::LostAnswer) => {
                self.folder.create(value).await?;
                return Err(self.lost());
            }
            Some(Mishap::Overtaken) => self.somebody_else(),
            Some(Mishap::Replaced) => {
                let made = self.folder.create(value).await?;
                put(&self.folder, &made, 8, true);
                return Ok(made);
            }
            Some(Mishap::Panic) => panic!("died with {value:?} in its hands"),
            Some(Mishap::Halfway) => panic!("died after {:?}", self.folder.create(value).await),
            None => {}
        }
        self.folder.create(value).await
    }

    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        match self.next() {
            Some(Mishap::LostRequest) => return Err(self.lost()),
            Some(Mishap::LostAnswer) => {
                self.folder.append(value, expected).await?;
                self.prune();
                return Err(self.lost());
            }
            Some(Mishap::Overtaken) => self.somebody_else(),
            Some(Mishap::Replaced) => {
                let added = self.folder.append(value, expected).await?;
                self.somebody_else();
                return Ok(added);
            }
            Some(Mishap::Panic) => panic!("died with {value:?} in its hands"),
            Some(Mishap::Halfway) => panic!("died after {:?}", self.folder.append(value, expected).await),
            None => {}
        }
        let added = self.folder.append(value, expected).await?;
        self.prune();
        Ok(added)
    }
}
