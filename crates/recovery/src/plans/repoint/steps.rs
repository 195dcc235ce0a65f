//! What pointing Ampora at another database does, step by step, and in which words. Each step can be done again after a crash: it sets
//! something to how it has to be.

use adapters::postgres::quote;
use domain::plan::{Ampora, Former, Reach, Step, Successor};

pub const VERIFY: &str = "verify";
pub const STOP: &str = "stop-ampora";
pub const FENCE: &str = "close-old-database";
pub const LEAD: &str = "write-connection";
pub const CHECK: &str = "check-new-database";
pub const START_ONE: &str = "start-one";
pub const START: &str = "start-all";

/// The steps in order.
pub(super) fn steps(ampora: &Ampora, from: &Former, to: &Successor) -> Vec<Step> {
    vec![
        Step::new(VERIFY, "Reads every fact of this plan again."),
        Step::new(
            STOP,
            format!("Scales {} to 0 and waits until no pod of it is left.", ampora.name),
        ),
        fence(from),
        Step::new(
            LEAD,
            format!(
                "Writes {} into the new Secret {} and has container {} read them from there. The connection strings keep role, password and \
                 options; host, port and database change.",
                ampora.variables.join(" and "),
                ampora.secret,
                ampora.container
            ),
        ),
        Step::new(
            CHECK,
            format!(
                "Reads {} once more before anything may start on it: {} tenants, {} certificate authorities, migration {}, key {}; and signs in as \
                 Ampora will.",
                to.database,
                to.tenants,
                to.authorities,
                to.migration_head.as_deref().unwrap_or("unknown"),
                to.key.short()
            ),
        ),
        Step::new(
            START_ONE,
            "Starts one pod and waits until it is ready; it must have made no certificate authority of its own.",
        ),
        Step::new(
            START,
            format!("Scales to {} and waits until all are ready.", ampora.replicas),
        ),
    ]
}

fn fence(from: &Former) -> Step {
    match from.reach {
        Reach::Answers { .. } => Step::new(
            FENCE,
            format!(
                "Closes the old database {} on {} to everybody and ends the sessions on it.",
                from.database, from.server
            ),
        )
        .running(vec![format!(
            "ALTER DATABASE {} ALLOW_CONNECTIONS false",
            quote(&from.database)
        )]),
        Reach::Gone => Step::new(
            FENCE,
            format!(
                "Makes sure that {} still doesn’t answer: nobody can close a database on it.",
                from.server
            ),
        ),
    }
}
