//! Requests and the decisions on them. Whoever asks is told every reason against it at once; whoever decides does so by a login that
//! commits to exactly this.

mod create;
mod decide;
mod evidence;
mod expire;
mod go_on;
mod read;
mod standing;

pub use create::{create, plan, withdraw};
pub use decide::{Begun, Completed, Returned, begin, complete, may_ever_decide, sign_in_url};
pub use evidence::{Proven, verify, verify_login};
pub use expire::run as expire;
pub use go_on::{SecondDecision, second_decision};
pub use read::{Filter, Listed, Seen, list, listed, see};
pub use standing::{revoke, standing, standing_on_rds};
pub use store::decisions::Decided;
pub use store::requests::Stored;
