//! What the people do who keep the key: they write versions into the manager, set Ampora's environment, and rotate.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use adapters::key_files::KeyFiles;
use domain::envelope;
use domain::finding::Found;
use domain::key::{self, Encoding, MasterKey};
use domain::run::RunState;
use recovery::plans::Wish;

use super::patient::{Patient, commands};
use crate::runs::worked;

impl Patient {
    /// The folder that is the secret manager.
    pub fn manager(&self) -> KeyFiles {
        KeyFiles {
            dir: self.site.folder.path().join("keys"),
        }
    }

    /// Writes a version as its owner does, and makes it the current one.
    pub fn make_current(&self, version: &str, text: &str) {
        self.hold(version, text);
        fs::write(self.manager().dir.join("current"), version).expect("our own folder");
    }

    /// Writes a version as its owner does. The current one stays.
    pub fn hold(&self, version: &str, text: &str) {
        let path = self.manager().dir.join(format!("{version}.key"));
        fs::write(&path, text).expect("our own folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
    }

    pub fn remove(&self, version: &str) {
        fs::remove_file(self.manager().dir.join(format!("{version}.key"))).expect("our own file");
    }

    /// Ampora's environment, as text.
    pub fn set_env(&self, text: &str) {
        fs::write(&self.env, text).expect("our own folder");
        fs::set_permissions(&self.env, fs::Permissions::from_mode(0o600)).expect("our own file");
    }

    /// Starts Ampora with this key, and with the one before it where that is still needed.
    pub fn start_with(&self, own: &MasterKey, previous: Option<&MasterKey>) {
        let mut text = format!("KeyProtection__MasterKey={}\n", key::to_setting(own).as_str());
        if let Some(previous) = previous {
            let setting = key::to_setting(previous);
            text.push_str(&format!("KeyProtection__PreviousMasterKey={}\n", setting.as_str()));
        }
        self.set_env(&text);
    }

    /// Goes through a recovery that ends with another key: types its commands, and does with the key that they draw what the text says.
    pub async fn rotate_as_told(&self, found: &Found, version: &str, old: &MasterKey) {
        let terminal = self.terminal();
        let mut drawn = None;
        for command in commands(found) {
            let printed = terminal.run(command).await.unwrap_or_else(|error| panic!("{error}"));
            if command.starts_with("openssl ") {
                drawn = Some(printed);
            }
        }
        let drawn = drawn.unwrap_or_else(|| panic!("no key is drawn: {}", found.recovery()));
        let new = MasterKey::decode(drawn.trim().as_bytes(), Encoding::Base64)
            .expect("32 bytes")
            .key;
        self.make_current(version, drawn.trim());
        self.start_with(&new, Some(old));
        self.ampora.rewrap(&new).await;
        self.start_with(&new, None);
    }

    /// Seals the peer's secret anew, with a nonce that is chosen.
    pub async fn seal_peer(&self, key: &MasterKey, nonce: u8, plain: &[u8]) {
        let update = sqlx::query(r#"UPDATE "federation_peers" SET "WrappedOutboundSecret" = $1"#);
        let update = update.bind(envelope::seal(key, [nonce; envelope::NONCE], plain));
        let updated = update.execute(&mut self.ampora.database.connect().await).await;
        updated.expect("updates");
    }

    /// The site's configuration is that of the patient.
    pub fn configure(&mut self) {
        let own = self.deployment.clone();
        self.site.configure(|settings| settings.deployments[0] = own);
    }

    /// Two people agree to this, and a worker does it.
    pub async fn carries_out(&mut self, wish: &Wish) {
        self.configure();
        let run = self.site.started(wish).await;
        let done = worked(&self.site, run).await;
        assert!(
            matches!(done.state, RunState::Succeeded { .. }),
            "{:?} {:?}",
            done.state,
            done.steps
        );
    }
}
