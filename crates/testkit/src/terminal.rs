//! The terminal of the person who follows a recovery: commands are typed as they were printed, on the database's own machine.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use adapters::postgres::{Binaries, PgConnectOptions};
use adapters::process::{RunAs, Tool};
use tempfile::TempDir;

/// A shell of the server's user, in a folder of its own.
pub struct Terminal {
    shell: Tool,
    environment: Vec<(String, String)>,
    folder: TempDir,
}

impl Terminal {
    /// With the settings of libpq that lead to this server.
    ///
    /// # Panics
    /// If PostgreSQL isn't installed.
    #[must_use]
    pub fn beside(options: &PgConnectOptions) -> Self {
        let folder = tempfile::tempdir_in("/tmp").expect("/tmp is writable");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("our own folder");
        let programs = Binaries::find(None).unwrap_or_else(|error| panic!("{error}")).dir;
        let user = RunAs::unprivileged().unwrap_or_else(|error| panic!("{error}"));
        let host = options
            .get_socket()
            .expect("a server on a socket")
            .display()
            .to_string();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display());
        let environment = [
            ("PATH", path),
            ("PGHOST", host),
            ("PGPORT", options.get_port().to_string()),
            ("PGUSER", options.get_username().to_owned()),
        ];
        Self {
            shell: Tool::new("/bin/bash").run_as(user),
            environment: environment.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            folder,
        }
    }

    /// The same of the user that the tests run as, such as Ampora's own machine would have.
    #[must_use]
    pub fn as_oneself(mut self) -> Self {
        self.shell = Tool::new("/bin/bash");
        self
    }

    /// With one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// With a program under another name.
    ///
    /// # Panics
    /// If the folder can't be written to.
    #[must_use]
    pub fn calling(mut self, name: &str, program: &Path) -> Self {
        let place = self.folder.path().join("bin");
        fs::create_dir_all(&place).expect("our own folder");
        std::os::unix::fs::symlink(program, place.join(name)).expect("our own folder");
        let (_, path) = self.environment.first_mut().expect("the path comes first");
        *path = format!("{}:{path}", place.display());
        self
    }

    /// Types this, line by line; the first that fails ends it. Answers with what was printed.
    ///
    /// # Errors
    /// With what was printed, if a line fails.
    pub async fn run(&self, typed: &str) -> Result<String, String> {
        let call = self.shell.invoke(["-e", "-o", "pipefail", "-c", typed]);
        let call = call.current_dir(self.folder.path());
        let environment = self.environment.iter();
        let call = environment.fold(call, |call, (name, value)| call.env(name, value));
        let output = call.output().await.map_err(|error| format!("{typed}: {error}"))?;
        Ok(output.text().into_owned())
    }
}
