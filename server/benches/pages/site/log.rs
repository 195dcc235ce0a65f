//! A year of the audit log: made, hashed and numbered by Muster's own code, and written in bulk.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::audit::{Entry, Outcome, Phase, Tree, Who, leaf_hash};
use domain::ids::{EntryId, Person};
use domain::role::Role;
use domain::time::Timestamp;
use sqlx::Row as _;
use store::Store;
use uuid::Uuid;

use super::{Scale, half, requests};

/// People who appear in the log.
const PEOPLE: usize = 40;
/// Entries that are written at once.
const BATCH: usize = 10_000;

/// One of the people, by a number.
pub fn person(number: usize) -> (Person, String) {
    let number = number % PEOPLE;
    let person = Person {
        issuer: "https://login.example".into(),
        subject: format!("person-{number}"),
    };
    (person, format!("Person {number}"))
}

/// Columns as they are bound.
#[derive(Default)]
struct Batch {
    ids: Vec<Uuid>,
    leaves: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
    roots: Vec<Vec<u8>>,
    at: Vec<Timestamp>,
    actions: Vec<String>,
    phases: Vec<&'static str>,
    outcomes: Vec<Option<&'static str>>,
    intents: Vec<Option<Uuid>>,
    people: Vec<String>,
    deployments: Vec<Option<String>>,
    requests: Vec<Option<Uuid>>,
}

/// Writes the log up to `now`.
pub async fn fill(store: &Store, names: &[String], scale: &Scale, now: Timestamp) {
    let total = scale.audit_entries;
    let asked = names.len() * scale.requests;
    let age = TimeDelta::days(scale.days) / i32::try_from(total.max(1)).expect("millions");
    let mut tree = Tree::default();
    for first in (0..total).step_by(BATCH) {
        let mut batch = Batch::default();
        for number in first..total.min(first + BATCH) {
            let at = now - age * i32::try_from(total - number).expect("millions");
            batch.add(
                entry(number, &names[number / 2 % names.len()], asked, at),
                &mut tree,
                number,
            );
        }
        batch.write(store, first).await;
    }
}

/// Readings of keys in their two halves, and between them what people do.
fn entry(number: usize, deployment: &str, asked: usize, at: Timestamp) -> Entry {
    let phase = match number % 10 {
        0..6 if number.is_multiple_of(2) => Phase::Intent,
        0..6 => Phase::Outcome,
        _ => Phase::Fact,
    };
    let action = match (phase, number % 10) {
        (Phase::Fact, 6) => "session.begin",
        (Phase::Fact, 7) => "request.create",
        (Phase::Fact, _) => "login.accept",
        _ => "key.read",
    };
    let ended = if number.is_multiple_of(101) {
        Outcome::Refused
    } else {
        Outcome::Ok
    };
    let (who, name) = match phase {
        Phase::Fact => person(number / 10),
        _ => (
            Person {
                issuer: "muster".into(),
                subject: "collector".into(),
            },
            "collector".into(),
        ),
    };
    let of_request = asked > 0 && matches!(action, "request.create" | "login.accept");
    Entry {
        id: EntryId(id(number)),
        at,
        who: Who {
            person: who,
            name,
            roles: vec![Role::Operator],
            address: None,
        },
        action: action.into(),
        phase,
        outcome: (phase != Phase::Intent).then_some(ended),
        intent: (phase == Phase::Outcome).then(|| EntryId(id(number - 1))),
        deployment: (action != "session.begin").then(|| deployment.to_owned()),
        request: of_request.then(|| requests::id(number / 10 % asked)),
        object: format!("version 3 of file /srv/keys/{deployment}"),
        detail: BTreeMap::from([("fingerprint".into(), "c41e5f06a2b3d4e5c41e5f06a2b3d4e5".into())]),
    }
}

fn id(number: usize) -> Uuid {
    Uuid::from_bytes(half("entry", number))
}

impl Batch {
    fn add(&mut self, entry: Entry, tree: &mut Tree, number: usize) {
        let leaf = entry.leaf(half("salt", number));
        let hash = leaf_hash(&leaf);
        tree.append(hash);
        self.ids.push(entry.id.0);
        self.leaves.push(leaf);
        self.hashes.push(hash.0.to_vec());
        self.roots.push(tree.root().0.to_vec());
        self.at.push(entry.at);
        self.phases.push(entry.phase.word());
        self.outcomes.push(entry.outcome.map(Outcome::word));
        self.intents.push(entry.intent.map(|intent| intent.0));
        let Who { person, name, .. } = entry.who;
        self.people.push([name, person.subject, person.issuer].join("\n"));
        self.actions.push(entry.action);
        self.deployments.push(entry.deployment);
        self.requests.push(entry.request.map(|request| request.0));
    }

    /// Entries and their places, `first` being the first one's.
    async fn write(self, store: &Store, first: usize) {
        let written = sqlx::query(
            "insert into audit_entries
                 (id, leaf, leaf_hash, at, action, phase, outcome, intent, person, deployment, request)
             select id, leaf, leaf_hash, at, action, phase, outcome, intent, person, deployment, request
             from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                         $8::uuid[], $9::text[], $10::text[], $11::uuid[])
                  with ordinality as entries
                      (id, leaf, leaf_hash, at, action, phase, outcome, intent, person, deployment, request, place)
             order by place returning number",
        )
        .bind(self.ids)
        .bind(self.leaves)
        .bind(self.hashes)
        .bind(self.at)
        .bind(self.actions)
        .bind(self.phases)
        .bind(self.outcomes)
        .bind(self.intents)
        .bind(self.people)
        .bind(self.deployments)
        .bind(self.requests)
        .fetch_all(store.pool())
        .await
        .expect("takes the entries");
        let numbers: Vec<i64> = written.iter().map(|row| row.get(0)).collect();
        sqlx::query(
            "insert into audit_sequence (index, entry, root)
             select $1 + place - 1, entry, root
             from unnest($2::bigint[], $3::bytea[]) with ordinality as places (entry, root, place)",
        )
        .bind(i64::try_from(first).expect("millions"))
        .bind(numbers)
        .bind(self.roots)
        .execute(store.pool())
        .await
        .expect("takes the places");
    }
}
