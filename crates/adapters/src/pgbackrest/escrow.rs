//! Proof that what lies in escrow opens a repository: the passphrase of its backups, and the credentials of its store. Without them the
//! best backup is noise, and on the day they are needed the host that holds the configuration is the one that is gone.
//!
//! pgBackRest takes options from its environment before those of its configuration, so the escrowed values stand in for the configured
//! ones. Whether they really did is proven by the opposite: with a made-up value in their place the repository must stay shut.
//! <https://pgbackrest.org/configuration.html>

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::info::RepoState;
use super::words::quoted;
use super::{Info, PgBackRest, PgBackRestError, complete};
use crate::process::{ProcessError, Secrets};

const CIPHER_PASS: &str = "cipher-pass";

/// What lies in escrow for one repository.
#[derive(Clone, Debug, Default)]
pub struct RepoSecrets {
    /// `repo-cipher-pass`.
    pub cipher_pass: Option<SecretString>,
    /// Other options that are secret, by name without `repo`: `s3-key`, `s3-key-secret`, `azure-key`, `gcs-key`.
    pub credentials: Vec<(String, SecretString)>,
}

/// How the trial ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// It opens with these options from escrow, and with none of them made up.
    Proven { options: Vec<String>, backups: usize },
    /// It doesn't open with what is in escrow.
    Refused { reason: String },
    /// It opens, or may, but what is in escrow isn't the reason.
    Unproven { reason: String },
}

/// One look at the repository.
struct Look {
    state: Option<RepoState>,
    backups: usize,
    failure: Option<String>,
}

impl PgBackRest {
    /// Tries what is in escrow on this repository. Only reads.
    ///
    /// # Errors
    /// If pgBackRest can't be called, or runs elsewhere: then its environment is out of reach.
    pub async fn opens_with(&self, repo: u32, escrow: &RepoSecrets) -> Result<Opening, PgBackRestError> {
        let secrets = escrow.options();
        let look = self.look(repo, &secrets).await?;
        if let Some(nothing) = look.nothing_to_prove(repo, escrow) {
            return Ok(nothing);
        }
        if !look.is_open() {
            return Ok(Opening::Refused {
                reason: format!("what is in escrow doesn’t open repo{repo}: {}", look.reason(repo)),
            });
        }
        for made_up in 0..secrets.len() {
            let mut others = secrets.clone();
            others[made_up].1 = SecretString::from(hex::encode(rand::random::<[u8; 24]>()));
            if self.look(repo, &others).await?.is_open() {
                let option = &secrets[made_up].0;
                let reason = format!(
                    "repo{repo} opens as well with a made-up {option}, so the one in escrow isn’t what opens it; either the repository \
                     needs none, or the configured command doesn’t pass its environment on to pgBackRest"
                );
                return Ok(Opening::Unproven { reason });
            }
        }
        // That it stayed shut could also mean that it couldn't be reached any more.
        let look = self.look(repo, &secrets).await?;
        if !look.is_open() {
            let reason = format!(
                "repo{repo} could not be read any more at the end: {}",
                look.reason(repo)
            );
            return Ok(Opening::Unproven { reason });
        }
        Ok(Opening::Proven {
            options: secrets.into_iter().map(|(option, _)| option).collect(),
            backups: look.backups,
        })
    }

    async fn look(&self, repo: u32, secrets: &[(String, SecretString)]) -> Result<Look, PgBackRestError> {
        let mut call = self.invoke(&["info", "--output=json", &format!("--repo={repo}")]);
        let mut known = Secrets::default();
        for (option, value) in secrets {
            call = call.secret_env(variable(repo, option), value);
            known.add(value.expose_secret().as_bytes());
        }
        let output = match call.outcome().await {
            Err(ProcessError::NotPassedOn { .. }) => return Err(PgBackRestError::Elsewhere),
            said => complete(said?)?,
        };
        let info = Info::parse(&output.stdout, &self.stanza).ok();
        let mut state = info
            .as_ref()
            .and_then(|info| info.repos().iter().find(|state| state.key == repo).cloned());
        if let Some(state) = &mut state {
            state.message = known.redact(&state.message).into_owned();
        }
        let of_repo = |info: Info| {
            info.backups("")
                .iter()
                .filter(|backup| backup.repo == Some(repo))
                .count()
        };
        Ok(Look {
            state,
            backups: info.map_or(0, of_repo),
            failure: output.succeeded().err().map(|failure| quoted(&failure.to_string())),
        })
    }
}

impl RepoSecrets {
    pub(super) fn options(&self) -> Vec<(String, SecretString)> {
        let pass = self
            .cipher_pass
            .iter()
            .map(|pass| (CIPHER_PASS.to_owned(), pass.clone()));
        pass.chain(self.credentials.iter().cloned()).collect()
    }
}

impl Look {
    /// Its catalogue was read: 0 ok, 2 without backups.
    fn is_open(&self) -> bool {
        let code = self.state.as_ref().and_then(|state| state.code);
        self.failure.is_none() && matches!(code, Some(0 | 2))
    }

    /// Without the passphrase in escrow, the one of the configuration would do, and prove nothing.
    fn nothing_to_prove(&self, repo: u32, escrow: &RepoSecrets) -> Option<Opening> {
        if escrow.cipher_pass.is_some() {
            return None;
        }
        let cipher = self.state.as_ref()?.cipher.as_deref();
        match cipher {
            Some("none") if !escrow.credentials.is_empty() => None,
            Some("none") => Some(Opening::Unproven {
                reason: format!("repo{repo} isn’t encrypted and no credentials are in escrow: there is nothing to try"),
            }),
            Some(cipher) => Some(Opening::Refused {
                reason: format!("repo{repo} is encrypted ({cipher}) and no passphrase is in escrow"),
            }),
            None => Some(Opening::Unproven {
                reason: format!(
                    "pgBackRest doesn’t say whether repo{repo} is encrypted, and no passphrase is in escrow"
                ),
            }),
        }
    }

    fn reason(&self, repo: u32) -> String {
        match (&self.state, &self.failure) {
            (_, Some(failure)) => failure.clone(),
            (Some(state), None) => state.message.clone(),
            (None, None) => format!("pgBackRest said nothing about repo{repo}"),
        }
    }
}

/// `PGBACKREST_REPO2_CIPHER_PASS`.
pub(super) fn variable(repo: u32, option: &str) -> String {
    format!(
        "PGBACKREST_REPO{repo}_{}",
        option.to_ascii_uppercase().replace('-', "_")
    )
}
