//! Whether what lies in a bucket can still be erased: versioning and object lock, as the bucket is set up.
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>.

use super::call::Call;
use super::client::Aws;
use super::error::AwsError;
use super::xml::Node;

/// Whether the bucket keeps what is overwritten or deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Versioning {
    /// `mfa_delete`: versions can only be deleted with a second factor.
    Enabled {
        mfa_delete: bool,
    },
    /// It was on once; what was written since isn't kept.
    Suspended,
    Never,
}

/// Who may end a retention early.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Nobody, not even the account's root.
    Compliance,
    /// Whoever has `s3:BypassGovernanceRetention`.
    Governance,
    /// A word that Muster doesn't know.
    Other(String),
}

/// Object lock of a bucket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lock {
    /// What every new object gets: mode and days. `None`: only objects whose writer asks for it are held.
    pub retention: Option<(Mode, u32)>,
}

/// How far a bucket holds on to its objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Every new object is held for so many days.
    Locked {
        mode: Mode,
        days: u32,
    },
    /// Object lock is on, and it depends on the writer whether an object is held.
    LockedByWriter,
    /// Deleting hides an object; whoever may delete versions erases it.
    Versioned {
        mfa_delete: bool,
    },
    /// Deleting erases.
    Open,
    Unknown(String),
}

/// How a bucket is set up, as far as it could be read. An error says why a part isn't known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Immutability {
    pub region: Result<String, String>,
    pub versioning: Result<Versioning, String>,
    /// `Ok(None)`: object lock is off.
    pub lock: Result<Option<Lock>, String>,
}

impl Immutability {
    /// What protects the bucket's objects.
    #[must_use]
    pub fn protection(&self) -> Protection {
        match (&self.lock, &self.versioning) {
            (Err(reason), _) => Protection::Unknown(reason.clone()),
            (Ok(Some(Lock { retention: None })), _) => Protection::LockedByWriter,
            (
                Ok(Some(Lock {
                    retention: Some((mode, days)),
                })),
                _,
            ) => Protection::Locked {
                mode: mode.clone(),
                days: *days,
            },
            (Ok(None), Err(reason)) => Protection::Unknown(reason.clone()),
            (Ok(None), Ok(Versioning::Enabled { mfa_delete })) => Protection::Versioned {
                mfa_delete: *mfa_delete,
            },
            (Ok(None), Ok(Versioning::Suspended | Versioning::Never)) => Protection::Open,
        }
    }
}

impl Protection {
    /// Whether deleting is as good as done, as the policy counts it.
    ///
    /// # Errors
    /// With the reason why it isn't known.
    pub fn judged(&self) -> Result<domain::policy::Immutability, String> {
        match self {
            Self::Open => Ok(domain::policy::Immutability::Open),
            Self::Locked {
                mode: Mode::Compliance | Mode::Governance,
                ..
            }
            | Self::Versioned { .. } => Ok(domain::policy::Immutability::Protected { by: self.sentence() }),
            Self::Locked { .. } | Self::LockedByWriter | Self::Unknown(_) => Err(self.sentence()),
        }
    }

    /// In words for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Locked { mode, days } => {
                let but = match mode {
                    Mode::Compliance => "by nobody".into(),
                    Mode::Governance => "only by who may bypass the retention".into(),
                    Mode::Other(word) => format!("in mode {word:?}, which Muster doesn’t know"),
                };
                format!("object lock holds every new object for {days} days; it can be erased earlier {but}")
            }
            Self::LockedByWriter => {
                "object lock is on without a default retention: only what its writer locks is held".into()
            }
            Self::Versioned { mfa_delete: true } => "versions are kept, and erasing one takes a second factor".into(),
            Self::Versioned { mfa_delete: false } => {
                "versions are kept; whoever may delete versions can erase everything".into()
            }
            Self::Open => {
                "neither versions are kept nor objects locked: whoever may delete can erase everything".into()
            }
            Self::Unknown(reason) => format!("not known: {reason}"),
        }
    }
}

impl Aws {
    /// Reads how a bucket is set up. What may not be read is an error of its own and leaves the rest known.
    pub async fn immutability(&self, bucket: &str) -> Immutability {
        let answer = self.call(&Call::bucket("GetBucketLocation", bucket, "location")).await;
        let region = match answer {
            Err(AwsError::Elsewhere { region, .. }) => Ok(region),
            answer => answer.and_then(|answer| location(&answer)),
        };
        let there = region
            .as_ref()
            .map_or_else(|_| self.clone(), |region| self.of_bucket(region));
        let answer = there
            .call(&Call::bucket("GetBucketVersioning", bucket, "versioning"))
            .await;
        let versioning = answer.and_then(|answer| versioning(&answer));
        // Policies call it otherwise than the API does.
        let call = Call::bucket("GetBucketObjectLockConfiguration", bucket, "object-lock");
        let lock = match there.call(&call).await {
            Err(error) if error.code() == Some("ObjectLockConfigurationNotFoundError") => Ok(None),
            answer => answer.and_then(|answer| lock(&answer)),
        };
        Immutability {
            region: region.map_err(|error| error.to_string()),
            versioning: versioning.map_err(|error| error.to_string()),
            lock: lock.map_err(|error| error.to_string()),
        }
    }
}

fn root(call: &str, answer: &[u8], name: &str) -> Result<Node, AwsError> {
    let root = Node::parse(answer).map_err(|error| AwsError::not_understood(call, error))?;
    if root.name.contains(name) {
        Ok(root)
    } else {
        Err(AwsError::not_understood(
            call,
            format!("it is a {:?}, not a {name}", root.name),
        ))
    }
}

/// Two regions are older than the names of regions.
fn location(answer: &[u8]) -> Result<String, AwsError> {
    let root = root("s3:GetBucketLocation", answer, "LocationConstraint")?;
    Ok(match root.text.trim() {
        "" => "us-east-1".into(),
        "EU" => "eu-west-1".into(),
        region => region.into(),
    })
}

fn versioning(answer: &[u8]) -> Result<Versioning, AwsError> {
    let call = "s3:GetBucketVersioning";
    let root = root(call, answer, "Versioning")?;
    match root.value("Status") {
        None => Ok(Versioning::Never),
        Some("Enabled") => Ok(Versioning::Enabled {
            // AWS spells it `MfaDelete` in answers and `MFADelete` in its documentation of them.
            mfa_delete: [root.value("MfaDelete"), root.value("MFADelete")].contains(&Some("Enabled")),
        }),
        Some("Suspended") => Ok(Versioning::Suspended),
        Some(other) => Err(AwsError::not_understood(call, format!("versioning is {other:?}"))),
    }
}

fn lock(answer: &[u8]) -> Result<Option<Lock>, AwsError> {
    let call = "s3:GetBucketObjectLockConfiguration";
    let root = root(call, answer, "ObjectLockConfiguration")?;
    match root.value("ObjectLockEnabled") {
        Some("Enabled") => {}
        None => return Ok(None),
        Some(other) => return Err(AwsError::not_understood(call, format!("object lock is {other:?}"))),
    }
    let Some(retention) = root.find("DefaultRetention") else {
        return Ok(Some(Lock { retention: None }));
    };
    let days = retention.parsed::<u32>("Days").filter(|days| *days > 0);
    let years = retention.parsed::<u32>("Years").filter(|years| *years > 0);
    let days = days.or_else(|| years?.checked_mul(365));
    match (retention.value("Mode"), days) {
        (Some(mode), Some(days)) => {
            let mode = match mode {
                "COMPLIANCE" => Mode::Compliance,
                "GOVERNANCE" => Mode::Governance,
                other => Mode::Other(other.into()),
            };
            Ok(Some(Lock {
                retention: Some((mode, days)),
            }))
        }
        _ => Err(AwsError::not_understood(
            call,
            "a default retention without mode or length",
        )),
    }
}

#[cfg(test)]
mod tests;
