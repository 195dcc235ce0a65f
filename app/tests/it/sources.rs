//! Rules that no type can hold, read from the sources.

use std::fs;
use std::path::{Path, PathBuf};

use app::plots::Width;

/// Elements whose children Leptos does not escape. `TextArea` does it itself; nobody else may write them.
const RAW: [&str; 4] = ["<textarea", "<noscript", "<script", "<style"];
/// Files and folders that are compiled for tests only; what they write is what a page must not.
const TESTS: [&str; 4] = ["tests.rs", "proofs.rs", "samples.rs", "samples"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are beside the tests") {
        let path = entry.expect("a file of the checkout").path();
        if path
            .file_name()
            .is_some_and(|name| TESTS.iter().any(|test| name == *test))
        {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn only_two_places_write_elements_of_raw_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 40, "the sources were found");
    let mut writers = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source is text");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        if lines.into_iter().any(|line| RAW.iter().any(|tag| line.contains(tag))) {
            let place = file.strip_prefix(&root).expect("it was found there");
            writers.push(place.to_string_lossy().into_owned());
        }
    }
    writers.sort();
    // The runbook is a document of its own, and the style sheet in it a constant.
    assert_eq!(writers, ["components/text_area.rs", "runbook/mod.rs"]);
}

#[test]
fn plots_are_swapped_at_the_widths_they_are_drawn_for() {
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("../style/components/plot.css");
    let sheet = fs::read_to_string(sheet).expect("the style sheet is beside the pages");
    for (from, to) in [(Width::Slim, Width::Middle), (Width::Middle, Width::Wide)] {
        let at = format!("inline-size < {}rem", to.px() / 16);
        assert!(sheet.contains(&at), "{from:?} gives way to {to:?} where {at}");
    }
}
