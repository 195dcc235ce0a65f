//! pgBackRest behind a script of ours, which meddles with restores alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use recovery::settings::RestoreHost;

/// Tells through files how far the tool is.
pub struct Behind {
    folder: tempfile::TempDir,
}

impl Behind {
    /// `body` is what happens instead of a restore; `"$@"` are the words for pgBackRest, `$folder` is for its files.
    pub fn script(body: &str) -> Self {
        Self::at("restore", body)
    }

    /// The same of another command.
    pub fn at(command: &str, body: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("muster-tool-")
            .tempdir_in("/tmp")
            .expect("a folder");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("our own folder");
        let behind = Self { folder };
        // Whoever restores holds the lock with all its children, so that a second one would be noticed. Nothing outlives the folder for long.
        let text = format!(
            "#!/bin/sh\nfolder={}\ncase \"$*\" in *\" {command}\") ;; *) exec pgbackrest \"$@\" ;; esac\n\
             umask 0\nexec 9>\"$folder/busy\"\nflock -n 9 || touch \"$folder/two\"\n\
             linger() {{ left=$1; while test \"$left\" -gt 0; do test -d \"$folder\" || exit; sleep 1; left=$((left - 1)); done; }}\n\
             {body}\n",
            behind.folder.path().display()
        );
        fs::write(behind.file("pgbackrest"), text).expect("our own folder");
        fs::set_permissions(behind.file("pgbackrest"), Permissions::from_mode(0o755)).expect("our own file");
        behind
    }

    /// Restores, and stops for good once half of the bytes are there; `half` tells so.
    pub fn halfway() -> Self {
        Self::script(
            "pgbackrest \"$@\" | while read -r line; do echo \"$line\"; percent=${line##*, }; percent=${percent%%.*}\n\
             if test \"$percent\" -ge 50 2>/dev/null && ! test -e \"$folder/half\"; then touch \"$folder/half\"; linger 300; fi; done",
        )
    }

    /// Waits at its first call, until it is ended or `seconds` are over; `half` tells so.
    pub fn slow_at_first(seconds: u32) -> Self {
        Self::script(&format!(
            "test -e \"$folder/half\" || {{ touch \"$folder/half\"; linger {seconds}; }}; exec pgbackrest \"$@\""
        ))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The host with this tool.
    pub fn called(&self, host: RestoreHost) -> RestoreHost {
        let program = self.file("pgbackrest").display().to_string();
        RestoreHost {
            tool: [vec![program], host.tool[1..].to_vec()].concat(),
            ..host
        }
    }

    /// Returns once the script made a file.
    pub async fn reached(&self, name: &str) {
        for _ in 0..2400 {
            if self.file(name).exists() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the tool never came to {name:?}");
    }

    /// Whether any process of a restore is left.
    pub fn goes_on(&self) -> bool {
        let taken = Command::new("flock")
            .arg("-n")
            .arg(self.file("busy"))
            .arg("true")
            .status();
        !taken.expect("flock is part of util-linux").success()
    }

    pub fn were_there_two(&self) -> bool {
        self.file("two").exists()
    }
}
