//! Requests made up for the tests of the pages: each state, other people's and one's own, with hostile words in them.

use chrono::Duration;
use domain::approval::{Approval, Challenge, Decision, LoginRules, Policy, Quorum, Request, State};
use domain::ids::{Big, ChallengeId, Person, RequestId, RunId, Sha256, SystemIdentifier};
use domain::plan::{Advisory, Basis, DataLoss, Delivery, Pinned, Plan, Range, RestoreDump, RetrieveKey, Step, Target};
use domain::role::{Actor, Role, Rules};
use domain::run::{RunState, StepState};
use recovery::approvals::{Decided, Seen, Stored};
use recovery::runs::{LogLine, LogStream, Run, StoredLine, Tail};
use uuid::Uuid;

use crate::pages::overview::samples::{HOSTILE, ago, fingerprint};
use crate::pages::standing::Reader;

pub fn person(name: &str) -> Person {
    Person {
        issuer: "https://idp.example.org".into(),
        subject: format!("{name}-7f0e21c4"),
    }
}

/// Somebody who reads at the time of the samples.
pub fn reader(name: &str, role: Role) -> Reader {
    Reader {
        actor: Actor {
            person: person(name),
            name: name.into(),
            roles: [role].into(),
            address: None,
        },
        policy: Policy {
            quorum: Quorum::TWO,
            request_ttl: Duration::hours(24),
            execution_window: Duration::hours(1),
            login: LoginRules {
                max_age: Duration::minutes(5),
                skew: Duration::seconds(5),
            },
            roles: Rules {
                operators_approve: true,
            },
        },
        now: ago(0),
    }
}

fn steps() -> Vec<Step> {
    let argv = "pg_restore --exit-on-error --no-owner --role=ampora --jobs=4 --host=/run/postgresql --port=5432 \
                --dbname=ampora_restored ampora-20261006T0130.dump";
    let words = |line: &str| line.split_whitespace().map(String::from).collect();
    vec![
        Step::new(
            "verify-dump",
            "Reads the dump again: it has to be, byte for byte, the one that was approved.",
        ),
        Step::new(
            "create-database",
            "Makes the empty database ampora_restored, marked as this run’s until it is whole.",
        )
        .running(vec![
            "CREATE DATABASE ampora_restored TEMPLATE template0 OWNER ampora".into(),
        ]),
        Step::new("restore", "Restores schema and data; stops at the first error.").running(words(argv)),
        Step::new(
            "check-rows",
            "Counts the rows of 3 tables: each has to have as many as the dump.",
        ),
        Step::new("check-key", "Every sampled envelope opens with key c41e 5f06."),
        Step::new(
            "complete",
            "Marks ampora_restored as whole. From here on Muster doesn’t touch it.",
        ),
    ]
}

/// A dump into a new database.
pub fn restore() -> Plan {
    let rows = [
        ("public.agents", 6_214),
        ("public.audit_events", 182_340),
        ("public.tenants", 12),
    ];
    let target = Target {
        server: "/run/postgresql:5432".into(),
        system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_117)),
        server_version: "15.18".into(),
        database: "ampora_restored".parse().expect("a plain name"),
        owner: "ampora".into(),
        encoding: "UTF8".into(),
        collate: "C.UTF-8".into(),
        ctype: "C.UTF-8".into(),
    };
    let pinned = RestoreDump {
        deployment: "ampora-prod".into(),
        source: "dumps".into(),
        backup: "ampora-20261006T0130.dump".into(),
        dump_sha256: Sha256::of(&[b"dump"]),
        dump_bytes: Big(9_100_000),
        target,
        rows: rows.map(|(table, rows)| (table.to_owned(), Big(rows))).into(),
        settings: vec!["ALTER DATABASE ampora_restored SET statement_timeout TO '5min'".into()],
        key_fingerprint: Some(fingerprint('c')),
        tool_version: "15.18".into(),
        jobs: 4,
        steps: steps(),
    };
    let exact = |count| {
        Some(Range {
            min: count,
            max: Some(count),
        })
    };
    let advisory = Advisory {
        data_loss: Some(DataLoss {
            basis: Basis::Exact,
            as_of: ago(48),
            seconds: exact(6_872),
            audit_events: exact(2_418),
        }),
        resurrections: Vec::new(),
        durations: vec![24, 31, 19],
        warnings: vec!["The copy is 1 h 54 min older than production. Production itself isn’t touched.".into()],
    };
    Plan {
        pinned: pinned.into(),
        advisory,
        made_at: ago(48),
    }
}

/// A key, shown once.
pub fn key() -> Plan {
    let show = Step::new(
        "show",
        "After a fresh login of the requester: reads the version and writes it into one response.",
    );
    Plan {
        pinned: Pinned::RetrieveKey(RetrieveKey {
            deployment: "ampora-prod".into(),
            manager: "file /etc/muster/keys".into(),
            version: "2".into(),
            fingerprint: fingerprint('7'),
            delivery: Delivery::ShownOnce,
            steps: vec![show.destructive()],
        }),
        advisory: Advisory {
            data_loss: None,
            resurrections: Vec::new(),
            durations: Vec::new(),
            warnings: vec!["Whoever sees this key can open every secret it wraps.".into()],
        },
        made_at: ago(48),
    }
}

pub fn pending() -> State {
    State::Pending {
        approvals: Vec::new(),
        expires_at: ago(48) + Duration::hours(24),
    }
}

fn approval() -> Approval {
    Approval {
        person: person("operator-b"),
        name: "operator-b".into(),
        at: ago(20),
        note: format!("Checked with operator-a by phone. {HOSTILE}"),
    }
}

pub fn approved() -> State {
    State::Approved {
        approvals: vec![approval()],
        run_by: ago(20) + Duration::hours(1),
    }
}

pub fn consumed() -> State {
    State::Consumed {
        approvals: vec![approval()],
        run: RunId(Uuid::from_u128(9)),
        at: ago(15),
    }
}

/// The request of `operator-a`, number 7.
pub fn stored(plan: Plan, state: State) -> Stored {
    Stored {
        request: Request {
            id: RequestId(Uuid::from_u128(7)),
            number: 7,
            deployment: "ampora-prod".into(),
            digest: plan.pinned.digest(),
            requester: person("operator-a"),
            requester_name: "operator-a".into(),
            created_at: ago(40),
            state,
        },
        plan,
        reason: "A clean-up deleted 1,912 configuration versions of tenant north; I want to read what they were."
            .into(),
    }
}

/// The login behind the approval of `operator-b`, or behind their rejection.
pub fn decided(stored: &Stored, decision: Decision) -> Decided {
    Decided {
        challenge: Challenge {
            id: ChallengeId(Uuid::from_u128(8)),
            request: stored.request.id,
            digest: stored.request.digest,
            decision,
            random: [7; 32],
            created_at: ago(32),
            person: person("operator-b"),
        },
        raw_id_token: None,
        name: "operator-b".into(),
        roles: [Role::Operator].into(),
        note: format!("Checked with operator-a by phone. {HOSTILE}"),
        at: ago(20),
    }
}

/// The run, `done` steps far.
pub fn run(stored: &Stored, state: RunState, done: usize) -> Run {
    let over = state.is_over();
    let steps = stored.plan.pinned.steps().iter().enumerate().map(|(index, step)| {
        let state = match index {
            index if index < done => StepState::Done {
                since: ago(15),
                at: ago(11),
                detail: "as approved".into(),
            },
            index if index == done && !over => StepState::Running { since: ago(11) },
            index if index == done => match &state {
                RunState::Failed { reason, .. } => StepState::Failed {
                    since: ago(11),
                    at: ago(4),
                    detail: reason.clone(),
                },
                RunState::NeedsHuman { .. } => StepState::Running { since: ago(11) },
                _ => StepState::Waiting,
            },
            _ => StepState::Waiting,
        };
        (step.clone(), state)
    });
    Run {
        id: RunId(Uuid::from_u128(9)),
        request: stored.request.id,
        number: stored.request.number,
        deployment: stored.request.deployment.clone(),
        kind: stored.plan.pinned.kind().into(),
        steps: steps.collect(),
        state,
        fence: 1,
        worker: Some("web-1".into()),
        lease_until: Some(ago(-20)),
        cancel_wanted: false,
        created_at: ago(16),
        started_at: Some(ago(15)),
        finished_at: over.then(|| ago(3)),
    }
}

/// A log with words of a tool that nobody vouches for.
pub fn log() -> Tail {
    let line = |seq, stream, text: &str| StoredLine {
        seq,
        line: LogLine {
            at: ago(15 - seq),
            step: 2,
            stream,
            text: text.into(),
        },
    };
    Tail {
        lines: vec![
            line(1, LogStream::Note, "2 of 2 people proven to agree"),
            line(2, LogStream::Err, "pg_restore: creating TABLE \"public.agents\""),
            line(3, LogStream::Err, &format!("pg_restore: warning: {HOSTILE}")),
            line(4, LogStream::Out, "password=redacted"),
        ],
        of: 1_204,
    }
}

/// A request as `reader` sees it.
pub fn seen(stored: Stored, reader: &Reader, decision: Option<Decision>, run: Option<Run>) -> Seen {
    Seen {
        decisions: decision
            .map(|decision| decided(&stored, decision))
            .into_iter()
            .collect(),
        run,
        cannot_decide: reader.may_decide(&stored).err().map(|why| why.to_string()),
        cannot_run: reader.may_run(&stored).err().map(|why| why.to_string()),
        is_own: reader.owns(&stored),
        stored,
    }
}
