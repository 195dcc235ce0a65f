//! Plausible values, so that a test shows only what it is about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, SubsecRound};
use domain::approval::{Challenge, Decision, Request};
use domain::audit::{Entry, Outcome, Phase, Who};
use domain::ids::{Big, ChallengeId, EntryId, Person, RequestId, RunId, Sha256, SystemIdentifier};
use domain::key::Fingerprint;
use domain::plan::{Advisory, Pinned, Plan, RestoreDump, Step, Target};
use domain::role::Role;
use domain::time::Timestamp;
use store::challenges::PendingLogin;
use store::decisions::Decided;
use store::requests::NewRequest;
use store::{Store, Tx};
use uuid::Uuid;

pub fn uuid() -> Uuid {
    Uuid::from_bytes(rand::random())
}

/// PostgreSQL keeps microseconds.
pub async fn now(store: &Store) -> Timestamp {
    store.now().await.unwrap().trunc_subsecs(6)
}

pub fn person(name: &str) -> Person {
    Person {
        issuer: "https://idp.example".into(),
        subject: name.into(),
    }
}

pub fn entry(at: Timestamp) -> Entry {
    Entry {
        id: EntryId(uuid()),
        at,
        who: Who {
            person: person("a"),
            name: "Ada".into(),
            roles: vec![Role::Operator],
            address: None,
        },
        action: "request.create".into(),
        phase: Phase::Fact,
        outcome: Some(Outcome::Ok),
        intent: None,
        deployment: Some("demo".into()),
        request: None,
        object: "request 1".into(),
        detail: BTreeMap::from([("digest".into(), "9f3a".into())]),
    }
}

pub async fn append(store: &Store, entry: &Entry) {
    let mut tx = store.begin().await.unwrap();
    store::audit::append(&mut tx, entry, rand::random()).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn steps() -> Vec<Step> {
    vec![
        Step::new("verify-dump", "Reads the dump again."),
        Step::new("create-database", "Makes an empty database.").destructive(),
    ]
}

pub fn plan(deployment: &str, at: Timestamp) -> Plan {
    Plan {
        pinned: Pinned::from(RestoreDump {
            deployment: deployment.into(),
            source: "dumps".into(),
            backup: "ampora.dump".into(),
            dump_sha256: Sha256([1; 32]),
            dump_bytes: Big(9_007_199_254_740_993),
            target: Target {
                server: "db1:5432".into(),
                system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_000)),
                server_version: "15.20".into(),
                database: "ampora_restored".parse().unwrap(),
                owner: "ampora".into(),
                encoding: "UTF8".into(),
                collate: "C".into(),
                ctype: "C".into(),
                provider: domain::locale::LocaleProvider::Libc,
            },
            rows: BTreeMap::from([("public.tenants".into(), Big(3))]),
            settings: vec![],
            key_fingerprint: Some(Fingerprint::Keyed("c41e5f06".repeat(4))),
            tool_version: "15.20".into(),
            jobs: 2,
            steps: steps(),
        }),
        advisory: Advisory {
            durations: vec![131],
            warnings: vec!["Umlaute: ä, and a quote: \"".into()],
            ..Advisory::default()
        },
        made_at: at,
    }
}

/// Puts a plan up for approval.
pub async fn requested(store: &Store, deployment: &str) -> Request {
    let mut tx = store.begin().await.unwrap();
    let request = requested_in(&mut tx, deployment, now(store).await).await;
    tx.commit().await.unwrap();
    request
}

pub async fn requested_in(tx: &mut Tx, deployment: &str, at: Timestamp) -> Request {
    let new = NewRequest {
        id: RequestId(uuid()),
        deployment: deployment.into(),
        plan: &plan(deployment, at),
        requester: &person("a"),
        requester_name: "Ada".into(),
        reason: "Because of the 5 % bug".into(),
        created_at: at,
        expires_at: at + Duration::hours(24),
    };
    store::requests::insert(tx, new).await.unwrap()
}

/// Queues a run of a new request.
pub async fn queued(store: &Store, deployment: &str) -> RunId {
    let request = requested(store, deployment).await;
    let run = RunId(uuid());
    let mut tx = store.begin().await.unwrap();
    store::runs::insert(&mut tx, run, &request, &steps(), now(store).await)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    run
}

pub fn challenge(request: &Request, decision: Decision, who: &str) -> Challenge {
    Challenge {
        id: ChallengeId(uuid()),
        request: request.id,
        digest: request.digest,
        decision,
        random: rand::random(),
        created_at: request.created_at,
        person: person(who),
    }
}

pub fn pending(challenge: &Challenge) -> PendingLogin {
    PendingLogin {
        state_hash: Sha256::of(&[challenge.id.to_string().as_bytes()]),
        session_hash: Sha256([5; 32]),
        pkce_verifier: "verifier".into(),
        note: "looked at the plan".into(),
    }
}

pub fn decided(challenge: Challenge) -> Decided {
    Decided {
        at: challenge.created_at,
        challenge,
        raw_id_token: Some("header.payload.signature".into()),
        name: "Bob".into(),
        roles: BTreeSet::from([Role::Operator, Role::Approver]),
        note: "looked at the plan".into(),
    }
}
