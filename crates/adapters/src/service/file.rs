//! The env file itself: read only if nobody but its owner can, and replaced by a rename, so that it is the old one or the new one whatever
//! happens in between.

use zeroize::Zeroizing;

use super::{Service, ServiceError};
use crate::database_host::HostError;
use crate::env_text::{EnvText, LARGEST};

/// What comes from a pipe is counted, so that the end of a connection isn't taken for the end of the file. The old file gets a second name
/// before the new one takes its own.
const REPLACE: &str = r#"set -eCu; umask 077; new="$1.muster-new"; rm -f -- "$new"; trap 'rm -f -- "$new"' EXIT; cat > "$new"; test "$(wc -c < "$new")" -eq "$3" || { echo "the new file did not arrive whole" >&2; exit 1; }; chown --reference="$1" -- "$new"; chmod 600 -- "$new"; sync -- "$new"; test -e "$2" || ln -T -- "$1" "$2"; mv -fT -- "$new" "$1"; sync -- "$(dirname -- "$1")""#;

impl Service {
    /// The owner's name and what is in the file.
    pub(super) async fn file(&self) -> Result<(String, EnvText), ServiceError> {
        let file = self.env_file.as_str();
        let said = self.ask(&["stat", "--format=%F|%a|%u|%U", "--", file]).await?;
        let fields: Vec<_> = said.split('|').collect();
        let [kind, mode, uid, owner] = fields[..] else {
            return Err(HostError::odd("stat", said).into());
        };
        if kind != "regular file" && kind != "regular empty file" {
            return Err(ServiceError::NoFile(file.into()));
        }
        let Ok(mode) = u32::from_str_radix(mode, 8) else {
            return Err(HostError::odd("stat", said).into());
        };
        if mode & 0o077 != 0 {
            return Err(ServiceError::TooOpen {
                file: file.into(),
                mode,
            });
        }
        let user = self.ask(&["id", "-u"]).await?;
        if user != "0" && user != uid {
            return Err(ServiceError::Foreign {
                file: file.into(),
                owner: owner.into(),
                user: format!("user {user}"),
            });
        }
        let read = self.call(&["cat", "--", file])?.keep(LARGEST).output().await?;
        let text = Zeroizing::new(read.stdout);
        if read.stdout_dropped > 0 {
            return Err(ServiceError::TooLarge(file.into()));
        }
        Ok((owner.into(), EnvText::new(text)))
    }

    /// Puts another text in its place, for its owner alone.
    pub(super) async fn replace(&self, kept: &str, text: &EnvText) -> Result<(), ServiceError> {
        let size = text.bytes().len().to_string();
        let call = self.call(&["sh", "-c", REPLACE, "muster", &self.env_file, kept, &size])?;
        call.input(Zeroizing::new(text.bytes().to_vec())).output().await?;
        Ok(())
    }

    /// Removes the file that a run replaced, if it is there.
    ///
    /// # Errors
    /// If the host doesn't do it.
    pub async fn forget(&self, run: &str) -> Result<(), ServiceError> {
        self.ask(&["rm", "-f", "--", &self.kept(run)]).await.map(drop)
    }

    async fn ask(&self, words: &[&str]) -> Result<String, ServiceError> {
        let output = self.call(words)?.output().await?;
        Ok(output.text().trim_end().to_owned())
    }
}
