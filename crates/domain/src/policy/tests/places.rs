use super::world::*;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{Immutability, Place, Rule, What};

fn of(world: &mut World, what: What) -> &mut Place {
    let mut places = world.facts.places.iter_mut();
    places.find(|place| place.what == what).expect("one of each")
}

fn another_open(world: &mut World) {
    let mut open = place(What::Backups, None);
    open.name = "/var/lib/pgbackrest".into();
    open.immutable = known(Immutability::Open);
    world.facts.places.push(open);
}

#[test]
fn one_copy_of_the_backups_can_t_be_deleted() {
    check(
        Rule::BackupImmutable,
        &[
            ("locked", |_| {}, Ok),
            ("locked, and another that isn’t", another_open, Ok),
            (
                "open",
                |w| of(w, What::Backups).immutable = known(Immutability::Open),
                Broken,
            ),
            ("unreadable", |w| of(w, What::Backups).immutable = unknown(), Unknown),
            (
                "one open, one unreadable",
                |w| {
                    of(w, What::Backups).immutable = unknown();
                    another_open(w);
                },
                Unknown,
            ),
            (
                "no place is told",
                |w| w.facts.places.retain(|place| place.what != What::Backups),
                Unknown,
            ),
        ],
    );
}

#[test]
fn what_isn_t_locked_is_named_beside_what_is() {
    let mut world = good();
    another_open(&mut world);
    let line = world.line(Rule::BackupImmutable);
    assert_eq!(line.actual.as_deref(), Some("1 of 2"));
    assert_eq!(
        line.detail,
        "backups in eu-west-2: object lock; but nothing keeps /var/lib/pgbackrest from being deleted"
    );
}

fn home(world: &mut World, what: What) {
    of(world, what).site = Some("EU-West-1".into());
}

#[test]
fn everything_lies_somewhere_else_too() {
    check(
        Rule::SecondSite,
        &[
            ("all away", |_| {}, Ok),
            ("the key is at home", |w| home(w, What::Key), Broken),
            (
                "at home and away",
                |w| {
                    home(w, What::Key);
                    w.facts.places.push(place(What::Key, Some("eu-west-2")));
                },
                Ok,
            ),
            ("a site isn’t told", |w| of(w, What::Images).site = None, Unknown),
            (
                "one at home, one not told",
                |w| {
                    home(w, What::Key);
                    w.facts.places.push(place(What::Key, None));
                },
                Unknown,
            ),
            (
                "images may be left out",
                |w| w.facts.places.retain(|place| place.what != What::Images),
                Ok,
            ),
            (
                "the key may not",
                |w| w.facts.places.retain(|place| place.what != What::Key),
                Unknown,
            ),
            ("nobody says where home is", |w| w.facts.home = None, Unknown),
            (
                "two sites are two, wherever home is",
                |w| {
                    w.facts.home = None;
                    w.facts
                        .places
                        .extend(What::ALL.map(|what| place(what, Some("us-east-1"))));
                },
                Ok,
            ),
            (
                "one site spelt in two ways is one",
                |w| {
                    w.facts.places.push(place(What::Key, Some("EU-WEST-1")));
                    home(w, What::Key);
                },
                Broken,
            ),
            ("nothing is configured", |w| w.facts.places.clear(), Unset),
        ],
    );
}
