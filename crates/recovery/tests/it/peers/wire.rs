//! The way to a real manager, on which something happens to the next write.

use std::sync::{Arc, Mutex};

use adapters::manager::{ManagerError, SecretManager, Value};
use async_trait::async_trait;
use domain::custody::Secret;
use recovery::settings::KeyPlace;

use super::put;
use crate::managers::Mishap;

#[derive(Clone, Debug)]
pub struct Wire {
    manager: Arc<dyn SecretManager>,
    /// The same secret in the hands of somebody else.
    rival: KeyPlace,
    mishap: Arc<Mutex<Option<Mishap>>>,
}

impl Wire {
    /// The place, reached by a wire on which this happens once.
    pub fn to(place: KeyPlace, rival: KeyPlace, mishap: Mishap) -> KeyPlace {
        let wire = Self {
            manager: place.manager,
            rival,
            mishap: Arc::new(Mutex::new(Some(mishap))),
        };
        KeyPlace {
            manager: Arc::new(wire),
            written: place.written,
        }
    }

    fn next(&self) -> Option<Mishap> {
        self.mishap.lock().expect("not poisoned").take()
    }

    /// Writes with `writing`, unless something happens.
    async fn write(
        &self,
        value: &Value,
        writing: impl Future<Output = Result<String, ManagerError>>,
    ) -> Result<String, ManagerError> {
        let lost = || ManagerError::Unreachable(self.name(), "the connection was reset".into());
        match self.next() {
            Some(Mishap::LostRequest) => Err(lost()),
            Some(Mishap::LostAnswer) => {
                writing.await?;
                Err(lost())
            }
            Some(Mishap::Overtaken) => {
                put(&self.rival, 8).await;
                writing.await
            }
            Some(Mishap::Replaced) => {
                let written = writing.await?;
                put(&self.rival, 8).await;
                Ok(written)
            }
            Some(Mishap::Panic) => panic!("died with {value:?} in its hands"),
            Some(Mishap::Halfway) => panic!("died after {:?}", writing.await),
            None => writing.await,
        }
    }
}

#[async_trait]
impl SecretManager for Wire {
    fn kind(&self) -> &'static str {
        self.manager.kind()
    }

    fn name(&self) -> String {
        self.manager.name()
    }

    fn identity(&self) -> String {
        self.manager.identity()
    }

    fn goes_on(&self) -> bool {
        self.manager.goes_on()
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        self.manager.describe().await
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        self.manager.read(version).await
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        self.write(value, self.manager.create(value)).await
    }

    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        self.write(value, self.manager.append(value, expected)).await
    }
}
