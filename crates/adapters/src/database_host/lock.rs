//! The mark of a run on the host it works on: a symbolic link beside the data directory whose target is the run's id. Making one is atomic
//! on every file system, and it outlives whoever made it: a worker that takes a run over finds out that it may.

use domain::ids::RunId;

use super::{DatabaseHost, HostError};

fn path(pgdata: &str) -> String {
    format!("{pgdata}.muster-lock")
}

impl DatabaseHost {
    /// The run that holds the host, as the link names it.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn lock_holder(&self, pgdata: &str) -> Result<Option<String>, HostError> {
        let path = path(pgdata);
        if !self.holds(&["test", "-L", &path]).await? {
            return Ok(None);
        }
        self.ask(&["readlink", "--", &path]).await.map(Some)
    }

    /// Takes the host for a run, or finds that it has it already.
    ///
    /// # Errors
    /// [`HostError::Locked`] if another run has it.
    pub async fn lock(&self, pgdata: &str, run: RunId) -> Result<(), HostError> {
        let (path, run) = (path(pgdata), run.to_string());
        if self.holds(&["ln", "-sT", "--", &run, &path]).await? {
            return Ok(());
        }
        match self.lock_holder(pgdata).await? {
            Some(holder) if holder == run => Ok(()),
            Some(holder) => Err(HostError::Locked { lock: path, holder }),
            // Neither made nor there: say why.
            None => self.ask(&["ln", "-sT", "--", &run, &path]).await.map(drop),
        }
    }

    /// Lets the host go. A link of another run stays.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn unlock(&self, pgdata: &str, run: RunId) -> Result<(), HostError> {
        match self.lock_holder(pgdata).await? {
            Some(holder) if holder == run.to_string() => self.ask(&["rm", "-f", "--", &path(pgdata)]).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Whether any process there has this text in its command line. `text` is letters, digits, `-`, `_`, `.` and `/` only.
    ///
    /// # Errors
    /// If that can't be told.
    pub async fn mentions(&self, text: &str) -> Result<bool, HostError> {
        // The bracket keeps the pattern from matching the commands that carry it.
        let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
        let pattern = format!("[{first}]{}", rest.replace('.', "\\."));
        self.runs(&pattern).await
    }

    /// Whether the command line of any process there fits a regular expression.
    pub(super) async fn runs(&self, pattern: &str) -> Result<bool, HostError> {
        let output = self.call(&["pgrep", "-f", "--", pattern])?.outcome().await?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(output
                .succeeded()
                .map_or_else(HostError::from, |output| HostError::odd("pgrep", output.text()))),
        }
    }
}
