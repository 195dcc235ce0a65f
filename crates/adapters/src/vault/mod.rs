//! HashiCorp Vault and OpenBao: one secret of a KV engine of version 2. Own requests over reqwest, since the crate for Vault keeps values in
//! plain strings.
//!
//! What is wiped from memory: answers, values taken out of them, bodies of requests, tokens, a login's secret. What is not: pieces of an
//! answer or a request in the buffers of the HTTP and TLS libraries, the header that carries the token, and a piece of a text with escapes
//! (`\n`, `\u0022`; no key has any) in the buffer of the JSON parser.

mod answers;
mod auth;
mod call;
mod describe;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod reply;
mod requests;
mod settings;
mod stored;
mod write;

use std::fmt;

use async_trait::async_trait;
use domain::custody::Secret;
use domain::rules::BringBack;

use crate::manager::{ManagerError, SecretManager, Value};
use answers::Unclear;
use auth::Login;
use call::{Question, Wire};
use settings::Place;
use stored::Stored;

pub use settings::{VaultAuth, VaultError, VaultSettings};

/// One secret. Requests share its login.
pub struct Vault {
    place: Place,
    wire: Wire,
    login: Login,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.place.name())
    }
}

impl Vault {
    /// Asks nothing yet, so that this works while the server is down.
    ///
    /// # Errors
    /// If the server can't or mustn't be asked like this.
    pub fn new(settings: &VaultSettings) -> Result<Self, VaultError> {
        let place = Place::of(settings)?;
        Ok(Self {
            wire: Wire::new(settings, &place)?,
            login: Login::new(&settings.auth)?,
            place,
        })
    }
}

#[async_trait]
impl SecretManager for Vault {
    fn kind(&self) -> &'static str {
        "vault"
    }

    fn name(&self) -> String {
        self.place.name()
    }

    fn identity(&self) -> String {
        self.place.identity()
    }

    fn keep_more(&self) -> Option<String> {
        Some(self.place.keep_more())
    }

    fn bring_back(&self) -> Option<BringBack> {
        Some(self.place.bring_back())
    }

    /// Times are compared with the server's own clock, which stands in each answer: that clock decides when a version is deleted, and a
    /// difference to Muster's would show a version as gone that isn't.
    async fn describe(&self) -> Result<Secret, ManagerError> {
        let answer = self.ask(&Question::get(self.place.of_secret("metadata"))).await?;
        if !answer.status.is_success() {
            return Err(self.refused(&answer, "such secret"));
        }
        let metadata = answers::metadata(&answer.body).map_err(|unclear| self.odd(&unclear))?;
        let mount = match self.ask_also(&Question::get(self.place.of_engine())).await {
            Ok(settings) if settings.status.is_success() => {
                answers::rules(&settings.body).map_err(|unclear| unclear.to_string())
            }
            Ok(refusal) => Err(format!("{}: {}", refusal.status.as_u16(), refusal.words)),
            Err(error) => Err(error.to_string()),
        };
        let mount = mount.as_ref().map_err(String::as_str);
        Ok(describe::secret(&metadata, mount, answer.now))
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        let (answer, number) = self.fetch(version).await?;
        let stored = Stored::of(&answer.body).map_err(|unclear| self.odd(&unclear))?;
        if let Some(other) = stored.version.filter(|other| *other != number) {
            let why = format!("it was asked for version {number} and sent version {other}");
            return Err(ManagerError::Odd(self.place.name(), why));
        }
        let fields = stored.fields.into_iter();
        let fields = fields.map(|(name, field)| Ok((name, stored::content(field)?)));
        let fields = fields.collect::<Result<_, Unclear>>();
        fields.map(Value::Fields).map_err(|unclear| self.odd(&unclear))
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        let fields = self.fields(value)?;
        self.is_versioned().await?;
        let stored = self.store(&fields, 0).await?;
        stored.ok_or_else(|| ManagerError::Exists(self.place.name()))
    }

    /// Fields that aren't text (numbers, lists) come as text from a read. Those that weren't changed are stored as what they were, for which
    /// the current version is read once more.
    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        let fields = self.fields(value)?;
        let number: Option<u64> = expected.parse().ok().filter(|number| *number > 0);
        let stored = match number {
            // 0 would make the secret if it isn't there.
            None => None,
            Some(number) if fields.are_ambiguous() => match self.fetch(expected).await {
                Ok((old, _)) => {
                    let old = Stored::of(&old.body).map_err(|unclear| self.odd(&unclear))?;
                    self.store(&fields.typed_as(&old.fields), number).await?
                }
                // What is deleted can't be compared.
                Err(ManagerError::Absent(..)) => self.store(&fields, number).await?,
                Err(error) => return Err(error),
            },
            Some(number) => self.store(&fields, number).await?,
        };
        match stored {
            Some(version) => Ok(version),
            None => Err(ManagerError::Moved(self.place.name(), self.current().await)),
        }
    }
}
