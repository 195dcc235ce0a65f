//! The foreign programs that Muster calls, and the account they run as.

use adapters::postgres::Binaries;
use adapters::process::{RunAs, Tool};

/// What was found on this machine.
pub struct Tools {
    run_as: Option<RunAs>,
    pg_restore: Tool,
}

impl Tools {
    /// # Errors
    /// If Muster is root and there is no account to run tools as.
    pub fn find() -> anyhow::Result<Self> {
        let run_as = RunAs::unprivileged()?;
        // The newest reads the archives of all older ones. Where no server is installed, a client package may be.
        let pg_restore = Binaries::installed()
            .first()
            .map_or_else(|| Tool::new("pg_restore"), |newest| newest.tool("pg_restore"));
        Ok(Self {
            pg_restore: pg_restore.run_as(run_as.clone()),
            run_as,
        })
    }

    pub fn pg_restore(&self) -> Tool {
        self.pg_restore.clone()
    }

    /// A command of the configuration.
    pub fn configured(&self, command: &[String]) -> anyhow::Result<Tool> {
        Ok(Tool::from_command(command)?.run_as(self.run_as.clone()))
    }
}
