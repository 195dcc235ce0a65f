//! Where a stanza keeps what, and how it is configured.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use adapters::postgres::{Cluster, ClusterSpec};
use adapters::process::RunAs;

use super::PASSPHRASE;
use crate::installation::Installation;
use crate::postgres::{ClusterFolder, SUPERUSER};

/// Writes pgBackRest's configuration.
pub fn configure(folder: &ClusterFolder, cluster: &Cluster, name: &str, encrypted: bool) {
    let home = home(folder);
    private(&home, cluster.run_as());
    let (place, data, socket) = (home.display(), cluster.data_dir(), cluster.socket_dir());
    let cipher = if encrypted {
        format!("repo2-cipher-type=aes-256-cbc\nrepo2-cipher-pass={PASSPHRASE}\n")
    } else {
        String::new()
    };
    let text = format!(
        "[global]\nrepo1-path={place}/repo1\nrepo2-path={place}/repo2\n{cipher}\
         repo1-retention-full=9\nrepo2-retention-full=9\nrepo1-bundle=y\nrepo2-bundle=y\n\
         lock-path={place}/lock\nlog-path={place}\nlog-level-file=off\nspool-path={place}\n\
         compress-level=1\nstart-fast=y\narchive-timeout=60\n\n\
         [{name}]\npg1-path={data}\npg1-socket-path={socket}\npg1-user={SUPERUSER}\n",
        name = name,
        data = data.display(),
        socket = socket.display(),
    );
    let path = config(folder);
    fs::write(&path, text).expect("our own folder");
    own(&path, cluster.run_as());
}

/// A cluster that hands each finished segment to pgBackRest.
pub fn spec(folder: &ClusterFolder, name: &str, installation: &Installation) -> ClusterSpec {
    let options = [format!("--stanza={name}")];
    archiving(folder, &config(folder), &options, installation)
}

/// A cluster in this folder that hands each finished segment to pgBackRest, called with this configuration and these options.
pub fn archiving(
    folder: &ClusterFolder,
    config: &Path,
    options: &[String],
    installation: &Installation,
) -> ClusterSpec {
    let word = |text: &str| format!("'{}'", text.replace('\'', r#"'"'"'"#).replace('%', "%%"));
    let config = format!("--config={}", config.display());
    let words: Vec<_> = [&config]
        .into_iter()
        .chain(options)
        .map(|option| word(option))
        .collect();
    let command = format!(
        "{} {} archive-push %p",
        installation.pgbackrest.display(),
        words.join(" ")
    );
    let settings = [("archive_mode", "on"), ("archive_command", command.as_str())];
    let set = |spec: ClusterSpec, (name, value)| spec.setting(name, value).expect("a plain setting");
    settings.into_iter().fold(installation.run(folder.spec()), set)
}

/// Where configuration, locks and repositories lie.
pub fn home(folder: &ClusterFolder) -> PathBuf {
    folder.path().with_file_name("pgbackrest")
}

pub fn config(folder: &ClusterFolder) -> PathBuf {
    home(folder).join("pgbackrest.conf")
}

/// A new folder of the server's user alone.
pub fn private(path: &Path, owner: Option<&RunAs>) {
    fs::create_dir(path).expect("a new folder");
    fs::set_permissions(path, Permissions::from_mode(0o700)).expect("our own folder");
    own(path, owner);
}

/// Gives a file or folder to the server's user.
pub fn own(path: &Path, owner: Option<&RunAs>) {
    if let Some(user) = owner {
        chown(path, Some(user.uid), Some(user.gid)).expect("root gives away what it made");
    }
}

/// Every file below a folder.
pub fn below(folder: &Path, seen: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, seen);
        } else {
            seen(&path);
        }
    }
}
