//! The query macros of `store` ask a database what each statement returns. Their answers are kept in crates/store/.sqlx, so
//! that building needs no database; this writes them, and tells when they no longer fit statements and migrations.

use crate::checkout::Checkout;
use crate::cluster::Cluster;
use crate::verdict;
use anyhow::{Context as _, ensure};
use cargo_metadata::Message;
use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

/// The answers by file name.
type Answers = BTreeMap<String, String>;

/// Fails with the names of the files that differ.
pub fn check(checkout: &Checkout) -> anyhow::Result<()> {
    let complaints = differences(&read(&kept(checkout))?, &ask(checkout)?);
    verdict(complaints).context("crates/store/.sqlx is not up to date: `cargo xtask sqlx prepare` writes it")
}

/// Replaces the kept answers by those of today.
pub fn prepare(checkout: &Checkout) -> anyhow::Result<()> {
    let (folder, answers) = (kept(checkout), ask(checkout)?);
    fs::create_dir_all(&folder)?;
    for name in read(&folder)?.keys().filter(|name| !answers.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, answer) in &answers {
        fs::write(folder.join(name), answer)?;
    }
    println!("sqlx: {} statements in {}", answers.len(), folder.display());
    Ok(())
}

/// What must be done to `kept` to make it `asked`.
pub fn differences(kept: &Answers, asked: &Answers) -> Vec<String> {
    let gone = kept
        .keys()
        .filter(|name| !asked.contains_key(*name))
        .map(|name| format!("{name}: no such statement"));
    let other = asked.iter().filter_map(|(name, answer)| match kept.get(name) {
        None => Some(format!("{name}: missing")),
        Some(kept) if kept != answer => Some(format!("{name}: differs")),
        Some(_) => None,
    });
    gone.chain(other).collect()
}

/// Migrates a new database and compiles the macros against it.
fn ask(checkout: &Checkout) -> anyhow::Result<Answers> {
    let cluster = Cluster::start()?;
    let migrations = files(&checkout.root().join("migrations"), "sql")?;
    ensure!(
        !migrations.is_empty(),
        "there are no migrations, so there is nothing to check against"
    );
    for migration in migrations {
        cluster.apply(&migration)?;
    }

    let answers = tempfile::tempdir()?;
    let entry = checkout.root().join("crates/store/src/lib.rs");
    let _recompiled = Touched::now(entry)?;
    compile(checkout, &cluster.url(), answers.path())?;
    let answers = read(answers.path())?;
    ensure!(
        !answers.is_empty(),
        "the compiler met no checked statement in `store`, so nothing was checked"
    );
    Ok(answers)
}

/// Compiles `store` with the macros asking the database at `url` and writing to `answers`. Not with `--package store`, which
/// would select other features and compile every dependency again; so crates that come after `store` may fail here.
fn compile(checkout: &Checkout, url: &str, answers: &Path) -> anyhow::Result<()> {
    let mut cargo = checkout.cargo(["check", "--workspace", "--locked", "--keep-going", "--quiet"]);
    cargo.arg("--message-format=json-render-diagnostics");
    cargo
        .env("DATABASE_URL", url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", answers);
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo could not be started")?;
    let printed = child.stdout.take().context("cargo has no standard output")?;
    let mut compiled = false;
    for message in Message::parse_stream(BufReader::new(printed)) {
        if let Message::CompilerArtifact(artifact) = message? {
            compiled |= artifact.target.name == "store" && artifact.target.is_lib();
        }
    }
    child.wait()?;
    ensure!(compiled, "`store` does not compile; cargo's message is above");
    Ok(())
}

fn kept(checkout: &Checkout) -> PathBuf {
    checkout.root().join("crates/store/.sqlx")
}

fn read(folder: &Path) -> anyhow::Result<Answers> {
    let answers = files(folder, "json")?.into_iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, fs::read_to_string(path)?))
    });
    answers.collect()
}

/// Sorted, which is the order of migrations. A folder that isn't there holds nothing.
fn files(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths: Vec<_> = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?,
        Err(_) => Vec::new(),
    };
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    Ok(paths)
}

/// A source file that looks new to cargo, so that the macros in its crate run again, and old again afterwards, so that
/// nobody compiles it once more.
struct Touched {
    path: PathBuf,
    before: SystemTime,
}

impl Touched {
    fn now(path: PathBuf) -> anyhow::Result<Self> {
        let before = fs::metadata(&path)
            .and_then(|file| file.modified())
            .with_context(|| path.display().to_string())?;
        set_modified(&path, SystemTime::now())?;
        Ok(Self { path, before })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // Left as it is, the file only costs one compilation.
        let _ = set_modified(&self.path, self.before);
    }
}

fn set_modified(path: &Path, time: SystemTime) -> std::io::Result<()> {
    File::options()
        .append(true)
        .open(path)?
        .set_times(FileTimes::new().set_modified(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        pairs
            .iter()
            .map(|(name, answer)| ((*name).to_owned(), (*answer).to_owned()))
            .collect()
    }

    #[test]
    fn each_difference_is_named() {
        let kept = answers(&[("old", "1"), ("same", "2"), ("changed", "3")]);
        let asked = answers(&[("same", "2"), ("changed", "4"), ("new", "5")]);
        let found = differences(&kept, &asked);
        assert_eq!(found, ["old: no such statement", "changed: differs", "new: missing"]);
        assert!(differences(&kept, &kept).is_empty());
    }

    #[test]
    fn a_touched_file_is_old_again_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        fs::write(&path, "").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        set_modified(&path, long_ago).unwrap();
        let modified = || fs::metadata(&path).unwrap().modified().unwrap();

        let touched = Touched::now(path.clone()).unwrap();
        assert!(modified() > long_ago);
        drop(touched);
        assert_eq!(modified(), long_ago);
    }
}
