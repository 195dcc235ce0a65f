use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::ids::{Big, SystemIdentifier};
use crate::traces::Look;
use crate::vitals::{ArchiveState, Signs};
use crate::wal::Lsn;

fn at(minutes: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn identity(id: &str, ended: Option<Timestamp>) -> Identity {
    Identity {
        id: id.into(),
        name: format!("serial {id}"),
        ended,
        until: Some(at(10_000)),
    }
}

fn look(minute: i64, revoked: &[Identity], tokens: &[&str], peers: &[&str]) -> Look {
    let alive = |ids: &[&str]| Sign::Known(ids.iter().map(|id| identity(id, None)).collect());
    Look {
        at: at(minute),
        tenants: Sign::Known(2),
        hours: Sign::default(),
        oldest_event: Sign::default(),
        revoked: Sign::Known(revoked.to_vec()),
        tokens: alive(tokens),
        peers: alive(peers),
        access_tokens: Sign::unknown(Why::NotConfigured, "no table of access tokens is configured"),
        without_config: Sign::Known(0),
    }
}

fn roles(minute: i64, roles: &[(&str, &str)]) -> Vitals {
    let digests: BTreeMap<_, _> = roles
        .iter()
        .map(|(role, digest)| ((*role).to_owned(), (*digest).to_owned()))
        .collect();
    Vitals {
        read_at: at(minute),
        system_identifier: SystemIdentifier(Big(7)),
        server_version: "16.1".into(),
        database: "ampora".into(),
        database_size: Big(1),
        lsn: Lsn(0),
        timeline: 1,
        rows: BTreeMap::new(),
        migration_head: None,
        newest_audit_event: None,
        oldest_audit_event: None,
        heartbeat: None,
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: None,
            last_failed_at: None,
        },
        signs: Signs {
            role_passwords: Sign::Known(digests),
            ..Signs::default()
        },
    }
}

fn evidence<'a>(live: Option<&'a Withdrawn>, traces: Option<&'a Traces>) -> Evidence<'a> {
    Evidence {
        at: at(40),
        now: at(100),
        live,
        traces,
        readings: [None; 3],
        cluster: false,
    }
}

fn listed(all: &[Resurrection], kind: Revived) -> Vec<(Option<&str>, bool)> {
    let own = all.iter().filter(|one| one.kind == kind);
    own.map(|one| (one.id.as_deref(), one.certain)).collect()
}

#[test]
fn the_live_database_names_what_it_knows() {
    let live = Withdrawn {
        certificates: Sign::Known(vec![identity("ab", Some(at(50)))]),
        tokens: Sign::unknown(Why::NotConfigured, "redeeming deletes the row"),
        access_tokens: Sign::unknown(Why::NotConfigured, "no table of access tokens is configured"),
    };
    let all = revived(&evidence(Some(&live), None));
    assert_eq!(listed(&all, Revived::RevokedCertificate), [(Some("ab"), true)]);
    assert_eq!(listed(&all, Revived::RedeemedToken), [(None, false)]);
    assert_eq!(listed(&all, Revived::WithdrawnAccessToken), [(None, false)]);
    assert!(listed(&all, Revived::RolePassword).is_empty(), "a dump holds no roles");
}

#[test]
fn looks_tell_what_a_deleted_row_cannot() {
    let early = identity("early", Some(at(30)));
    let late = identity("late", Some(at(60)));
    let traces = Traces::default()
        .after(&look(
            20,
            std::slice::from_ref(&early),
            &["used-before", "used", "unsure", "kept"],
            &["peer"],
        ))
        .after(&look(
            30,
            std::slice::from_ref(&early),
            &["used", "unsure", "kept"],
            &["peer"],
        ))
        .after(&look(45, std::slice::from_ref(&early), &["used", "kept"], &["peer"]))
        .after(&look(70, &[early, late], &["kept"], &[]));
    let all = revived(&evidence(None, Some(&traces)));
    assert_eq!(listed(&all, Revived::RevokedCertificate), [(Some("late"), true)]);
    assert_eq!(
        listed(&all, Revived::RedeemedToken),
        [(Some("unsure"), false), (Some("used"), true)]
    );
    assert_eq!(listed(&all, Revived::RemovedPeer), [(Some("peer"), true)]);
}

#[test]
fn a_memory_that_begins_too_late_says_so() {
    let traces = Traces::default()
        .after(&look(60, &[], &["used"], &[]))
        .after(&look(70, &[], &[], &[]));
    let all = revived(&evidence(None, Some(&traces)));
    assert_eq!(
        listed(&all, Revived::RedeemedToken),
        [(Some("used"), false), (None, false)]
    );
    let nothing = revived(&evidence(None, None));
    assert!(
        nothing.iter().all(|one| one.id.is_none()) && nothing.len() == 4,
        "{nothing:?}"
    );
}

#[test]
fn passwords_go_back_with_the_cluster() {
    let (before, first) = (
        roles(35, &[("ampora", "a"), ("old", "o"), ("same", "s")]),
        roles(45, &[("ampora", "a"), ("same", "s")]),
    );
    let last = roles(90, &[("ampora", "b"), ("same", "s"), ("new", "n")]);
    let all = revived(&Evidence {
        readings: [Some(&before), Some(&first), Some(&last)],
        cluster: true,
        ..evidence(None, None)
    });
    assert_eq!(
        listed(&all, Revived::RolePassword),
        [(Some("ampora"), true), (Some("old"), false)]
    );
}
