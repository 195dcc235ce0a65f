//! OpenSSH's server for tools that run elsewhere. It runs as the user that runs tools, and lets in that user alone: so it needs no root, no
//! account of its own and nothing of `/etc/ssh`, and a locked password doesn't matter to it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use adapters::process::{RunAs, Tool};

use crate::peer::{Peer, free_port};
use crate::watchdog::Watchdog;

/// The host that [`Sshd::ssh`] knows.
pub const HOST: &str = "db1";

const PROGRAM: &str = "/usr/sbin/sshd";

/// A running server with keys of its own. Server and keys are gone when it is dropped or its process ends in any way.
pub struct Sshd {
    folder: PathBuf,
    run_as: Option<RunAs>,
    _peer: Peer,
    _watchdog: Watchdog,
}

impl Sshd {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// If openssh-server isn't installed or doesn't start.
    #[must_use]
    pub fn start() -> Self {
        assert!(
            Path::new(PROGRAM).exists(),
            "{PROGRAM} is missing: run crates/xtask/setup.sh test, which installs openssh-server"
        );
        let run_as = RunAs::unprivileged().unwrap_or_else(|error| panic!("{error}"));
        let (folder, watchdog) = folder();
        let port = free_port();
        furnish(&folder, run_as.as_ref(), port);
        let config = folder.join("sshd_config");
        let server = [PROGRAM, "-D", "-e", "-f", &config.to_string_lossy()].map(str::to_owned);
        let command: Vec<_> = become_user(run_as.as_ref()).into_iter().chain(server).collect();
        let peer = Peer::start(&command, port, &[], &folder.join("log"));
        Self {
            folder,
            run_as,
            _peer: peer,
            _watchdog: watchdog,
        }
    }

    /// The argument vector that reaches it, as host [`HOST`].
    #[must_use]
    pub fn ssh(&self) -> Vec<String> {
        let config = self.folder.join("ssh_config");
        ["ssh", "-F", &config.to_string_lossy()].map(str::to_owned).into()
    }

    /// A command at the other end, as the user that runs tools.
    ///
    /// # Panics
    /// If the command can't be passed on.
    #[must_use]
    pub fn tool(&self, command: &[&str]) -> Tool {
        let command: Vec<_> = command.iter().map(|word| (*word).to_owned()).collect();
        let tool = Tool::over_ssh(&self.ssh(), HOST, &command).unwrap_or_else(|error| panic!("{error}"));
        tool.run_as(self.run_as.clone())
    }
}

/// A folder that other users can enter but not list.
fn folder() -> (PathBuf, Watchdog) {
    // Not where TMPDIR points: that may be closed to the server's user.
    let folder = tempfile::Builder::new().prefix("muster-test-").tempdir_in("/tmp");
    let folder = folder.expect("/tmp is writable");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).expect("our own folder");
    let watchdog = Watchdog::over(folder.path(), folder.path()).expect("/bin/sh starts");
    (folder.keep(), watchdog)
}

/// Keys and settings of both ends, readable by the user alone: ssh refuses keys that others can read.
fn furnish(folder: &Path, run_as: Option<&RunAs>, port: u16) {
    let current = || RunAs::current().expect("the user database is readable");
    let user = run_as
        .cloned()
        .or_else(current)
        .expect("the user of this test has a name");
    let host_key = generate_key(&folder.join("host_key"));
    let client_key = generate_key(&folder.join("client_key"));
    let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("our own folder");
    write("authorized_keys", client_key);
    write("known_hosts", format!("{HOST} {host_key}"));
    write("sshd_config", server_settings(folder, port));
    write("ssh_config", client_settings(folder, port, &user.name));
    for entry in fs::read_dir(folder).expect("our own folder") {
        let path = entry.expect("our own folder").path();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("our own file");
        chown(&path, Some(user.uid), Some(user.gid)).expect("root may, and the owner too");
    }
}

/// Without PAM nothing outside of this file decides; the folder lies below `/tmp`, which everybody may write to.
fn server_settings(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "ListenAddress 127.0.0.1:{port}\n\
         HostKey {folder}/host_key\n\
         AuthorizedKeysFile {folder}/authorized_keys\n\
         AuthenticationMethods publickey\n\
         PidFile none\n\
         StrictModes no\n\
         UsePAM no\n\
         PermitUserRC no\n"
    )
}

fn client_settings(folder: &Path, port: u16, user: &str) -> String {
    let folder = folder.display();
    format!(
        "Host {HOST}\n\
         HostName 127.0.0.1\n\
         HostKeyAlias {HOST}\n\
         Port {port}\n\
         User {user}\n\
         IdentityFile {folder}/client_key\n\
         IdentitiesOnly yes\n\
         UserKnownHostsFile {folder}/known_hosts\n\
         GlobalKnownHostsFile none\n"
    )
}

/// Makes a pair of keys and returns the public one.
fn generate_key(file: &Path) -> String {
    let mut command = Command::new("ssh-keygen");
    command
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
        .arg(file);
    let status = command.status().expect("ssh-keygen comes with the server");
    assert!(status.success(), "ssh-keygen: {status}");
    fs::read_to_string(file.with_extension("pub")).expect("the public key lies beside the other")
}

/// What a command begins with that runs as this user and stays one process.
fn become_user(run_as: Option<&RunAs>) -> Vec<String> {
    let Some(user) = run_as else { return Vec::new() };
    let (uid, gid) = (user.uid, user.gid);
    let change = [
        "setpriv".into(),
        format!("--reuid={uid}"),
        format!("--regid={gid}"),
        "--clear-groups".into(),
    ];
    change.into()
}
