//! What must be refused, in words that help, with nothing changed.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use adapters::{
    postgres::{Cluster, ClusterError},
    process::RunAs,
};
use tempfile::TempDir;
use testkit::postgres::{ClusterFolder, fast_spec};

use super::fingerprint;

#[tokio::test]
async fn data_of_another_major_version_is_refused_untouched() {
    let folder = ClusterFolder::create();
    let cluster = Cluster::start(folder.spec()).await.unwrap();
    cluster.stop().await.unwrap();
    let data = cluster.data_dir();
    drop(cluster);
    let version = data.join("PG_VERSION");
    let true_version = fs::read_to_string(&version).unwrap();
    fs::write(&version, "9\n").unwrap();
    let before = fingerprint(&data);
    let error = Cluster::start(folder.spec()).await.map(drop).unwrap_err().to_string();
    assert_eq!(fingerprint(&data), before);
    assert!(error.contains("belongs to PostgreSQL 9"), "{error}");
    assert!(
        error.contains(&format!("only PostgreSQL {}", true_version.trim())),
        "{error}"
    );
    fs::write(&version, true_version).unwrap();
    Cluster::start(folder.spec()).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_with_other_files_is_refused_untouched() {
    let folder = ClusterFolder::create();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("precious.txt"), "mine").unwrap();
    let before = fingerprint(&data);
    let error = Cluster::start(folder.spec()).await.map(drop).unwrap_err();
    assert!(matches!(error, ClusterError::NotACluster { .. }), "{error}");
    assert_eq!(fingerprint(&data), before);
}

#[tokio::test]
async fn a_socket_folder_that_may_be_a_trap_is_refused() {
    let folder = ClusterFolder::create();
    let cluster = Cluster::start(fast_spec(folder.path())).await.unwrap();
    let socket_dir = cluster.socket_dir().to_owned();
    cluster.stop().await.unwrap();
    drop(cluster);
    symlink("/tmp", &socket_dir).unwrap();
    let error = Cluster::start(fast_spec(folder.path())).await.map(drop).unwrap_err();
    fs::remove_file(&socket_dir).unwrap();
    assert!(matches!(error, ClusterError::SocketDir { .. }), "{error}");

    let folder = ClusterFolder::create();
    let long = Path::new("/tmp").join("x".repeat(100));
    let error = Cluster::start(folder.spec().socket_dir(&long))
        .await
        .map(drop)
        .unwrap_err();
    assert!(
        matches!(error, ClusterError::SocketDir { .. }) && !long.exists(),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_its_log() {
    let folder = ClusterFolder::create();
    let spec = folder.spec().setting("shared_buffers", "a lot").unwrap();
    let error = Cluster::start(spec).await.map(drop).unwrap_err();
    assert!(matches!(error, ClusterError::Died { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("invalid value for parameter \"shared_buffers\""),
        "{error}"
    );
    // Nothing is broken for good.
    Cluster::start(folder.spec()).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn hostile_names_and_values_are_refused() {
    let folder = ClusterFolder::create();
    for (name, value) in [
        ("work_mem", "1\nlisten_addresses = '*'"),
        ("work_mem = 1 #", "x"),
        ("", "x"),
    ] {
        assert!(folder.spec().setting(name, value).is_err());
    }
    for role in ["", "a b", "x\" trust", "Upper", "pg_monitor"] {
        assert!(folder.spec().role(role).is_err());
    }
}

/// As root the server's user is another one, who may be locked out.
#[tokio::test]
async fn a_folder_on_the_way_that_bars_the_server_is_named() {
    let Some(user) = RunAs::unprivileged().unwrap() else {
        return;
    };
    let folder = ClusterFolder::create();
    let closed = folder.path().join("closed");
    DirBuilder::new().recursive(true).mode(0o700).create(&closed).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let spec = fast_spec(&closed.join("inside"));
    let error = Cluster::start(spec).await.map(drop).unwrap_err();
    let ClusterError::Unreachable { user: name, blocked } = &error else {
        panic!("{error}")
    };
    assert_eq!((name, blocked), (&user.name, &closed));
}

/// A small file system of its own, where a test may mount one; unmounted when this is dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn of_mib(size: u32) -> Option<Self> {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let options = format!("size={size}m,mode=755");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "none"])
            .arg(dir.path())
            .output();
        mount.is_ok_and(|done| done.status.success()).then(|| Self(dir))
    }

    fn cluster(&self) -> PathBuf {
        self.0.path().join("cluster")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount")
            .args(["--lazy"])
            .arg(self.0.path())
            .status()
            .unwrap();
    }
}

#[tokio::test]
async fn a_disk_too_small_for_a_new_cluster_is_named_and_nothing_half_made_stays() {
    let Some(disk) = SmallDisk::of_mib(24) else { return };
    let error = Cluster::start(fast_spec(&disk.cluster())).await.map(drop).unwrap_err();
    assert!(matches!(error, ClusterError::DiskFull { .. }), "{error}");
    let left: Vec<_> = fs::read_dir(disk.cluster())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["muster.lock"]);
}

#[tokio::test]
async fn a_disk_that_filled_up_is_named_and_the_cluster_starts_when_there_is_room() {
    let Some(disk) = SmallDisk::of_mib(120) else { return };
    Cluster::start(fast_spec(&disk.cluster()))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let filler = disk.cluster().join("filler");
    let full = io::copy(&mut io::repeat(0), &mut File::create(&filler).unwrap()).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    let error = Cluster::start(fast_spec(&disk.cluster())).await.map(drop).unwrap_err();
    assert!(matches!(error, ClusterError::DiskFull { .. }), "{error}");
    fs::remove_file(filler).unwrap();
    Cluster::start(fast_spec(&disk.cluster()))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
}
