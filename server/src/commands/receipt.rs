//! `muster receipt verify`: offline, with a public key that came by another road.

use std::path::Path;

use anyhow::Context as _;
use recovery::drills::{public_keys, verify as check};
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::print;

/// Longest receipt that is read, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

pub fn verify(file: &Path, key: &Path, as_json: bool) -> anyhow::Result<Exit> {
    let found = std::fs::metadata(file).with_context(|| format!("{} can't be read", file.display()))?;
    anyhow::ensure!(found.len() <= LONGEST, "{} is too long for a receipt", file.display());
    let receipt = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let keys = public_keys(key)?;
    let verified = check(&receipt, &keys);
    let (document, text, exit) = match verified {
        Ok((payload, key_id)) => {
            let statement: Value = serde_json::from_slice(&payload).unwrap_or(Value::Null);
            let said = says(&statement);
            let document =
                json!({"schema": "muster.receipt/1", "status": "ok", "key_id": key_id, "statement": statement});
            (document, format!("ok: signed by {key_id}\n{said}"), Exit::Ok)
        }
        Err(reason) => {
            let document = json!({"schema": "muster.receipt/1", "status": "broken", "detail": reason.to_string()});
            (document, format!("broken: {reason}\n"), Exit::Broken)
        }
    };
    if as_json {
        print::json(&document)?;
    } else {
        print::text(&text);
    }
    Ok(exit)
}

fn says(statement: &Value) -> String {
    let word = |pointer: &str| {
        statement
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("unknown")
            .to_owned()
    };
    format!(
        "drill {} of {}, {}: {}\nisolation {}\n",
        word("/predicate/drill/id"),
        word("/predicate/drill/deployment"),
        word("/predicate/drill/finished_at"),
        word("/predicate/drill/verdict"),
        word("/predicate/drill/isolation/kind"),
    )
}
