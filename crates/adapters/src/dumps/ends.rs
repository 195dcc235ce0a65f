//! Ends that `pg_restore` doesn't miss: of a tar archive it reads no further than it has to, and of the files of a directory dump the
//! uncompressed ones may end anywhere (tried with 15). What is looked for here is what `pg_dump` writes last.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::Form;

/// A tar file consists of blocks of this size and ends with two that are all zero.
const BLOCK: u64 = 512;

/// What is missing at the end of this archive; `None`: nothing that can be told without reading it.
///
/// # Errors
/// If a file can't be read.
pub(super) fn missing(form: Form, path: &Path) -> io::Result<Option<String>> {
    match form {
        Form::Tar => Ok(tar(path)?.then(|| "the end of the tar archive is missing".into())),
        Form::Directory => {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if member(&name, &entry.path())? {
                    return Ok(Some(format!("the end of its file {name} is missing")));
                }
            }
            Ok(None)
        }
        Form::Custom | Form::Plain | Form::PackedPlain | Form::PackedArchive => Ok(None),
    }
}

fn tar(path: &Path) -> io::Result<bool> {
    let (size, end) = tail(path, 2 * BLOCK)?;
    let whole = size.is_multiple_of(BLOCK) && size >= 2 * BLOCK && end.iter().all(|byte| *byte == 0);
    Ok(!whole)
}

/// Whether a file of a directory dump ends too early. Data of tables ends with three line feeds, behind `\.` or the last INSERT; of an
/// empty table dumped as INSERTs, two are all there is. Where an uncompressed large object ends, nothing tells.
fn member(name: &str, path: &Path) -> io::Result<bool> {
    let (size, end) = tail(path, 3)?;
    let extension = name.rsplit('.').next().unwrap_or_default();
    Ok(match extension {
        "gz" | "lz4" | "zst" => size == 0,
        "dat" if name.starts_with(|c: char| c.is_ascii_digit()) => end != b"\n\n\n" && end != b"\n\n",
        "toc" => !end.ends_with(b"\n"),
        _ => false,
    })
}

/// The size of a file and its last bytes.
fn tail(path: &Path, length: u64) -> io::Result<(u64, Vec<u8>)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(length)))?;
    let mut end = Vec::new();
    file.take(length).read_to_end(&mut end)?;
    Ok((size, end))
}
