//! One Muster a cluster: a lock that the kernel releases whatever becomes of its holder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    os::unix::fs::OpenOptionsExt,
};

use super::{ClusterError, layout::Layout};

/// Held as long as this lives.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes the lock at once, or says who holds it.
    pub fn take(layout: &Layout) -> Result<Self, ClusterError> {
        let path = layout.lock();
        let open = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let mut file = open.map_err(ClusterError::file("opened", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
                return Err(ClusterError::InUse {
                    folder: layout.folder().to_owned(),
                    holder,
                });
            }
            Err(TryLockError::Error(source)) => return Err(ClusterError::file("locked", path)(source)),
        }
        // Only for the message above: a full disk must not keep an existing cluster from starting.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self(file))
    }
}
