//! How fast keys are proven: what Muster does with an envelope, as a ratio to what the AES-GCM library takes to open the same bytes with
//! nothing around it. Nothing here fails for being slow: a ratio is read by people.
//!
//! `cargo bench --package domain --bench proof`, with `-- --json FILE` to keep the numbers.

use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs, hint};

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use domain::drift::Candidate;
use domain::envelope::{Layout, NONCE, Place, TAG, seal};
use domain::ids::Sha256;
use domain::key::MasterKey;
use domain::proof::Trial;
use serde::Serialize;
use zeroize::Zeroizing;

/// Bytes in front of the nonce in Muster's own layout, and in front of the ciphertext.
const BEFORE_NONCE: usize = 9;
const HEADER: usize = BEFORE_NONCE + NONCE + TAG;
const ROUNDS: usize = 15;
const KEYS: u8 = 4;

/// What is opened.
struct Load {
    name: &'static str,
    envelopes: usize,
    /// Sizes of the secrets in bytes, in turn.
    sizes: &'static [usize],
    /// The last of the keys that were tried opens everything, as after a rotation.
    keys: u8,
}

const LOADS: [Load; 4] = [
    Load {
        name: "private keys and credentials, one key",
        envelopes: 20_000,
        sizes: &[1793, 1793, 138, 1793, 520],
        keys: 1,
    },
    Load {
        name: "the same, four versions in the manager",
        envelopes: 20_000,
        sizes: &[1793, 1793, 138, 1793, 520],
        keys: KEYS,
    },
    Load {
        name: "private keys alone",
        envelopes: 20_000,
        sizes: &[1793],
        keys: KEYS,
    },
    Load {
        name: "credentials alone",
        envelopes: 100_000,
        sizes: &[138],
        keys: KEYS,
    },
];

/// One line of the report. Times are medians, in milliseconds.
#[derive(Serialize)]
struct Line {
    name: &'static str,
    envelopes: usize,
    bytes: usize,
    library_ms: f64,
    muster_ms: f64,
    /// Muster's speed as a part of the library's: 1 is as fast.
    ratio: f64,
}

fn key(number: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"bench", &[number]]).0))
}

/// Envelopes with their rows' keys.
fn sealed(load: &Load) -> Vec<(String, Vec<u8>)> {
    let one = |number: usize| {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&Sha256::of(&[&number.to_be_bytes()]).0[..NONCE]);
        let secret = vec![7; load.sizes[number % load.sizes.len()]];
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        (id, seal(&key(load.keys), nonce, &secret))
    };
    (0..load.envelopes).map(one).collect()
}

/// The library alone: a cipher that was made once, and one buffer for all.
fn by_library(cipher: &Aes256Gcm, values: &[(String, Vec<u8>)], buffer: &mut [u8]) -> usize {
    let opens = |stored: &[u8], buffer: &mut [u8]| {
        let (header, ciphertext) = stored.split_at(HEADER);
        let nonce: [u8; NONCE] = header[BEFORE_NONCE..BEFORE_NONCE + NONCE].try_into().expect("12 bytes");
        let tag: [u8; TAG] = header[BEFORE_NONCE + NONCE..].try_into().expect("16 bytes");
        let out = &mut buffer[..ciphertext.len()];
        let buffer = InOutBuf::new(ciphertext, out).expect("of one length");
        cipher
            .decrypt_inout_detached(&Nonce::from(nonce), b"", buffer, &Tag::from(tag))
            .is_ok()
    };
    values.iter().filter(|(_, stored)| opens(stored, buffer)).count()
}

/// The whole proof: read the header, choose the key, open, count, compare nonces.
fn by_muster(keys: &[MasterKey], values: &[(String, Vec<u8>)]) -> u64 {
    let names = (0..).map(|order| Candidate::Version {
        order,
        current: order + 1 == keys.len() as u32,
    });
    let mut trial = Trial::new(&Layout::default(), names.zip(keys));
    for (id, stored) in values {
        let place = Place {
            table: "ca_signing_keys",
            column: "WrappedPrivateKey",
            id,
            tenant: "",
        };
        trial.take(&place, Some(stored));
    }
    trial.finish().opened
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn measured(load: &Load) -> Line {
    let values = sealed(load);
    let keys: Vec<_> = (1..=load.keys).map(key).collect();
    let cipher = Aes256Gcm::new(key(load.keys).expose().into());
    let mut buffer = vec![0; 4096];
    assert_eq!(by_library(&cipher, &values, &mut buffer), values.len());
    assert_eq!(by_muster(&keys, &values), values.len() as u64);
    let (mut library, mut muster) = (Vec::new(), Vec::new());
    // In turn, so that whatever else the machine does falls on both.
    for _ in 0..ROUNDS {
        library.push(timed(|| {
            hint::black_box(by_library(&cipher, &values, &mut buffer));
        }));
        muster.push(timed(|| {
            hint::black_box(by_muster(&keys, &values));
        }));
    }
    let (library_ms, muster_ms) = (median(library), median(muster));
    Line {
        name: load.name,
        envelopes: values.len(),
        bytes: values.iter().map(|(_, stored)| stored.len()).sum(),
        library_ms,
        muster_ms,
        ratio: library_ms / muster_ms,
    }
}

/// What stands behind `--json`; `cargo bench` adds arguments of its own.
fn file() -> Option<PathBuf> {
    env::args_os()
        .skip_while(|argument| argument != "--json")
        .nth(1)
        .map(PathBuf::from)
}

fn main() {
    let lines: Vec<_> = LOADS.iter().map(measured).collect();
    println!(
        "\n| proof of | envelopes | MB | AES-GCM alone, ms | MB/s | Muster, ms | MB/s | speed, of the library’s |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for line in &lines {
        let megabytes = line.bytes as f64 / 1e6;
        let speed = |milliseconds: f64| megabytes / milliseconds * 1000.0;
        println!(
            "| {} | {} | {megabytes:.1} | {:.1} | {:.0} | {:.1} | {:.0} | {:.0} % |",
            line.name,
            line.envelopes,
            line.library_ms,
            speed(line.library_ms),
            line.muster_ms,
            speed(line.muster_ms),
            line.ratio * 100.0,
        );
    }
    if let Some(path) = file() {
        let text = serde_json::to_string_pretty(&lines).expect("plain values");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{} can’t be written: {error}", path.display()));
    }
}
