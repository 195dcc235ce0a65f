//! `make bench`: how much longer a restore takes because Muster does it. Both are asked in the same run, in turn: the bare tool with the very
//! arguments of the plan, and Muster's run or drill. Nothing here fails for being slow: a ratio is read by people.

mod drill;
mod dump;

#[expect(dead_code, reason = "the tests use the rest of it")]
#[path = "../../tests/it/site.rs"]
mod site;
#[expect(dead_code, reason = "the tests use the rest of it")]
#[path = "../../tests/it/drills/world.rs"]
mod world;

use std::fs;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Tables that the bulk of the data is spread over, so that a restore has something to do in parallel.
const TABLES: u64 = 4;
/// Rows in a megabyte of such a table, its index not counted.
const ROWS_A_MEGABYTE: u64 = 3_600;

/// What is measured, and how often.
#[derive(Parser)]
struct Arguments {
    /// Size of the database
    #[arg(long, default_value_t = 1024)]
    megabytes: u64,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leaves the others out
    #[arg(long)]
    only: Option<What>,
    /// Also writes the numbers into this file, as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Dumps,
    Drills,
}

/// Seconds of both, round by round. Their ratio is taken within a round, since a machine that does other work is slower in one than in another.
#[derive(Serialize)]
struct Beside {
    what: &'static str,
    megabytes: u64,
    bare: Vec<f64>,
    muster: Vec<f64>,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let (megabytes, rounds) = (arguments.megabytes, arguments.rounds);
    let mut all = Vec::new();
    if arguments.only != Some(What::Drills) {
        all.push(dump::beside(megabytes, rounds).await);
    }
    if arguments.only != Some(What::Dumps) {
        all.extend(drill::beside(megabytes, rounds).await);
    }
    println!("| restore | MB | bare tool, s, median | Muster, s, median | ratio, median |\n|---|---:|---:|---:|---:|");
    for one in &all {
        let (bare, muster) = (median(&one.bare), median(&one.muster));
        let rounds = one.muster.iter().zip(&one.bare);
        let ratio = median(&rounds.map(|(muster, bare)| muster / bare).collect::<Vec<_>>());
        println!(
            "| {} | {} | {bare:.1} | {muster:.1} | {ratio:.2} |",
            one.what, one.megabytes
        );
    }
    if let Some(path) = arguments.json {
        let text = serde_json::to_string_pretty(&all).expect("plain values");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{} can’t be written: {error}", path.display()));
    }
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Statements that make tables of this size in all, which don't compress to nothing.
fn bulk(megabytes: u64) -> Vec<String> {
    let rows = megabytes * ROWS_A_MEGABYTE / TABLES;
    let body = (1..=7)
        .map(|part| format!("md5((n * {part})::text)"))
        .collect::<Vec<_>>()
        .join(" || ");
    let table = |number| {
        format!(
            "CREATE TABLE bulk_{number} (id bigint PRIMARY KEY, body text); INSERT INTO bulk_{number} SELECT n, {body} FROM generate_series(1, {rows}) n"
        )
    };
    (1..=TABLES).map(table).collect()
}

#[expect(
    clippy::print_stderr,
    reason = "whoever waits for a quarter of an hour wants to know what for"
)]
fn say(what: &str) {
    eprintln!("bench: {what}");
}
