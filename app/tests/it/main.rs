//! The parts of the pages, seen from outside: every one in every state on one sheet, and rules that hold for all sources.
#![cfg(feature = "ssr")]

mod sources;
mod specimen;
