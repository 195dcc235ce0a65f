//! `muster config`: what is wrong with the file, and what could be in it.

use std::path::Path;

use crate::cli::{ConfigCommand, Exit};
use crate::config::{Environment, check, json_schema};
use crate::print;

pub fn run(command: &ConfigCommand, named: Option<&Path>, json: bool) -> anyhow::Result<Exit> {
    match command {
        ConfigCommand::Schema => print::json(&json_schema())?,
        ConfigCommand::Check => {
            let report = check(named, &Environment::of_process());
            if json {
                print::json(&report.to_json())?;
            } else {
                print::text(&report.to_string());
            }
            if !report.is_usable() {
                return Ok(Exit::CouldNotRun);
            }
        }
    }
    Ok(Exit::Ok)
}
