//! Puts a finished bundle where the server finds it: `pkg/<hash>/` with its files and their compressed copies, and
//! `current`, a text file that holds the hash. The folder before stays, because open tabs still ask for it.

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The folder the server serves, held by a lock so that two builds don't mix their files.
pub struct Site {
    root: PathBuf,
    _lock: File,
}

/// What the server serves from now on.
pub struct Published {
    /// First 16 hex digits of the SHA-256 over names and contents.
    pub hash: String,
    /// One line a file, with its sizes.
    pub files: Vec<String>,
}

impl Site {
    /// Waits until no other build writes there.
    pub fn open(root: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(root.join("pkg")).with_context(|| format!("cannot write to {}", root.display()))?;
        let lock = File::create(root.join("lock"))?;
        lock.lock()?;
        Ok(Self { root, _lock: lock })
    }

    /// The hash of the bundle that was made from these inputs, if it is the current one.
    pub fn made_from(&self, inputs: &str) -> Option<String> {
        let hash = self.current()?;
        let recorded = fs::read_to_string(self.root.join("inputs")).ok()?;
        (recorded == inputs && self.folder(&hash).is_dir()).then_some(hash)
    }

    /// An empty folder for the files to come.
    pub fn stage(&self) -> anyhow::Result<PathBuf> {
        let staging = self.folder(".staging");
        remove(&staging)?;
        fs::create_dir(&staging)?;
        Ok(staging)
    }

    /// Names the staged folder by its content, adds the compressed copies, makes it the current one, and drops every
    /// folder but this and the one before.
    pub fn publish(&self, staging: &Path, inputs: &str) -> anyhow::Result<Published> {
        let names = files_below(staging)?;
        let hash = content_hash(staging, &names)?;
        let files = names
            .iter()
            .map(|name| compress(staging, name))
            .collect::<anyhow::Result<_>>()?;

        let before = self.current();
        remove(&self.folder(&hash))?;
        fs::rename(staging, self.folder(&hash))?;
        self.record("current", &hash)?;
        self.record("inputs", inputs)?;
        if before.as_ref() != Some(&hash) {
            self.drop_all_but([Some(hash.as_str()), before.as_deref()])?;
        }
        Ok(Published { hash, files })
    }

    fn current(&self) -> Option<String> {
        fs::read_to_string(self.root.join("current")).ok()
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.root.join("pkg").join(name)
    }

    /// Replaces the file in one go: a server that starts now reads the old text or the new one.
    fn record(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let beside = self.root.join(format!(".{name}"));
        fs::write(&beside, text)?;
        fs::rename(beside, self.root.join(name))?;
        Ok(())
    }

    fn drop_all_but(&self, keep: [Option<&str>; 2]) -> anyhow::Result<()> {
        for entry in fs::read_dir(self.root.join("pkg"))? {
            let name = entry?.file_name();
            if !keep.contains(&name.to_str()) {
                remove(&self.root.join("pkg").join(name))?;
            }
        }
        Ok(())
    }
}

/// One text for everything that decides how the bundle looks: the given files and folders, and this tool itself.
pub fn fingerprint(inputs: &[&Path]) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    let tool = fs::metadata(std::env::current_exe()?)?;
    hash.update(format!("{:?} {}", tool.modified()?, tool.len()));
    for input in inputs {
        let names = if input.is_dir() {
            files_below(input)?
        } else {
            vec![String::new()]
        };
        hash.update(content_hash(input, &names)?);
    }
    Ok(hex::encode(hash.finalize()))
}

/// Paths below `folder`, relative to it and sorted.
fn files_below(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            names.extend(
                files_below(&entry.path())?
                    .iter()
                    .map(|below| format!("{name}/{below}")),
            );
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn content_hash(folder: &Path, names: &[String]) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    for name in names {
        let path = if name.is_empty() {
            folder.to_owned()
        } else {
            folder.join(name)
        };
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        hash.update(format!("{name}\0{}\0", content.len()));
        hash.update(content);
    }
    Ok(hex::encode(&hash.finalize()[..8]))
}

/// Writes `<name>.gz` and `<name>.br` beside the file: the server sends what the browser accepts, without work.
fn compress(folder: &Path, name: &str) -> anyhow::Result<String> {
    let plain = fs::read(folder.join(name))?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&plain)?;
    let gzip = gzip.finish()?;
    let mut brotli = Vec::new();
    let best = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut plain.as_slice(), &mut brotli, &best)?;

    fs::write(folder.join(format!("{name}.gz")), &gzip)?;
    fs::write(folder.join(format!("{name}.br")), &brotli)?;
    let kb = |bytes: &[u8]| bytes.len().div_ceil(1024);
    Ok(format!(
        "{name}: {} KB, {} gzip, {} brotli",
        kb(&plain),
        kb(&gzip),
        kb(&brotli)
    ))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
