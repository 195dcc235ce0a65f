//! What can go wrong between Muster and AWS. AWS's code and message are kept: they are what people look up.

use std::time::Duration;

/// An answer that isn't the wanted one, in AWS's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Such as `rds:DescribeDBInstances`, as policies write it.
    pub call: String,
    /// Status of HTTP.
    pub status: u16,
    pub code: String,
    /// One line, without anything of the credentials.
    pub message: String,
}

/// Why AWS told nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AwsError {
    #[error("AWS can’t be set up: {0}. Nothing was asked.")]
    Settings(String),
    #[error(
        "No credentials for AWS were found: {0}. Give access_key_id and secret_access_key, or a profile, a role of the machine or a web identity as every tool of AWS finds it."
    )]
    NoCredentials(String),
    #[error("AWS can’t be reached for {call}: {reason}. Nothing was changed; Muster asks again by itself.")]
    Unreachable { call: String, reason: String },
    #[error("AWS doesn’t allow {}: {}. Nothing was changed; allow it in the policy of these credentials.", .0.call, .0.said())]
    Denied(Refusal),
    #[error("AWS doesn’t accept the credentials for {}: {}. Nothing was changed; check the key, its secret, and the clock of this machine.", .0.call, .0.said())]
    Credentials(Refusal),
    #[error("The credentials for AWS have expired ({}, asked for {}). Nothing was changed; renew them.", .0.said(), .0.call)]
    Expired(Refusal),
    #[error("AWS wants fewer calls ({}, asked for {}). Nothing was changed; Muster asks again by itself.", .refusal.said(), .refusal.call)]
    Throttled {
        refusal: Refusal,
        /// How long AWS wants to be left alone.
        retry_after: Option<Duration>,
    },
    #[error("AWS failed at {}: {}. Nothing was changed; Muster asks again by itself.", .0.call, .0.said())]
    Faulty(Refusal),
    #[error("AWS refused {}: {}. Nothing was changed.", .0.call, .0.said())]
    Refused(Refusal),
    #[error("{call} was answered from another region, {region}. Nothing was changed; configure that region.")]
    Elsewhere { call: String, region: String },
    #[error("The answer to {call} isn’t understood: {reason}. Nothing was changed.")]
    NotUnderstood { call: String, reason: String },
}

impl AwsError {
    /// AWS's own code, if AWS answered with one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Denied(refusal)
            | Self::Credentials(refusal)
            | Self::Expired(refusal)
            | Self::Throttled { refusal, .. }
            | Self::Faulty(refusal)
            | Self::Refused(refusal) => Some(&refusal.code),
            Self::Settings(_)
            | Self::NoCredentials(_)
            | Self::Unreachable { .. }
            | Self::Elsewhere { .. }
            | Self::NotUnderstood { .. } => None,
        }
    }

    /// An answer that can't be read.
    pub(crate) fn not_understood(call: &str, reason: impl ToString) -> Self {
        Self::NotUnderstood {
            call: call.into(),
            reason: reason.to_string(),
        }
    }
}

impl Refusal {
    /// What was asked for and what AWS said.
    pub(super) fn told(&self) -> String {
        format!("{}: {}", self.call, self.said())
    }

    fn said(&self) -> String {
        match self.message.trim_end_matches('.') {
            "" => self.code.clone(),
            message => format!("{}: {message}", self.code),
        }
    }
}
