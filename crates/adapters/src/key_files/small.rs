//! Reading a small file without being held up or led astray: what is no file isn't waited for, what is large isn't read, and a key counts
//! only if nobody else can read it or put another one there.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::process::getuid;
use zeroize::Zeroizing;

use super::KeyFileError;

/// A key file is 45 bytes; nothing close to this is one.
pub(super) const LARGEST_KEY: usize = 4096;

/// Reads a file that nobody else may write. A link is followed, as those of mounted Secrets have to be.
pub(super) fn read_steady(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let (file, meta) = open(path)?;
    check_unwritable(path, meta.permissions().mode())?;
    check_owner(path, meta.uid())?;
    whole(file, path, LARGEST_KEY)
}

/// Reads a file of at most `largest` bytes that nobody else may read or write, into memory that is wiped.
pub(super) fn read_private(path: &Path, largest: usize) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let (file, meta) = open(path)?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::TooOpen {
            path: path.into(),
            mode,
        });
    }
    check_owner(path, meta.uid())?;
    whole(file, path, largest)
}

/// Opens what has to be a file. A pipe without a writer would be waited for.
fn open(path: &Path) -> Result<(File, Metadata), KeyFileError> {
    let unreadable = |source| KeyFileError::Unreadable {
        path: path.into(),
        source,
    };
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).expect("flags of open(2) are an int");
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = file.map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if meta.is_file() {
        Ok((file, meta))
    } else {
        Err(KeyFileError::NoFile { path: path.into() })
    }
}

fn whole(file: File, path: &Path, largest: usize) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    // Reserved once, one byte more than is allowed: a growing buffer would leave copies behind.
    let room = largest + 1;
    let mut value = Zeroizing::new(Vec::with_capacity(room));
    let read = file.take(room as u64).read_to_end(&mut value);
    read.map_err(|source| KeyFileError::Unreadable {
        path: path.into(),
        source,
    })?;
    if value.len() < room {
        Ok(value)
    } else {
        Err(KeyFileError::TooLarge {
            path: path.into(),
            largest,
        })
    }
}

/// Refuses what others may write to.
pub(super) fn check_unwritable(path: &Path, mode: u32) -> Result<(), KeyFileError> {
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(KeyFileError::Writable {
        path: path.into(),
        mode: mode & 0o777,
    })
}

/// Refuses what belongs to somebody else.
pub(super) fn check_owner(path: &Path, owner: u32) -> Result<(), KeyFileError> {
    if is_trusted(owner, getuid().as_raw()) {
        return Ok(());
    }
    Err(KeyFileError::Foreign {
        path: path.into(),
        owner,
    })
}

/// Root may do everything anyway, and whoever is root reads the files of others on purpose.
const fn is_trusted(owner: u32, own: u32) -> bool {
    owner == own || owner == 0 || own == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_users_aren_t_trusted() {
        for (owner, own, trusted) in [
            (1000, 1000, true),
            (0, 1000, true),
            (1001, 1000, false),
            (1000, 0, true),
        ] {
            assert_eq!(is_trusted(owner, own), trusted, "{owner} {own}");
        }
    }
}
