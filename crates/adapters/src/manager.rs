//! What is asked of every secret manager, and how a master key is written in what it stores. Each manager has a module of its own.

mod quoted;
mod unusable;
mod written;

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use domain::custody::Secret;
use domain::rules::BringBack;
use zeroize::Zeroizing;

pub(crate) use quoted::quoted;
pub use unusable::Unusable;
pub use written::{Written, WrittenError};

/// One secret in one manager. Reading a value is a separate act from describing the secret: descriptions are asked for all day, values as
/// seldom as can be.
#[async_trait]
pub trait SecretManager: fmt::Debug + Send + Sync {
    /// The kind as it stands in the configuration: `vault`, `aws`, …
    fn kind(&self) -> &'static str;

    /// What people call it, in plans, pages and logs: `vault secret/ampora at https://…`.
    fn name(&self) -> String;

    /// Names the secret itself: two settings that lead to the same secret have the same identity, however they are written.
    fn identity(&self) -> String;

    /// Lists versions and what is known of them. Reads no value.
    ///
    /// # Errors
    /// If the manager doesn't tell.
    async fn describe(&self) -> Result<Secret, ManagerError>;

    /// The value of one version.
    ///
    /// # Errors
    /// If the version can't be had.
    async fn read(&self, version: &str) -> Result<Value, ManagerError>;

    /// Makes the secret, with this value as its first version, and answers with that version's name.
    ///
    /// # Errors
    /// [`ManagerError::Exists`] if anything is there already, deleted versions included; nothing was written then.
    async fn create(&self, value: &Value) -> Result<String, ManagerError>;

    /// Adds a version and makes it the current one, if `expected` is still current. Answers with its name.
    ///
    /// # Errors
    /// [`ManagerError::Moved`] if another version is current by now; nothing was written then. [`ManagerError::Overtaken`] if that was seen
    /// only after the version was added.
    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError>;

    /// Whether the same [`append`](Self::append) made again goes on with a version that was added and isn't current yet, rather than add
    /// another one.
    fn goes_on(&self) -> bool {
        false
    }

    /// The command by which its owner has it keep more versions, for people; `None`: it has no such limit, or no command of its own.
    fn keep_more(&self) -> Option<String> {
        None
    }

    /// The command by which its owner has it hand out deleted versions again, for people; `None`: it has none of its own.
    fn bring_back(&self) -> Option<BringBack> {
        None
    }
}

/// A stored value, in memory that is wiped.
#[derive(Clone)]
pub enum Value {
    /// Text or bytes.
    Whole(Zeroizing<Vec<u8>>),
    /// What a manager stores by names, such as the data of a Kubernetes Secret.
    Fields(BTreeMap<String, Zeroizing<Vec<u8>>>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(redacted)")
    }
}

/// Why a manager did not do what it was asked. Denied and absent are different findings: one is a right to be given, the other a key to be
/// found. None of these holds a value or a credential.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManagerError {
    #[error("{0} can’t be reached: {1}")]
    Unreachable(String, String),
    #[error("{0} refuses: {1}")]
    Denied(String, String),
    #[error("{0} has no {1}")]
    Absent(String, String),
    #[error("{0} exists already; nothing was written")]
    Exists(String),
    #[error("{0} has another current version by now, {1}; nothing was written")]
    Moved(String, String),
    /// Name, the version that is current, and the one that was added.
    #[error(
        "{0} has another current version by now, {1}, which stays; what was written is version {2}, which nobody gets who doesn’t name it"
    )]
    Overtaken(String, String, String),
    #[error("{0} answered what Muster doesn’t understand: {1}")]
    Odd(String, String),
    #[error("{0}: {1}")]
    Unsupported(String, String),
}

impl ManagerError {
    /// What went wrong with making a version current that was added before.
    pub(crate) fn after_adding(self, version: &str) -> Self {
        let stays = |said: String| format!("{said}; what was written is version {version}, which isn’t current");
        match self {
            Self::Moved(name, current) => Self::Overtaken(name, current, version.into()),
            Self::Unreachable(name, said) => Self::Unreachable(
                name,
                format!("{said}; what was written is version {version}, and whether it is current isn’t known"),
            ),
            Self::Denied(name, said) => Self::Denied(name, stays(said)),
            Self::Odd(name, said) => Self::Odd(name, stays(said)),
            other => other,
        }
    }
}
