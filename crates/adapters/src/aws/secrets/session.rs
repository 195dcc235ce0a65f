//! The SDK with credentials that are good for the next calls, and what its errors come down to.

use std::error::Error;

use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::types::SecretVersionsListEntry;
use aws_sdk_secretsmanager::{Client, Config};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::id::SecretId;
use super::transport::Transport;
use crate::aws::refusal::{Answer, clean, sorted, words};
use crate::aws::{Aws, AwsError, Refusal};
use crate::http::innermost;

/// The first call and two more, if AWS is busy or silent.
const ATTEMPTS: u32 = 3;
/// AWS keeps a hundred versions, and those of the last day.
const PAGE: i32 = 100;
const MOST_PAGES: usize = 100;

pub(super) struct Session<'a> {
    aws: &'a Aws,
    id: &'a SecretId,
    client: Client,
    credentials: Credentials,
}

impl<'a> Session<'a> {
    pub async fn open(aws: &'a Aws, id: &'a SecretId) -> Result<Self, AwsError> {
        let credentials = aws.credentials().await?;
        let patience = aws.patience();
        let times = TimeoutConfig::builder()
            .operation_attempt_timeout(patience)
            .operation_timeout(patience * ATTEMPTS);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(id.region.clone()))
            .credentials_provider(credentials.clone())
            .http_client(Transport(aws.http().clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(times.build())
            // Answers come whole or not at all.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        let config = match aws.endpoint() {
            Some(endpoint) => config.endpoint_url(endpoint.as_str()),
            None => config,
        };
        Ok(Self {
            aws,
            id,
            client: Client::from_conf(config.build()),
            credentials,
        })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the secret is called in calls.
    pub fn asked(&self) -> &str {
        self.id.asked()
    }

    pub async fn describe(&self) -> Result<DescribeSecretOutput, AwsError> {
        let asking = self.client.describe_secret().secret_id(self.asked()).send();
        self.ask("DescribeSecret", asking).await
    }

    /// All versions, those included that no label holds any more.
    pub async fn versions(&self) -> Result<Vec<SecretVersionsListEntry>, AwsError> {
        let asked = self.client.list_secret_version_ids().secret_id(self.asked());
        let mut pages = asked.include_deprecated(true).into_paginator().page_size(PAGE).send();
        let mut versions = Vec::new();
        for _ in 0..MOST_PAGES {
            let page = async { pages.next().await.transpose() };
            match self.ask("ListSecretVersionIds", page).await? {
                Some(page) => versions.extend(page.versions.unwrap_or_default()),
                None => return Ok(versions),
            }
        }
        let reason = format!("there are more than {MOST_PAGES} pages of versions");
        Err(AwsError::not_understood("secretsmanager:ListSecretVersionIds", reason))
    }

    /// The secret's own policy, a JSON text; most have none.
    pub async fn policy(&self) -> Result<Option<String>, AwsError> {
        let asking = self.client.get_resource_policy().secret_id(self.asked()).send();
        Ok(self.ask("GetResourcePolicy", asking).await?.resource_policy)
    }

    /// One version with its value.
    pub async fn value(&self, version: &str) -> Result<GetSecretValueOutput, AwsError> {
        let asked = self.client.get_secret_value().secret_id(self.asked());
        self.ask("GetSecretValue", asked.version_id(version).send()).await
    }

    /// Waits for a call of the SDK.
    pub async fn ask<T, E>(
        &self,
        action: &str,
        asking: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, AwsError>
    where
        E: Error + 'static,
    {
        // The SDK traces requests with their bodies, so with the values they carry, and has no switch for it.
        let answer = asking.with_subscriber(NoSubscriber::default()).await;
        let answer = answer.map_err(|error| self.failure(&format!("secretsmanager:{action}"), &error));
        if matches!(answer, Err(AwsError::Expired(_))) {
            self.aws.forget_credentials().await;
        }
        answer
    }

    fn failure<E>(&self, call: &str, error: &SdkError<E>) -> AwsError
    where
        E: Error + 'static,
    {
        let unreachable = |reason: String| AwsError::Unreachable {
            call: call.into(),
            reason,
        };
        match (error, error.raw_response()) {
            (_, Some(raw)) => self.refusal(call, raw),
            (SdkError::TimeoutError(_), None) => unreachable("it didn’t answer in time".into()),
            (SdkError::ConstructionFailure(_), None) => AwsError::Settings(innermost(error)),
            (_, None) => unreachable(innermost(error)),
        }
    }

    /// AWS's words, in whichever dialect: what stands before it, and what emulates it, answers in others than the service does.
    fn refusal(&self, call: &str, raw: &HttpResponse) -> AwsError {
        let status = raw.status().as_u16();
        let answer = Answer {
            status,
            error_type: raw.headers().get("x-amzn-errortype").map(str::to_owned),
            body: raw.body().bytes().unwrap_or_default().to_vec(),
            ..Answer::default()
        };
        // A good answer that isn't understood may hold a value: nothing of it is repeated.
        let words = words(&answer).filter(|_| status >= 300);
        let Some((code, message)) = words else {
            return AwsError::not_understood(call, format!("status {status} and no error code of AWS"));
        };
        let refusal = Refusal {
            call: call.into(),
            status,
            code: clean(&code, &self.credentials),
            message: clean(&message, &self.credentials),
        };
        sorted(refusal, None)
    }
}
