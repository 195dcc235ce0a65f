//! Compiles `frontend` for the browser and lets wasm-bindgen write its loader. Both come out of the one Cargo.lock, so
//! there is no command-line tool to install and no version that could differ.

use crate::NAME;
use anyhow::{Context as _, ensure};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm-release";

/// Has cargo build the module and says where it lies. Takes a second when nothing changed.
pub fn compile(root: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let status = Command::new("cargo")
        .args(["build", "--package", "frontend", "--locked"])
        .args(["--target", TARGET, "--profile", PROFILE])
        .args(["--config", &without_home_folder()])
        .current_dir(root)
        .status()
        .context("cargo could not be started; is Rust installed and on PATH?")?;
    ensure!(
        status.success(),
        "the islands do not compile for the browser; cargo's message is above"
    );
    Ok(target.join(TARGET).join(PROFILE).join("frontend.wasm"))
}

/// Panic messages hold source paths. Everybody may load the bundle, so these must not tell who built it where; and the
/// hash is then the same on every machine.
fn without_home_folder() -> String {
    let cargo_home =
        env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", env::var("HOME").unwrap_or_default()));
    format!(
        "target.{TARGET}.rustflags=[{:?}]",
        format!("--remap-path-prefix={cargo_home}=cargo")
    )
}

/// Writes `muster.js` and `muster_bg.wasm` into `folder`.
pub fn bind(module: &Path, folder: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen refused {}", module.display()))
}
