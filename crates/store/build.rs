//! Stable Rust doesn't see that the query macros and the embedded migrations read these folders.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=.sqlx");
}
