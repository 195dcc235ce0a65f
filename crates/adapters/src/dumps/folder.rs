//! A folder of dumps.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::form::{self, Form};
use super::{At, DumpError, DumpFile, Listing};

/// Folders inside folders that are looked into.
const DEPTH: usize = 4;
/// A folder with more files is something else.
const MOST: usize = 100_000;
const TOC: &str = "toc.dat";

/// The folder, as configured.
#[derive(Clone, Debug)]
pub struct DumpFolder {
    /// Name of the source.
    pub name: String,
    pub dir: PathBuf,
}

impl DumpFolder {
    /// As [`Self::list`], away from what must not wait: the folder may lie on a server that doesn't answer.
    pub(super) async fn list_aside(self) -> Result<Listing, DumpError> {
        let dir = self.dir.clone();
        let listed = tokio::task::spawn_blocking(move || self.list()).await;
        listed.map_err(|_stopped| DumpError::Stopped(dir.display().to_string()))?
    }

    /// All dumps in the folder and those inside it, by label. Links and hidden files are left out: `rsync` writes to those.
    ///
    /// # Errors
    /// If the folder can't be listed.
    fn list(&self) -> Result<Listing, DumpError> {
        let mut walk = Walk {
            root: &self.dir,
            seen: 0,
            found: Listing::default(),
        };
        walk.enter(&self.dir, 0).map_err(|source| DumpError::Unreadable {
            path: self.dir.clone(),
            source,
        })?;
        if walk.seen > MOST {
            let url = self.dir.display().to_string();
            return Err(DumpError::TooMany { url, limit: MOST });
        }
        walk.found.dumps.sort_by(|a, b| a.label.cmp(&b.label));
        Ok(walk.found)
    }
}

struct Walk<'a> {
    root: &'a Path,
    seen: usize,
    found: Listing,
}

impl Walk<'_> {
    fn enter(&mut self, dir: &Path, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            self.seen += 1;
            if self.seen > MOST {
                break;
            }
            let path = entry?.path();
            let label = path
                .strip_prefix(self.root)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            let hidden = path
                .file_name()
                .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if hidden || path.ends_with("lost+found") {
                continue;
            }
            if let Err(error) = self.look(&path, &label, depth) {
                // What was removed meanwhile isn't missed.
                if error.kind() != io::ErrorKind::NotFound {
                    self.found.unreadable.push((label, error.to_string()));
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, path: &Path, label: &str, depth: usize) -> io::Result<()> {
        let meta = fs::symlink_metadata(path)?;
        let dump = if meta.is_dir() {
            match directory(path, &meta)? {
                Some((size, modified)) => Some((Form::Directory, size, modified)),
                None if depth < DEPTH => return self.enter(path, depth + 1),
                None => None,
            }
        } else if meta.is_file() {
            file(path, &meta)?.map(|form| (form, meta.len(), modified(&meta)))
        } else {
            None
        };
        if let Some((form, size, modified)) = dump {
            if path.to_str().is_none() {
                return Err(io::Error::other("its name isn’t text in UTF-8"));
            }
            self.found.dumps.push(DumpFile {
                label: label.to_owned(),
                form,
                size,
                modified,
                version: None,
                at: At::Path(path.into()),
            });
        }
        Ok(())
    }
}

fn file(path: &Path, meta: &Metadata) -> io::Result<Option<Form>> {
    if meta.len() == 0 {
        return Ok(path.file_name().and_then(|name| Form::meant(&name.to_string_lossy())));
    }
    let head = head(path)?;
    if form::is_table_of_contents(&head) {
        return Err(io::Error::other(
            "it is a part of a directory dump, which is the folder it lies in: name the folder above that one as location",
        ));
    }
    Ok(Form::of(&head))
}

/// Size and time of a directory dump; `None`: the folder is none. `pg_dump` writes `toc.dat` last.
fn directory(path: &Path, meta: &Metadata) -> io::Result<Option<(u64, DateTime<Utc>)>> {
    match head(&path.join(TOC)) {
        Ok(head) if form::is_table_of_contents(&head) || head.starts_with(b"PGDMP") => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let (mut size, mut newest) = (0, modified(meta));
    for entry in fs::read_dir(path)? {
        let meta = entry?.metadata()?;
        size += meta.len();
        newest = newest.max(modified(&meta));
    }
    Ok(Some((size, newest)))
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(form::HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn modified(meta: &Metadata) -> DateTime<Utc> {
    meta.modified().map_or(DateTime::UNIX_EPOCH, DateTime::from)
}
