//! AWS Secrets Manager, through Amazon's SDK. Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/>.
//!
//! Rights that are needed: `secretsmanager:DescribeSecret`, `ListSecretVersionIds` and `GetResourcePolicy` to describe, `GetSecretValue` to
//! read, `CreateSecret` to create; `PutSecretValue` and `UpdateSecretVersionStage`, beside those to describe and read, to append.
//!
//! A value is in memory that is wiped from the moment the SDK hands it over. What was held before that isn't wiped when it is freed: the
//! answer as it came, the text that the SDK's parser made of it, the buffers of TLS, and the request of a call that writes.

mod custody;
mod id;
mod policy;
mod session;
mod transport;
mod write;

use async_trait::async_trait;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use domain::custody::Secret;
use domain::status::Status;
use zeroize::Zeroizing;

use super::{Aws, AwsError, AwsSettings};
use crate::manager::{ManagerError, SecretManager, Value};
use custody::{Answers, condemned, moment};
use id::SecretId;
use session::Session;

/// One secret in one region.
#[derive(Clone, Debug)]
pub struct AwsSecret {
    id: SecretId,
    aws: Aws,
}

impl AwsSecret {
    /// `secret_id` is a name, then `settings` must say the region, or a whole ARN. Asks nothing yet.
    ///
    /// # Errors
    /// If the settings can't lead to a secret.
    pub fn new(secret_id: &str, settings: AwsSettings) -> Result<Self, AwsError> {
        let id = SecretId::parse(secret_id, settings.region.as_deref())?;
        let region = Some(id.region.clone());
        let aws = Aws::new(AwsSettings { region, ..settings })?;
        Ok(Self { id, aws })
    }

    fn called(&self) -> String {
        format!("aws {} in {}", self.id.name, self.id.region)
    }

    async fn open(&self) -> Result<Session<'_>, ManagerError> {
        let session = Session::open(&self.aws, &self.id).await;
        session.map_err(|error| self.refused(error))
    }

    /// AWS finds a secret by the beginning of its ARN too, and a name that ends like an ARN would then lead to another secret than it says.
    fn expect_arn(&self, answered: Option<&str>) -> Result<(), ManagerError> {
        match (&self.id.arn, answered) {
            (Some(asked), Some(answered)) if asked != answered => Err(self.unsupported(&format!(
                "{asked} is only the beginning of {answered}; configure the whole ARN, or the name"
            ))),
            _ => Ok(()),
        }
    }

    /// What is wrong with the key of KMS that values are encrypted with. AWS's own needs no looking after.
    async fn key(&self, id: Option<&str>) -> Option<String> {
        let id = id.filter(|id| !id.contains("alias/aws/"))?;
        match self.aws.kms_key(id).await.map(|key| key.judge()) {
            Ok((Status::Ok, _)) => None,
            Ok((_, said)) => Some(said),
            Err(error) => Some(format!("whether its key {id} of KMS is enabled isn’t known: {error}")),
        }
    }

    /// Why a value isn't handed out, where AWS only says that the secret is in no state for it.
    async fn withheld(&self, session: &Session<'_>, version: &str, error: AwsError) -> ManagerError {
        match &error {
            AwsError::Refused(refusal) if refusal.code == "ResourceNotFoundException" => {
                ManagerError::Absent(self.called(), format!("version {version:?}"))
            }
            AwsError::Refused(refusal) if refusal.code == "InvalidRequestException" => match session.describe().await {
                Ok(described) if described.deleted_date().is_some() => {
                    let gone_at = described.deleted_date().and_then(moment);
                    let said = condemned(gone_at);
                    ManagerError::Absent(self.called(), format!("version {version:?} to hand out: {said}"))
                }
                _ => self.refused(error),
            },
            _ => self.refused(error),
        }
    }

    fn refused(&self, error: AwsError) -> ManagerError {
        let name = self.called();
        match &error {
            AwsError::Unreachable { call, reason } => ManagerError::Unreachable(name, format!("{call}: {reason}")),
            AwsError::Throttled { refusal, .. } | AwsError::Faulty(refusal) => {
                ManagerError::Unreachable(name, refusal.told())
            }
            AwsError::Denied(refusal) => ManagerError::Denied(name, refusal.told()),
            AwsError::Credentials(_) | AwsError::Expired(_) | AwsError::NoCredentials(_) => {
                ManagerError::Denied(name, error.to_string())
            }
            AwsError::Refused(refusal) => match refusal.code.as_str() {
                "ResourceNotFoundException" => ManagerError::Absent(
                    format!("AWS Secrets Manager in {}", self.id.region),
                    format!("secret {}", self.id.name),
                ),
                // The key of KMS is closed to whoever asks, or to everybody.
                "DecryptionFailure" | "EncryptionFailure" => ManagerError::Denied(name, refusal.told()),
                _ => ManagerError::Odd(name, refusal.told()),
            },
            AwsError::Settings(_) | AwsError::Elsewhere { .. } | AwsError::NotUnderstood { .. } => {
                ManagerError::Odd(name, error.to_string())
            }
        }
    }

    fn unsupported(&self, why: &str) -> ManagerError {
        ManagerError::Unsupported(self.called(), why.into())
    }
}

#[async_trait]
impl SecretManager for AwsSecret {
    fn kind(&self) -> &'static str {
        "aws"
    }

    fn name(&self) -> String {
        self.called()
    }

    /// Region and name, whether it is configured by its name or its ARN. The account is left out, since a name doesn't tell it: two
    /// secrets of one name in two accounts are taken for the same, which forbids too much and never too little.
    fn identity(&self) -> String {
        format!("aws {} {}", self.id.region, self.id.name)
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        let session = self.open().await?;
        let described = session.describe().await.map_err(|error| self.refused(error))?;
        self.expect_arn(described.arn())?;
        let answers = Answers {
            region: self.id.region.clone(),
            versions: session.versions().await,
            policy: session.policy().await,
            key: self.key(described.kms_key_id()).await,
            described,
        };
        Ok(answers.secret())
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        let session = self.open().await?;
        match session.value(version).await {
            Ok(found) => {
                self.expect_arn(found.arn())?;
                let absent = || ManagerError::Absent(self.called(), format!("value in version {version:?}"));
                whole(found).map(Value::Whole).ok_or_else(absent)
            }
            Err(error) => Err(self.withheld(&session, version, error).await),
        }
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        self.make(value).await
    }

    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        self.follow(value, expected).await
    }

    fn goes_on(&self) -> bool {
        true
    }
}

/// Takes the value over, without a copy.
fn whole(found: GetSecretValueOutput) -> Option<Zeroizing<Vec<u8>>> {
    let text = found.secret_string.map(String::into_bytes);
    let bytes = || Some(found.secret_binary?.into_inner());
    text.or_else(bytes).map(Zeroizing::new)
}
