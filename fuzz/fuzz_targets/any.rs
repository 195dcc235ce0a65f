//! Runs the body that the program is named after.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static BODY: LazyLock<fn(&[u8])> =
    LazyLock::new(|| adapters::fuzz::body(env!("CARGO_BIN_NAME")).expect("a program is named after its target"));

fuzz_target!(|data: &[u8]| BODY(data));
