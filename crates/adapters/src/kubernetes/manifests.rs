//! Saved Kubernetes manifests: a YAML or JSON file with one or more objects, or a folder of such files.

use std::fs::{self, File};
use std::io::{self, Cursor, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tls::plain;

const LARGEST_FILE: u64 = 4 * 1024 * 1024;
const MOST_FILES: usize = 1000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    pub objects: Vec<Value>,
    /// Files that can't be read whole, with the reason.
    pub unread: Vec<String>,
}

impl Manifests {
    /// Reads the file, or the files of the folder that end in `.yaml`, `.yml` or `.json`; folders in it aren't entered. Blocks.
    ///
    /// # Errors
    /// If there is nothing at `path`, or it can't be listed.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut manifests = Self::default();
        if !fs::metadata(path)?.is_dir() {
            manifests.add(path);
            return Ok(manifests);
        }
        let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
        let mut files: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
        files.retain(|file| is_manifest(file));
        files.sort();
        if files.len() > MOST_FILES {
            manifests
                .unread
                .push(format!("{} holds more than {MOST_FILES} files", path.display()));
        }
        for file in files.iter().take(MOST_FILES) {
            manifests.add(file);
        }
        Ok(manifests)
    }

    fn add(&mut self, path: &Path) {
        match text(path) {
            Ok(text) => self.add_text(path, text),
            Err(reason) => self.unread.push(format!("{} {reason}", path.display())),
        }
    }

    /// Adds the objects of a file with this text.
    pub(super) fn add_text(&mut self, path: &Path, text: Vec<u8>) {
        let mut unread = |reason: String| self.unread.push(format!("{} {reason}", path.display()));
        let mut reader = Cursor::new(text);
        // What the error quotes of the file may be a secret.
        let options = serde_saphyr::options! { with_snippet: false };
        for document in serde_saphyr::read_with_options::<_, Value>(&mut reader, options) {
            match document {
                Ok(object) => flatten(object, &mut self.objects),
                Err(error) => {
                    let line = error
                        .location()
                        .map_or(String::new(), |at| format!(" after line {}", at.line()));
                    unread(format!("isn’t YAML{line}"));
                }
            }
        }
    }

    /// The objects of this kind and name.
    pub fn named(&self, kind: &str, name: &str) -> impl Iterator<Item = &Value> {
        self.objects
            .iter()
            .filter(move |object| object["kind"] == kind && object["metadata"]["name"] == name)
    }
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}

fn text(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("can’t be read: {error}");
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err("is larger than any manifest, so Muster didn’t read it".into());
    }
    Ok(text)
}

/// `kubectl get -o yaml` writes several objects as one `List`.
fn flatten(object: Value, into: &mut Vec<Value>) {
    match object {
        Value::Object(mut fields) if fields.get("kind").is_some_and(|kind| kind == "List") => {
            if let Some(Value::Array(items)) = fields.remove("items") {
                into.extend(items);
            }
        }
        other => into.push(other),
    }
}

/// The path of the first field that differs. The order of keys says nothing, and a field that is null is one that is absent.
pub(super) fn difference(saved: &Value, live: &Value, at: &str) -> Option<String> {
    match (saved, live) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            keys.into_iter()
                .find_map(|key| difference(&saved[key], &live[key], &format!("{at}.{}", plain(key))))
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(index, (left, right))| difference(left, right, &format!("{at}[{index}]")))
        }
        _ => (saved != live).then(|| at.to_owned()),
    }
}

#[cfg(test)]
mod tests;
