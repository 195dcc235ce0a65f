//! Builds what the browser loads: the islands as WebAssembly with their loader, and one style sheet, in a folder named by
//! its content so that browsers may keep it for ever. Run it in the checkout, after `cargo build`; `make` does.

mod css;
mod site;
mod wasm;

use anyhow::Context as _;
use cargo_metadata::MetadataCommand;
use site::Site;
use std::fs;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

/// The stem of every file of the bundle. Leptos is told it as `output_name` and then asks for `muster.js` and
/// `muster_bg.wasm`, which is how wasm-bindgen names them.
pub const NAME: &str = "muster";

fn main() -> ExitCode {
    let Err(error) = build() else {
        return ExitCode::SUCCESS;
    };
    // Nothing is left to do if even standard error is closed.
    let _ = writeln!(std::io::stderr(), "browser bundle: {error:#}");
    ExitCode::FAILURE
}

fn build() -> anyhow::Result<()> {
    let started = Instant::now();
    let checkout = MetadataCommand::new()
        .no_deps()
        .exec()
        .context("the browser bundle is built in a checkout of Muster: go there first")?;
    let root = checkout.workspace_root.as_std_path();
    let target = checkout.target_directory.as_std_path();

    let module = wasm::compile(root, target)?;
    let style = root.join("style");
    let site = Site::open(target.join("site"))?;
    let inputs = site::fingerprint(&[&module, &style])?;
    if let Some(hash) = site.made_from(&inputs) {
        println!("browser bundle: unchanged, /pkg/{hash}");
        return Ok(());
    }

    let staging = site.stage()?;
    wasm::bind(&module, &staging)?;
    fs::write(
        staging.join(format!("{NAME}.css")),
        css::bundle(&style.join("main.css"))?,
    )?;
    let published = site.publish(&staging, &inputs)?;
    println!(
        "browser bundle: /pkg/{} in {:.1} s",
        published.hash,
        started.elapsed().as_secs_f32()
    );
    for file in published.files {
        println!("  {file}");
    }
    Ok(())
}
