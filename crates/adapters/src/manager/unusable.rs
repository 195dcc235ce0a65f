//! A manager that this process can't or may not use: it says why, whatever it is asked.

use async_trait::async_trait;
use domain::custody::Secret;

use super::{ManagerError, SecretManager, Value};

/// Stands where a manager is configured and can't be asked.
#[derive(Clone, Debug)]
pub struct Unusable {
    pub kind: &'static str,
    pub name: String,
    pub why: String,
}

impl Unusable {
    fn refusal<T>(&self) -> Result<T, ManagerError> {
        Err(ManagerError::Unsupported(self.name.clone(), self.why.clone()))
    }
}

#[async_trait]
impl SecretManager for Unusable {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn identity(&self) -> String {
        self.name.clone()
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        self.refusal()
    }

    async fn read(&self, _: &str) -> Result<Value, ManagerError> {
        self.refusal()
    }

    async fn create(&self, _: &Value) -> Result<String, ManagerError> {
        self.refusal()
    }

    async fn append(&self, _: &Value, _: &str) -> Result<String, ManagerError> {
        self.refusal()
    }
}
