//! Temporary instances, which drills restore to. Deleting an instance is the one thing Muster does to RDS that can't be undone, so one is
//! deleted only if name, tag and resource id all are what was written down when it was made.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html>

use domain::drill::TemporaryInstance;
use domain::ids::DrillId;

use super::{Instance, Rds, RdsError};
use crate::aws::{AwsError, Call, Service};

/// What came of the wish to have one deleted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Removal {
    /// There is none of this name any more.
    Gone,
    /// AWS deletes it.
    Underway,
    /// AWS deletes none in this state, such as one that is still being made. Worth asking again.
    NotYet(String),
}

/// Why an instance was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    #[error(
        "{name} was not deleted: {why}. Look at it in the console of AWS, and delete it there if it is the drill’s"
    )]
    NotOurs { name: String, why: String },
    #[error(transparent)]
    Rds(#[from] RdsError),
}

impl Rds {
    /// Has AWS delete a drill's instance, without a last snapshot and with its automated backups, if it is the very one that was made for
    /// the drill. May be called again.
    ///
    /// # Errors
    /// [`RemovalError::NotOurs`] if anything about it is otherwise than written down: then nothing was deleted.
    pub async fn remove_temporary(&self, drill: DrillId, made: &TemporaryInstance) -> Result<Removal, RemovalError> {
        let name = TemporaryInstance::name_of(drill);
        let Some(found) = self.instance(&name).await? else {
            return Ok(Removal::Gone);
        };
        if let Some(why) = self.against(&found, drill, made) {
            return Err(RemovalError::NotOurs { name, why });
        }
        if found.status == "deleting" {
            return Ok(Removal::Underway);
        }
        let parameters = [
            ("DBInstanceIdentifier", name.as_str()),
            ("SkipFinalSnapshot", "true"),
            ("DeleteAutomatedBackups", "true"),
        ];
        let call = Call::query(Service::Rds, "DeleteDBInstance", &parameters);
        match self.aws.call(&call).await {
            Ok(_) => Ok(Removal::Underway),
            Err(error) if super::ask::is_absence(&error) => Ok(Removal::Gone),
            Err(error) if is_busy(&error) => Ok(Removal::NotYet(found.status)),
            Err(error) => Err(RdsError::from(error).into()),
        }
    }

    /// Everything in this region that is called like a drill's instance, whoever made it.
    ///
    /// # Errors
    /// If AWS doesn't tell.
    pub async fn temporaries(&self) -> Result<Vec<Instance>, RdsError> {
        let mut all = self.instances().await?;
        all.retain(|found| found.identifier.starts_with(TemporaryInstance::PREFIX));
        Ok(all)
    }

    /// What speaks against deleting it.
    fn against(&self, found: &Instance, drill: DrillId, made: &TemporaryInstance) -> Option<String> {
        let name = TemporaryInstance::name_of(drill);
        if found.identifier.eq_ignore_ascii_case(&self.instance) || found.resource_id == made.of_resource_id {
            return Some("it is the source itself".into());
        }
        if found.identifier != name || made.name != name {
            return Some(format!("it is called {}, and {} was made", found.identifier, made.name));
        }
        if found.drill.as_deref() != Some(drill.to_string().as_str()) {
            let tag = found.drill.as_deref().unwrap_or("missing");
            return Some(format!("its tag {} is {tag}", TemporaryInstance::TAG));
        }
        let recorded = made
            .resource_id
            .as_ref()
            .filter(|recorded| **recorded != found.resource_id)?;
        Some(format!(
            "its resource id is {}, and {recorded} was made",
            found.resource_id
        ))
    }
}

/// AWS ends the same code with `Fault` for some things and not for others.
fn is_busy(error: &AwsError) -> bool {
    let code = error.code().map(|code| code.trim_end_matches("Fault"));
    matches!(code, Some("InvalidDBInstanceState"))
}
