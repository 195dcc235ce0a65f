//! `muster audit`: the log as a file, and the proof that a file wasn't touched.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use domain::audit::{Export, Tree};
use futures::TryStreamExt as _;
use store::Store;

use crate::cli::Exit;
use crate::config::Config;
use crate::lifecycle::OwnDatabase;
use crate::print;

/// What verification without a foreign key means. Said each time, since it is easily forgotten.
const ONLY_INTERNAL: &str =
    "This proves internal consistency only: no verifier key that came by another road was given.";

pub async fn export(config: &Config, out: &Path) -> anyhow::Result<Exit> {
    let count = OwnDatabase::look(config, async |store| write(store, out).await).await?;
    print::text(&format!("{count} entries in {}\n", out.display()));
    Ok(Exit::Ok)
}

async fn write(store: &Store, out: &Path) -> anyhow::Result<u64> {
    // What was committed a moment ago has no place in the log yet.
    store.audit_sequence(&mut Tree::default()).await?;
    let file = File::options().write(true).create_new(true).open(out);
    let file = file.with_context(|| format!("{} can't be written; it must not exist yet", out.display()))?;
    let mut file = BufWriter::new(file);
    let mut lines = recovery::audit::export(store).await?;
    let mut count = 0_u64;
    while let Some(line) = lines.try_next().await? {
        writeln!(file, "{line}")?;
        count += 1;
    }
    file.into_inner()?.sync_all()?;
    // The first line is the header.
    Ok(count.saturating_sub(1))
}

pub fn verify(path: &Path, key: Option<&str>, json: bool) -> anyhow::Result<Exit> {
    let no_keys = "this version signs no checkpoints yet, so there is nothing that a key could verify. Leave --key out";
    anyhow::ensure!(key.is_none(), no_keys);
    let log = fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    let schema = "muster.audit.verification/1";
    let (exit, document, text) = match Export::verify(log.lines()) {
        Ok(log) => (
            Exit::Ok,
            serde_json::json!({"schema": schema, "verified": true, "size": log.size, "root": log.root, "note": ONLY_INTERNAL}),
            format!(
                "{} entries agree with each other; root {}\n{ONLY_INTERNAL}\n",
                log.size, log.root
            ),
        ),
        Err(mismatch) => (
            Exit::Broken,
            serde_json::json!({"schema": schema, "verified": false, "why": mismatch.to_string()}),
            format!("does not verify: {mismatch}\n"),
        ),
    };
    if json {
        print::json(&document)?;
    } else {
        print::text(&text);
    }
    Ok(exit)
}
