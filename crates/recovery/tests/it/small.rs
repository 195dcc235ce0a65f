//! A file system that is soon full.

use std::path::{Path, PathBuf};
use std::process::Command;

use adapters::process::RunAs;

/// A small file system over a directory, until it is dropped.
pub struct Small(PathBuf);

impl Small {
    /// Of so many MiB, for this user alone.
    ///
    /// # Panics
    /// If it can't be mounted: tests run as root.
    pub fn over(place: &Path, mib: u32, user: &RunAs) -> Self {
        let options = format!("size={mib}m,mode=0700,uid={},gid={}", user.uid, user.gid);
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(place);
        assert!(
            mount.status().expect("mount is part of util-linux").success(),
            "root may mount"
        );
        Self(place.to_owned())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
