//! The SHA-256 of a dump: of the file, or of the names and hashes of a folder's files in order.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use domain::ids::Sha256;
use sha2::Digest as _;
use tokio_util::sync::CancellationToken;

const CHUNK: usize = 1024 * 1024;

/// Hashes every byte, unless it is told to stop.
///
/// # Errors
/// If a file can't be read; [`io::ErrorKind::Interrupted`] if it was stopped.
pub(super) fn hash(path: &Path, stop: &CancellationToken) -> io::Result<Sha256> {
    if !fs::metadata(path)?.is_dir() {
        return hash_file(path, stop);
    }
    let mut parts = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        parts.push((name, hash_file(&entry.path(), stop)?));
    }
    Ok(of_folder(parts))
}

/// The hash of a folder from those of its files.
pub(super) fn of_folder(mut parts: Vec<(String, Sha256)>) -> Sha256 {
    parts.sort();
    let lines: String = parts
        .iter()
        .map(|(name, sha256)| format!("{sha256} {name}\n"))
        .collect();
    Sha256::of(&[lines.as_bytes()])
}

fn hash_file(path: &Path, stop: &CancellationToken) -> io::Result<Sha256> {
    let mut file = fs::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        if stop.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match file.read(&mut buffer)? {
            0 => return Ok(Sha256(hasher.finalize().into())),
            count => hasher.update(&buffer[..count]),
        }
    }
}
