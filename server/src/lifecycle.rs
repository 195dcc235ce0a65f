//! How a Muster that keeps running starts and ends: its own database, its jobs, its signals.

mod own_database;
mod shutdown;
mod tasks;

pub use own_database::OwnDatabase;
pub use shutdown::Shutdown;
pub use tasks::Tasks;
