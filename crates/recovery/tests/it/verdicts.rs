//! Each verdict on a master key, from a real database that was brought into its state, with keys in a folder: in Muster's own layout, and
//! in one that differs in everything that can be configured.

mod elsewhere;
mod findings;
mod large;
mod layouts;
mod states;
pub mod world;
