use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// What turns one document into another: brackets, quotes, numbers at their limits, bytes that are no text.
const PIECES: &[&[u8]] = &[
    b"",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\n",
    b"\t",
    b"\0",
    b"\xFF",
    b"\xC3",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"18446744073709551616",
    b"9007199254740993",
    b"1e999",
    b"\\ud800",
    b"FFFFFFFFFFFFFFFFFFFFFFFF",
    b"FFFFFFFF/FFFFFFFF",
    b"0001-01-01T00:00:00Z",
    b"-----BEGIN CERTIFICATE-----",
];

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// A document to begin with.
#[derive(Debug)]
struct Seed {
    name: String,
    data: Vec<u8>,
}

/// The seeds of each target, in the order of [`TARGETS`].
static SEEDS: LazyLock<Vec<Vec<Seed>>> = LazyLock::new(|| TARGETS.iter().map(seeds).collect());

fn seeds(target: &Target) -> Vec<Seed> {
    let corpus = files(&folder("../../fuzz/corpus").join(target.name));
    assert!(!corpus.is_empty(), "{} has no seed of its own", target.name);
    let recorded = target.recorded.map(|name| files(&folder(name)));
    let all = corpus.into_iter().chain(recorded.into_iter().flatten());
    let seed = |path: PathBuf| Seed {
        data: fs::read(&path).expect("can be read"),
        name: path.display().to_string(),
    };
    all.map(seed).collect()
}

fn run(target: &Target, what: &str, data: &[u8]) {
    let ended = catch_unwind(AssertUnwindSafe(|| (target.body)(data)));
    assert!(ended.is_ok(), "{} panics on {what}", target.name);
}

#[test]
fn every_seed_is_read() {
    for (target, seeds) in TARGETS.iter().zip(&*SEEDS) {
        for seed in seeds {
            run(target, &seed.name, &seed.data);
        }
    }
}

#[test]
fn every_target_has_a_program_and_every_corpus_a_target() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let manifest = fs::read_to_string(folder("../../fuzz/Cargo.toml")).expect("the workspace of the programs");
    let programs: BTreeSet<_> = manifest
        .split("[[bin]]")
        .skip(1)
        .filter_map(|bin| Some(bin.split('"').nth(1)?.to_owned()))
        .collect();
    assert_eq!(programs, names);
    let corpora = files(&folder("../../fuzz/corpus"));
    let corpora: BTreeSet<_> = corpora
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    assert_eq!(corpora, names);
}

/// Replaces the bytes between two places by a piece, a few times over.
fn changed(mut data: Vec<u8>, edits: &[(Index, Index, &[u8])]) -> Vec<u8> {
    for (at, length, piece) in edits {
        let at = at.index(data.len() + 1);
        let end = at + length.index((data.len() - at).min(16) + 1);
        data.splice(at..end, piece.iter().copied());
    }
    data
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn changed_seeds_are_read(
        target in 0..TARGETS.len(),
        seed: Index,
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), prop::sample::select(PIECES)), 1..6),
        cut in prop::option::of(any::<Index>()),
    ) {
        let Seed { name, data } = seed.get(&SEEDS[target]);
        let target = &TARGETS[target];
        let mut data = changed(data.clone(), &edits);
        data.truncate(cut.map_or(data.len(), |cut| cut.index(data.len() + 1)));
        run(target, &format!("{name}, changed to {:?}", String::from_utf8_lossy(&data)), &data);
    }

    #[test]
    fn any_bytes_are_read(target in 0..TARGETS.len(), data: Vec<u8>) {
        run(&TARGETS[target], "bytes of all kinds", &data);
    }
}
