//! The use cases: what people and jobs do with a deployment. Each takes the [`domain::role::Actor`] it acts for, writes the audit entry
//! with the change, and knows nothing of pages or command lines.

pub mod approvals;
pub mod audit;
mod by_hand;
pub mod collect;
pub mod drills;
pub mod emergency;
mod error;
pub mod findings;
pub mod heartbeat;
pub mod keys;
pub mod notify;
pub mod overview;
pub mod plans;
pub mod runbook;
pub mod runs;
mod services;
pub mod settings;

pub use error::Error;
pub use services::{Clock, Services};
pub use store::StoreError;
