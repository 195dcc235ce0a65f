//! The key that snapshots and buckets are encrypted with: without it they are noise.
//! Source: <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>.

use chrono::DateTime;
use domain::status::Status;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::client::Aws;
use super::error::AwsError;
use super::service::region_of;

/// What a key can be used for now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyState {
    Enabled,
    Disabled,
    /// It will be gone for ever.
    PendingDeletion {
        at: Option<Timestamp>,
    },
    /// AWS knows no such key.
    Missing,
    /// A word that says neither.
    Other(String),
}

/// A key in KMS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KmsKey {
    /// Its resource name; where AWS tells none, the name it was asked for by.
    pub arn: String,
    pub state: KeyState,
    /// Made and kept by AWS itself, so that nobody can schedule its deletion.
    pub managed_by_aws: Option<bool>,
    /// It has replicas in other regions or is one.
    pub multi_region: Option<bool>,
}

impl KmsKey {
    /// Whether what it encrypted can be read, in words.
    #[must_use]
    pub fn judge(&self) -> (Status, String) {
        match &self.state {
            KeyState::Enabled => (Status::Ok, format!("{} is enabled", self.arn)),
            KeyState::Disabled => (
                Status::Broken,
                format!(
                    "{} is disabled: what it encrypted can’t be restored until it is enabled again",
                    self.arn
                ),
            ),
            KeyState::PendingDeletion { at } => {
                let when = at.map_or_else(
                    || "on a date that AWS doesn’t tell".to_owned(),
                    |at| format!("on {}", at.format("%Y-%m-%d %H:%M UTC")),
                );
                let text = format!(
                    "{} will be deleted {when}, and with it all that it encrypted; cancel the deletion (kms:CancelKeyDeletion) and enable it",
                    self.arn
                );
                (Status::Broken, text)
            }
            KeyState::Missing if region_of(&self.arn).is_some() => (
                Status::Broken,
                format!("AWS knows no key {}: what it encrypted can’t be restored", self.arn),
            ),
            // A bare id names neither region nor account.
            KeyState::Missing => (
                Status::Unknown,
                format!(
                    "AWS knows no key {} here; it may be of another region or account",
                    self.arn
                ),
            ),
            KeyState::Other(word) => (Status::Unknown, format!("{} is in state {word:?}", self.arn)),
        }
    }
}

impl Aws {
    /// Asks what state a key is in: by its resource name, its id, or an alias.
    ///
    /// # Errors
    /// If AWS doesn't tell.
    pub async fn kms_key(&self, id: &str) -> Result<KmsKey, AwsError> {
        let there = region_of(id).map_or_else(|| self.clone(), |region| self.in_region(region));
        let answer = there.call(&Call::kms("DescribeKey", &json!({ "KeyId": id }))).await;
        match answer {
            Ok(answer) => key(&answer, id),
            Err(error) if error.code() == Some("NotFoundException") => Ok(KmsKey {
                arn: id.into(),
                state: KeyState::Missing,
                managed_by_aws: None,
                multi_region: None,
            }),
            Err(error) => Err(error),
        }
    }
}

fn key(answer: &[u8], id: &str) -> Result<KmsKey, AwsError> {
    let call = "kms:DescribeKey";
    let answer: Value = serde_json::from_slice(answer).map_err(|error| AwsError::not_understood(call, error))?;
    let key = answer
        .get("KeyMetadata")
        .filter(|key| key.is_object())
        .ok_or_else(|| AwsError::not_understood(call, "it describes no key"))?;
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let state = match (text("KeyState"), key.get("Enabled").and_then(Value::as_bool)) {
        (Some("Enabled"), _) | (None, Some(true)) => KeyState::Enabled,
        (Some("Disabled"), _) => KeyState::Disabled,
        (Some("PendingDeletion" | "PendingReplicaDeletion"), _) => KeyState::PendingDeletion {
            at: key.get("DeletionDate").and_then(moment),
        },
        (Some(other), _) => KeyState::Other(other.into()),
        (None, _) => KeyState::Other("not told".into()),
    };
    Ok(KmsKey {
        arn: text("Arn").unwrap_or(id).into(),
        state,
        managed_by_aws: text("KeyManager").map(|manager| manager == "AWS"),
        multi_region: key.get("MultiRegion").and_then(Value::as_bool),
    })
}

/// Seconds since 1970, with a fraction.
fn moment(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite())?;
    // A conversion from float saturates, and what is out of range is none.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds are all that is wanted")]
    let milliseconds = (seconds * 1000.0) as i64;
    DateTime::from_timestamp_millis(milliseconds)
}

#[cfg(test)]
mod tests;
