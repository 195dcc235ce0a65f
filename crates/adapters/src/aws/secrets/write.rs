//! Writes to AWS Secrets Manager that can be repeated: a secret is made only where none was, and a version becomes current only behind the
//! one that is expected.
//!
//! AWS can't compare and write in one call, so a new version is put under a label of Muster's own first, which changes nothing for anybody,
//! and the label `AWSCURRENT` is then taken from the expected version: that call fails if another one has it. A crash in between leaves a
//! version that isn't current. Its name is drawn from what it follows, so the same attempt made again finds it instead of adding another.
//! The label isn't `AWSPENDING`, which belongs to rotations: they would take it for one of theirs and stop.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::operation::update_secret_version_stage::builders::UpdateSecretVersionStageFluentBuilder;
use aws_sdk_secretsmanager::primitives::Blob;
use domain::ids::Sha256;

use super::AwsSecret;
use super::custody::{CURRENT, PENDING};
use super::session::Session;
use crate::aws::AwsError;
use crate::manager::{ManagerError, Value};

/// Holds a version until it is current.
const LABEL: &str = "MUSTERPENDING";
/// How many versions of other values may have been left behind the same current one.
const LEFT_BEHIND: u32 = 8;

/// AWS keeps text and bytes apart, and so do those who read it.
#[derive(Clone)]
enum Content {
    Text(String),
    Bytes(Blob),
}

impl Content {
    /// Text wherever it is text.
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.into()),
            Err(_) => Self::Bytes(Blob::new(bytes)),
        }
    }

    fn split(self) -> (Option<String>, Option<Blob>) {
        match self {
            Self::Text(text) => (Some(text), None),
            Self::Bytes(bytes) => (None, Some(bytes)),
        }
    }
}

impl AwsSecret {
    pub(super) async fn make(&self, value: &Value) -> Result<String, ManagerError> {
        if self.id.arn.is_some() {
            return Err(self.unsupported("a secret is made by its name; AWS draws its ARN"));
        }
        let (text, bytes) = Content::of(self.whole(value)?).split();
        let session = self.open().await?;
        let asked = session.client().create_secret().name(&self.id.name);
        let asked = asked.set_secret_string(text).set_secret_binary(bytes);
        match session.ask("CreateSecret", asked.send()).await {
            Ok(made) => self.named(made.version_id),
            Err(AwsError::Refused(refusal)) if refusal.code == "ResourceExistsException" => {
                Err(ManagerError::Exists(self.called()))
            }
            // AWS has several words for a name that is taken, a deletion that is scheduled among them.
            Err(AwsError::Refused(_)) if session.describe().await.is_ok() => Err(ManagerError::Exists(self.called())),
            Err(error) => Err(self.refused(error)),
        }
    }

    pub(super) async fn follow(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        let bytes = self.whole(value)?;
        let session = self.open().await?;
        let described = session.describe().await.map_err(|error| self.refused(error))?;
        self.expect_arn(described.arn())?;
        self.expect_current(&described, expected)?;
        self.expect_no_rotation(&described)?;
        let before = session.value(expected).await.map_err(|error| self.refused(error))?;
        let content = match before.secret_binary() {
            Some(_) => Content::Bytes(Blob::new(bytes)),
            None => Content::of(bytes),
        };
        drop(before);
        let arn = described.arn().unwrap_or_else(|| self.id.asked());
        let version = self.put(&session, arn, expected, &content).await?;
        let moved = self.make_current(&session, expected, &version).await;
        // No call of AWS deletes a version: without a label AWS may. A label that stays keeps it longer than needed, and harms nobody.
        let untied = label(&session, LABEL).remove_from_version_id(&version);
        let _left = session.ask("UpdateSecretVersionStage", untied.send()).await;
        match moved {
            Ok(()) => Ok(version),
            Err(error) => Err(error.after_adding(&version)),
        }
    }

    /// Puts a version that isn't current, or finds the one of an earlier attempt.
    async fn put(
        &self,
        session: &Session<'_>,
        arn: &str,
        expected: &str,
        content: &Content,
    ) -> Result<String, ManagerError> {
        for attempt in 0..LEFT_BEHIND {
            let (text, bytes) = content.clone().split();
            let asked = session.client().put_secret_value().secret_id(self.id.asked());
            let asked = asked
                .client_request_token(token(arn, expected, attempt))
                .version_stages(LABEL);
            let asked = asked.set_secret_string(text).set_secret_binary(bytes);
            match session.ask("PutSecretValue", asked.send()).await {
                Ok(made) => return self.named(made.version_id),
                // An earlier attempt left another value under this name.
                Err(AwsError::Refused(refusal)) if refusal.code == "ResourceExistsException" => {}
                Err(error) => return Err(self.refused(error)),
            }
        }
        Err(self.unsupported("too many earlier attempts left versions behind the current one; nothing was written"))
    }

    /// Takes the label from the expected version. AWS refuses if another has it.
    async fn make_current(&self, session: &Session<'_>, expected: &str, version: &str) -> Result<(), ManagerError> {
        let asked = label(session, CURRENT).remove_from_version_id(expected);
        let moved = session.ask("UpdateSecretVersionStage", asked.move_to_version_id(version).send());
        let Err(error) = moved.await else {
            return Ok(());
        };
        // Whatever became of the call, what is current now tells.
        if let Ok(described) = session.describe().await {
            if holder(&described, CURRENT) == Some(version) {
                return Ok(());
            }
            self.expect_current(&described, expected)?;
        }
        Err(self.refused(error))
    }

    fn expect_current(&self, described: &DescribeSecretOutput, expected: &str) -> Result<(), ManagerError> {
        match holder(described, CURRENT) {
            Some(current) if current == expected => Ok(()),
            current => Err(ManagerError::Moved(self.called(), current.unwrap_or("none").into())),
        }
    }

    fn expect_no_rotation(&self, described: &DescribeSecretOutput) -> Result<(), ManagerError> {
        let pending = holder(described, PENDING).filter(|pending| holder(described, CURRENT) != Some(pending));
        pending.map_or(Ok(()), |pending| {
            Err(self.unsupported(&format!(
                "a rotation is under way and would replace what is written now: version {pending} is {PENDING}; nothing was written"
            )))
        })
    }

    fn whole<'a>(&self, value: &'a Value) -> Result<&'a [u8], ManagerError> {
        match value {
            Value::Whole(bytes) => Ok(bytes),
            Value::Fields(_) => Err(self.unsupported("AWS keeps text or bytes, without fields")),
        }
    }

    fn named(&self, version: Option<String>) -> Result<String, ManagerError> {
        version.ok_or_else(|| ManagerError::Odd(self.called(), "it doesn’t name the version it made".into()))
    }
}

fn label(session: &Session<'_>, label: &str) -> UpdateSecretVersionStageFluentBuilder {
    let asked = session.client().update_secret_version_stage();
    asked.secret_id(session.asked()).version_stage(label)
}

/// The version that a label holds.
fn holder<'a>(described: &'a DescribeSecretOutput, label: &str) -> Option<&'a str> {
    let mut versions = described.version_ids_to_stages()?.iter();
    let found = versions.find(|(_, labels)| labels.iter().any(|held| held == label));
    found.map(|(version, _)| version.as_str())
}

/// The name of the version that follows `expected`. It says nothing of the value, which could be guessed from it otherwise.
fn token(arn: &str, expected: &str, attempt: u32) -> String {
    let parts = ["muster/aws-version/1", arn, expected, &attempt.to_string()].join("\n");
    let mut token = Sha256::of(&[parts.as_bytes()]).to_string();
    // AWS takes 32 to 64 characters; its own are as long as this.
    token.truncate(32);
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_after_what_it_follows() {
        let first = token("arn", "a", 0);
        assert_eq!((first.len(), &first), (32, &token("arn", "a", 0)));
        for other in [token("arm", "a", 0), token("arn", "b", 0), token("arn", "a", 1)] {
            assert_ne!(first, other);
        }
    }
}
