//! What an operator promised, measured against what was observed. Each rule reads facts and says how it stands; what it can't know it
//! calls unknown, what nobody promised it calls unset.

mod facts;
mod promises;
mod rule;
mod standing;

use crate::inventory::PolicyLine;
use crate::status::Status;
use crate::time::Timestamp;

pub use facts::{
    AuditSpan, Escrow, Fact, Facts, ImageState, Immutability, KeyEscrow, Lag, ManagedSpan, PassedDrill, Place,
    Recovery, RepoKey, TlsEnd, Vanished, What,
};
pub use promises::Promises;
pub use rule::{NoRule, Rule};
pub use standing::Standing;

/// All sixteen rules in their order. `since` is left to whoever keeps the history.
#[must_use]
pub fn judge(_promises: &Promises, _facts: &Facts<'_>, _now: Timestamp) -> Vec<PolicyLine> {
    let line = |rule: Rule| PolicyLine {
        rule: rule.name().into(),
        status: Status::Unknown,
        verdict: Standing::Unknown,
        declared: None,
        actual: None,
        detail: "not judged by this version".into(),
        since: None,
    };
    Rule::ALL.into_iter().map(line).collect()
}
