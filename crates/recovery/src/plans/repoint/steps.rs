//! What pointing Ampora at another database does, step by step, and in which words. Each step can be done again after a crash: it sets
//! something to how it has to be.

use adapters::postgres::quote;
use domain::plan::{Ampora, Former, Reach, Service, Setup, Step, Successor, Workload};

pub const VERIFY: &str = "verify";
pub const STOP: &str = "stop-ampora";
pub const FENCE: &str = "close-old-database";
pub const LEAD: &str = "write-connection";
pub const CHECK: &str = "check-new-database";
pub const START_ONE: &str = "start-one";
pub const START: &str = "start-all";

/// The steps in order.
pub(super) fn steps(ampora: &Ampora, from: &Former, to: &Successor) -> Vec<Step> {
    let name = &ampora.name;
    let [stop, lead] = match &ampora.setup {
        Setup::Workload(workload) => of_workload(ampora, workload),
        Setup::Service(service) => of_service(ampora, service, from),
    };
    let mut steps = vec![
        Step::new(VERIFY, "Reads every fact of this plan again."),
        stop,
        fence(from),
        lead,
        check(to),
    ];
    match &ampora.setup {
        Setup::Workload(workload) => steps.extend([
            Step::new(
                START_ONE,
                "Starts one pod and waits until it is ready; it must have made no certificate authority of its own.",
            ),
            Step::new(
                START,
                format!("Scales to {} and waits until all are ready.", workload.replicas),
            ),
        ]),
        Setup::Service(service) => steps.push(
            Step::new(
                START,
                format!(
                    "Starts the {name} and waits until it runs and has a session on {}; it must have made no certificate authority of its own.",
                    to.database
                ),
            )
            .running(service.start.clone()),
        ),
    }
    steps
}

fn of_workload(ampora: &Ampora, workload: &Workload) -> [Step; 2] {
    [
        Step::new(
            STOP,
            format!("Scales {} to 0 and waits until no pod of it is left.", ampora.name),
        ),
        Step::new(
            LEAD,
            format!(
                "Writes {} into the new Secret {} and has container {} read them from there. The connection strings keep role, password and \
                 options; host, port and database change.",
                ampora.variables.join(" and "),
                workload.secret,
                workload.container
            ),
        ),
    ]
}

fn of_service(ampora: &Ampora, service: &Service, from: &Former) -> [Step; 2] {
    [
        Step::new(
            STOP,
            format!(
                "Stops the {} and waits until Ampora’s role has no session on {} any more.",
                ampora.name, from.database
            ),
        )
        .running(service.stop.clone()),
        Step::new(
            LEAD,
            format!(
                "Writes {} into {}, as a whole or not at all, for {} alone. The connection strings keep role, password and options; host, port \
                 and database change, and every other line stays. The file as it was is kept beside it until Ampora runs.",
                ampora.variables.join(" and "),
                service.env_file,
                service.owner
            ),
        ),
    ]
}

fn check(to: &Successor) -> Step {
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
    )
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
