//! A year of requests: most of them over, many of them run, a few that wait.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use chrono::TimeDelta;
use domain::approval::{Approval, Request, State};
use domain::ids::{Big, Person, RequestId, RunId, Sha256, SystemIdentifier};
use domain::plan::{Advisory, Pinned, Plan, RestoreDump, Step, Target};
use domain::run::{RunState, StepState};
use domain::time::Timestamp;
use serde_json::to_value;
use store::requests::NewRequest;
use store::{PgConnection, Store};
use uuid::Uuid;

use super::half;
use super::log::person;

/// One deployment in so many has a request that waits.
const WAITING: usize = 10;
/// Tables of the dump that is restored.
const TABLES: usize = 40;

/// The id of the request that was made as this one.
pub fn id(number: usize) -> RequestId {
    RequestId(Uuid::from_bytes(half("request", number)))
}

pub async fn fill(store: &Store, names: &[String], each: usize, now: Timestamp) {
    let mut number = 0;
    let step = TimeDelta::days(360) / i32::try_from((names.len() * each).max(1)).expect("thousands");
    for age in (0..each).rev() {
        for (place, name) in names.iter().enumerate() {
            let made = i32::try_from(age * names.len() + names.len() - place).expect("thousands");
            let waits = age == 0 && place % WAITING == 0;
            let at = if waits {
                now - TimeDelta::hours(1)
            } else {
                now - TimeDelta::days(2) - step * made
            };
            let mut tx = store.begin().await.expect("begins");
            let request = request(&mut tx, name, number, at).await;
            if !waits {
                end(&mut tx, request, number, at).await;
            }
            tx.commit().await.expect("commits");
            number += 1;
        }
    }
}

async fn request(conn: &mut PgConnection, deployment: &str, number: usize, at: Timestamp) -> Request {
    let (requester, requester_name) = person(number);
    let plan = plan(deployment, number, at);
    let new = NewRequest {
        id: id(number),
        deployment: deployment.into(),
        plan: &plan,
        requester: &requester,
        requester_name,
        reason: format!("Rehearsal {number}: does last night’s dump come back?"),
        created_at: at,
        expires_at: at + TimeDelta::hours(24),
    };
    store::requests::insert(conn, new).await.expect("takes the request")
}

/// Half of them were run; the others ended in one of the other ways.
async fn end(conn: &mut PgConnection, request: Request, number: usize, at: Timestamp) {
    let at = at + TimeDelta::minutes(20);
    let (person, name) = person(number + 1);
    let run = RunId(Uuid::from_bytes(half("run", number)));
    let note = "looked at the plan".to_owned();
    let approvals = |person: Person, name, note| vec![Approval { person, name, at, note }];
    let state = match number % 8 {
        0..4 => State::Consumed {
            approvals: approvals(person, name, note),
            run,
            at,
        },
        4 => State::Rejected { person, name, at, note },
        5 => State::Withdrawn { at },
        6 => State::Expired { at },
        _ => State::Stale {
            moved: vec!["dump_sha256 was 51ab… and is 9f3c…".into()],
            at,
        },
    };
    if matches!(state, State::Consumed { .. }) {
        finished(conn, run, &request, at).await;
    }
    let request = Request { state, ..request };
    store::requests::save(conn, &request).await.expect("takes the state");
}

async fn finished(conn: &mut PgConnection, run: RunId, request: &Request, at: Timestamp) {
    store::runs::insert(conn, run, request, &steps(), at)
        .await
        .expect("takes the run");
    let end = at + TimeDelta::minutes(11);
    let done = StepState::Done {
        since: at,
        at: end,
        detail: "48173240 rows".into(),
    };
    let state = to_value(RunState::Succeeded { at: end }).expect("plain values");
    sqlx::query("update runs set state = $2, worker = 'one', started_at = $3, finished_at = $4 where id = $1")
        .bind(run.0)
        .bind(state)
        .bind(at)
        .bind(end)
        .execute(&mut *conn)
        .await
        .expect("ends the run");
    sqlx::query("update run_steps set state = $2 where run = $1")
        .bind(run.0)
        .bind(to_value(done).expect("plain values"))
        .execute(&mut *conn)
        .await
        .expect("ends its steps");
}

fn steps() -> Vec<Step> {
    let names = [
        "verify-dump",
        "create-database",
        "restore",
        "settings",
        "compare",
        "publish",
    ];
    names.map(|name| Step::new(name, "As the plan says.")).into()
}

fn plan(deployment: &str, number: usize, at: Timestamp) -> Plan {
    let rows = (0..TABLES).map(|table| (format!("public.table_{table:02}"), Big(1_204_331)));
    let pinned = RestoreDump {
        deployment: deployment.into(),
        source: "nightly".into(),
        backup: at.format("ampora-%Y-%m-%dT%H%M%SZ.dump").to_string(),
        dump_sha256: Sha256(super::drawn("dump", number)),
        dump_bytes: Big(6_731_201_536),
        target: Target {
            server: "restore.example:5432".into(),
            system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_001)),
            server_version: "16.4".into(),
            database: "ampora_rehearsal".parse().expect("a name"),
            owner: "ampora".into(),
            encoding: "UTF8".into(),
            collate: "C.UTF-8".into(),
            ctype: "C.UTF-8".into(),
            provider: domain::locale::LocaleProvider::Libc,
        },
        rows: BTreeMap::from_iter(rows),
        settings: Vec::new(),
        key_fingerprint: None,
        tool_version: "16.4".into(),
        jobs: 4,
        steps: steps(),
    };
    let advisory = Advisory {
        durations: repeat_n(660, 5).collect(),
        warnings: vec!["No key at hand opens this dump’s envelopes.".into()],
        ..Advisory::default()
    };
    Plan {
        pinned: Pinned::from(pinned),
        advisory,
        made_at: at,
    }
}
