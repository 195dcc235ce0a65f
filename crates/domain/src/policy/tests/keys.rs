use super::world::*;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{Escrow, Rule};
use crate::status::Status;

fn escrow(world: &mut World, escrow: Escrow) {
    world.facts.repos[0].escrow = escrow;
}

#[test]
fn an_encrypted_repository_opens_with_the_escrow_alone() {
    check(
        Rule::BackupKeyEscrow,
        &[
            ("opens", |_| {}, Ok),
            ("no escrow", |w| escrow(w, Escrow::NotConfigured), Broken),
            (
                "the wrong passphrase",
                |w| {
                    escrow(
                        w,
                        Escrow::Refused {
                            reason: "bad decrypt".into(),
                        },
                    )
                },
                Broken,
            ),
            (
                "escrow unread",
                |w| {
                    escrow(
                        w,
                        Escrow::Unread {
                            reason: "timeout".into(),
                        },
                    )
                },
                Unknown,
            ),
            ("cipher not told", |w| w.facts.repos[0].cipher = None, Unknown),
            (
                "not encrypted",
                |w| {
                    w.facts.repos[0].cipher = Some("none".into());
                    escrow(w, Escrow::NotConfigured);
                },
                Ok,
            ),
            (
                "one of two has no escrow",
                |w| {
                    w.facts.repos.push(w.facts.repos[0].clone());
                    escrow(w, Escrow::NotConfigured);
                },
                Broken,
            ),
            ("no repository", |w| w.facts.repos.clear(), Unset),
            (
                "no repository known yet",
                |w| {
                    w.facts.repos.clear();
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
        ],
    );
}

#[test]
fn an_open_repository_says_that_it_is_open() {
    let mut world = good();
    world.facts.repos[0].cipher = Some("none".into());
    let line = world.line(Rule::BackupKeyEscrow);
    assert_eq!(
        line.detail,
        "pgbr-main repo1 isn’t encrypted: anyone who can read it can read the backups"
    );
}

fn proof(world: &mut World, status: Status) {
    world.facts.key.as_mut().expect("configured").status = status;
}

#[test]
fn the_proof_of_the_master_key_is_passed_on() {
    check(
        Rule::KeyEscrow,
        &[
            ("opens", |_| {}, Ok),
            ("doesn’t", |w| proof(w, Status::Broken), Broken),
            ("not proven", |w| proof(w, Status::Unknown), Unknown),
            ("no manager", |w| w.facts.key = None, Unset),
        ],
    );
}

#[test]
fn every_replica_is_in_step() {
    check(
        Rule::KeyReplication,
        &[
            ("in step", |_| {}, Ok),
            ("one lags", |w| w.facts.replicas.push(replica(Status::Broken)), Broken),
            (
                "one is unread",
                |w| w.facts.replicas.push(replica(Status::Unknown)),
                Unknown,
            ),
            ("none", |w| w.facts.replicas.clear(), Unset),
        ],
    );
}
