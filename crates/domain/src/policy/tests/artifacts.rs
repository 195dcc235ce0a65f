use chrono::TimeDelta;

use super::world::*;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{Fact, Rule, TlsEnd};
use crate::status::Status;

fn tls(world: &mut World) -> &mut TlsEnd {
    match &mut world.facts.tls {
        Some(Fact::Known { value, .. }) => value,
        _ => unreachable!("the good world serves a certificate"),
    }
}

#[test]
fn the_chain_lasts() {
    check(
        Rule::TlsExpiry,
        &[
            ("sixty days", |_| {}, Ok),
            (
                "exactly as promised",
                |w| tls(w).not_after = NOW + TimeDelta::days(21),
                Ok,
            ),
            ("five days", |w| tls(w).not_after = NOW + TimeDelta::days(5), Broken),
            ("ended", |w| tls(w).not_after = days_ago(1), Broken),
            (
                "ended, with no time promised beyond the end",
                |w| {
                    tls(w).not_after = NOW;
                    w.promises.tls_expiry = Some(TimeDelta::zero());
                },
                Broken,
            ),
            ("not read whole", |w| tls(w).status = Status::Unknown, Unknown),
            (
                "not read whole, but what was read ends soon",
                |w| {
                    tls(w).status = Status::Unknown;
                    tls(w).not_after = days_ago(-3);
                },
                Broken,
            ),
            ("no answer", |w| w.facts.tls = Some(unknown()), Unknown),
            ("not configured", |w| w.facts.tls = None, Unset),
            ("no limit", |w| w.promises.tls_expiry = None, Unset),
        ],
    );
}

#[test]
fn what_is_left_is_said_and_so_is_what_is_over() {
    let mut world = good();
    assert_eq!(world.line(Rule::TlsExpiry).actual.as_deref(), Some("60 d left"));
    tls(&mut world).not_after = hours_ago(5);
    assert_eq!(world.line(Rule::TlsExpiry).actual.as_deref(), Some("ended 5 h ago"));
}

#[test]
fn every_image_answers() {
    check(
        Rule::ImagePullable,
        &[
            ("pullable", |_| {}, Ok),
            (
                "one lost its manifest",
                |w| w.facts.images = Some(known(vec![image(Status::Ok), image(Status::Broken)])),
                Broken,
            ),
            (
                "one wasn’t asked for",
                |w| w.facts.images = Some(known(vec![image(Status::Ok), image(Status::Unknown)])),
                Unknown,
            ),
            (
                "none was looked at",
                |w| w.facts.images = Some(known(Vec::new())),
                Unknown,
            ),
            ("no answer", |w| w.facts.images = Some(unknown()), Unknown),
            ("not configured", |w| w.facts.images = None, Unset),
        ],
    );
}
