//! What requests about the secret come to: values, numbers of versions, or errors that name the secret.

use std::sync::Arc;

use domain::time::rfc3339;
use reqwest::StatusCode;

use super::Vault;
use super::answers::{self, Deletion, Unclear};
use super::auth::{Lease, Second};
use super::call::Question;
use super::reply::{Answer, Failure};
use super::write::Fields;
use crate::manager::{ManagerError, Value};

impl Vault {
    /// Asks with a token that is good. A refusal is repeated once if it was the token's fault: nothing was done then.
    pub(super) async fn ask(&self, question: &Question) -> Result<Answer, ManagerError> {
        let asking = async {
            let (answer, lease) = self.pose(question).await?;
            if answer.status != StatusCode::FORBIDDEN {
                return Ok(answer);
            }
            let why = match self.login.after_refusal(&self.wire, &lease).await {
                Ok(Second::Try(lease)) => {
                    let again = self.wire.send(question, Some(&lease.token)).await?;
                    if again.status != StatusCode::FORBIDDEN {
                        return Ok(again);
                    }
                    policy(question)
                }
                Ok(Second::Policy) => format!("the token is good, and {}", policy(question)),
                Ok(Second::Token) => "the token is wrong, has expired, or isn’t allowed anything".into(),
                Err(Failure::Denied(login)) => format!("the token may be over, and {login}"),
                Err(failure) => return Err(failure),
            };
            Err(Failure::Denied(format!("{} ({why})", answer.words)))
        };
        asking.await.map_err(|failure| self.said(failure))
    }

    /// Asks once, right after another question was answered: the token is good.
    pub(super) async fn ask_also(&self, question: &Question) -> Result<Answer, ManagerError> {
        let failed = |failure| self.said(failure);
        let (answer, _) = self.pose(question).await.map_err(failed)?;
        if answer.status == StatusCode::FORBIDDEN {
            let why = format!("{} ({})", answer.words, policy(question));
            return Err(self.said(Failure::Denied(why)));
        }
        Ok(answer)
    }

    async fn pose(&self, question: &Question) -> Result<(Answer, Arc<Lease>), Failure> {
        let lease = self.login.lease(&self.wire).await?;
        let answer = self.wire.send(question, Some(&lease.token)).await?;
        Ok((answer, lease))
    }

    fn said(&self, failure: Failure) -> ManagerError {
        let name = self.place.name();
        match failure {
            Failure::Unreachable(why) => ManagerError::Unreachable(name, why),
            Failure::Denied(why) => ManagerError::Denied(name, why),
            Failure::Odd(why) => ManagerError::Odd(name, why),
        }
    }

    pub(super) fn odd(&self, unclear: &Unclear) -> ManagerError {
        ManagerError::Odd(self.place.name(), unclear.to_string())
    }

    /// What an answer means that is no success: nothing is there, or something unforeseen.
    pub(super) fn refused(&self, answer: &Answer, what: &str) -> ManagerError {
        let words = &answer.words;
        if answer.status != StatusCode::NOT_FOUND {
            let status = answer.status.as_u16();
            return ManagerError::Odd(self.place.name(), format!("{status}: {words}"));
        }
        let absent = if words.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: {words}")
        };
        ManagerError::Absent(self.place.name(), absent)
    }

    /// One version as it is stored. Version 0 would be whichever is current.
    pub(super) async fn fetch(&self, version: &str) -> Result<(Answer, u64), ManagerError> {
        let absent = || ManagerError::Absent(self.place.name(), format!("version {version:?}"));
        let number: u64 = version.parse().ok().filter(|number| *number > 0).ok_or_else(absent)?;
        let question = Question::get(self.place.of_secret("data")).of(number);
        let answer = self.ask(&question).await?;
        if answer.status.is_success() {
            return Ok((answer, number));
        }
        let state = match answers::gone(&answer.body) {
            Some(entry) if entry.destroyed => " any more: it is destroyed".into(),
            Some(entry) => match entry.deletion {
                Deletion::At(at) => format!(": it was deleted at {}, and can be undeleted", rfc3339(at)),
                Deletion::Never | Deletion::Unclear => ": it is deleted".into(),
            },
            None => String::new(),
        };
        Err(self.refused(&answer, &format!("version {number}{state}")))
    }

    /// Stores fields if `cas` is the current version. `None`: another one is.
    pub(super) async fn store(&self, fields: &Fields<'_>, cas: u64) -> Result<Option<String>, ManagerError> {
        let question = Question::post(self.place.of_secret("data"), fields.body(cas), fields.hidden());
        let answer = self.ask(&question).await.map_err(|error| match error {
            ManagerError::Unreachable(name, why) => ManagerError::Unreachable(
                name,
                format!("{why}; whether the value was written isn’t known, so look at the versions first"),
            ),
            other => other,
        })?;
        if answer.status.is_success() {
            return match answers::written(&answer.body) {
                Ok(version) => Ok(Some(version.to_string())),
                Err(unclear) => Err(ManagerError::Odd(
                    self.place.name(),
                    format!("the value was written, but {unclear}"),
                )),
            };
        }
        if answer.status == StatusCode::BAD_REQUEST && answer.words.contains("check-and-set") {
            return Ok(None);
        }
        Err(self.refused(&answer, "such mount"))
    }

    /// A KV engine of version 1 would take a write for version 2 as a secret of another name, and keep the value there.
    pub(super) async fn is_versioned(&self) -> Result<(), ManagerError> {
        let name = || self.place.name();
        let mount = &self.place.mount;
        let answer = self
            .ask(&Question::get(format!("sys/internal/ui/mounts/{mount}")))
            .await?;
        if !answer.status.is_success() {
            return Err(self.refused(&answer, &format!("mount {mount}")));
        }
        match answers::engine(&answer.body).map_err(|unclear| self.odd(&unclear))? {
            (kind, Some(version)) if kind == "kv" && version == "2" => Ok(()),
            (kind, version) => {
                let version = version.map_or_else(String::new, |version| format!(" of version {version}"));
                let why = format!("{mount} is a {kind} engine{version}; Muster writes to kv of version 2 alone");
                Err(ManagerError::Unsupported(name(), why))
            }
        }
    }

    /// Which version is current, for a message: not knowing it is no error.
    pub(super) async fn current(&self) -> String {
        let answer = self.ask_also(&Question::get(self.place.of_secret("metadata"))).await;
        let metadata = answer.ok().and_then(|answer| answers::metadata(&answer.body).ok());
        let current = metadata.and_then(|metadata| metadata.current);
        current.map_or_else(|| "one that isn’t known".into(), |current| current.to_string())
    }

    pub(super) fn fields<'v>(&self, value: &'v Value) -> Result<Fields<'v>, ManagerError> {
        Fields::of(value).map_err(|why| ManagerError::Unsupported(self.place.name(), why))
    }
}

/// What would help.
fn policy(question: &Question) -> String {
    format!("a policy must allow {} on {}", question.capability(), question.path)
}
