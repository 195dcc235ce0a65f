//! Calls of a drill: with its own tool and configuration, into a sandbox. Nothing here writes to a repository.

use super::escrow::variable;
use super::{PgBackRest, RepoSecrets};
use crate::process::Invocation;

impl PgBackRest {
    /// A call with these arguments, by the secrets of escrow where there are any.
    pub(crate) fn rehearse<'a>(
        &self,
        repo: u32,
        escrow: Option<&RepoSecrets>,
        arguments: impl Iterator<Item = &'a String>,
    ) -> Invocation {
        let stanza = [format!("--stanza={}", self.stanza), "--log-level-file=off".to_owned()];
        let call = self.tool.invoke(stanza.into_iter().chain(arguments.cloned()));
        let secrets = escrow.map(RepoSecrets::options).unwrap_or_default();
        secrets.iter().fold(call, |call, (option, value)| {
            call.secret_env(variable(repo, option), value)
        })
    }

    /// SHA-256 of a backup's manifest as it lies in the repository, which names every file with its checksum.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn manifest_digest(&self, repo: u32, label: &str) -> Result<domain::ids::Sha256, super::PgBackRestError> {
        let path = format!("backup/{}/{label}/backup.manifest", self.stanza);
        let bytes = self.call(&["repo-get", &format!("--repo={repo}"), &path]).await?;
        Ok(domain::ids::Sha256::of(&[&bytes]))
    }

    /// Major version of the PostgreSQL that a backup is of. `None`: pgBackRest doesn't tell.
    ///
    /// # Errors
    /// If it can't be asked.
    pub async fn major_of(&self, repo: u32, label: &str) -> Result<Option<u32>, super::PgBackRestError> {
        let bytes = self
            .call(&[
                "info",
                "--output=json",
                &format!("--repo={repo}"),
                &format!("--set={label}"),
            ])
            .await?;
        Ok(major(&bytes, label))
    }
}

/// The version of the database entry that the backup belongs to, `"15"` or `"9.6"`.
fn major(answer: &[u8], label: &str) -> Option<u32> {
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    let stanza = answer.as_array()?.first()?;
    let backups = stanza.get("backup")?.as_array()?;
    let backup = backups
        .iter()
        .find(|backup| backup.get("label").and_then(|name| name.as_str()) == Some(label))?;
    let id = backup.get("database")?.get("id")?.as_u64()?;
    let databases = stanza.get("db")?.as_array()?;
    let database = databases
        .iter()
        .find(|database| database.get("id").and_then(serde_json::Value::as_u64) == Some(id))?;
    let version = database.get("version")?.as_str()?;
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::major;

    #[test]
    fn a_backup_is_of_the_version_that_its_database_had() {
        let info = br#"[{"db":[{"id":1,"repo-key":1,"version":"14"},{"id":2,"repo-key":1,"version":"15"}],
            "backup":[{"label":"F","database":{"id":1}},{"label":"G","database":{"id":2}},null,{"label":7}]}]"#;
        assert_eq!(
            (major(info, "F"), major(info, "G"), major(info, "H")),
            (Some(14), Some(15), None)
        );
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(answer: Vec<u8>) {
            let _ = major(&answer, "F");
        }
    }
}
