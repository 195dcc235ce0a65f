//! The `muster` binary as a library, so that tests drive it in-process: configuration, commands, lifecycle, and the web.

pub mod cli;
pub mod commands;
pub mod config;
mod drill_document;
pub mod lifecycle;
pub mod logging;
mod plan_document;
pub mod print;
pub mod web;
pub mod wiring;
