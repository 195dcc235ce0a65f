use super::*;
use leptos_router::params::ParamsMap;

fn address() -> Address {
    Address::new("/requests/new", ParamsMap::new())
}

#[test]
fn a_dump_is_named_by_one_choice_or_by_a_link() {
    let chosen = Asked::of(&address().with("dump", "a/b/x.dump"), "demo");
    let linked = Asked::of(&address().with("source", "a/b").with("backup", "x.dump"), "demo");
    assert_eq!(chosen, linked);
    assert_eq!((chosen.source.as_str(), chosen.backup.as_str()), ("a/b", "x.dump"));
    assert_eq!(chosen.missing(), ["Name the new database."]);
}

#[test]
fn white_space_around_what_was_typed_is_nobodys_wish() {
    let typed = address()
        .with("kind", "retrieve-key")
        .with("version", "v2")
        .with("recipient", "  ");
    let Wish::RetrieveKey { version, delivery, .. } = Asked::of(&typed, "demo").wish() else {
        panic!("a key was asked for");
    };
    assert_eq!((version.as_str(), delivery), ("v2", Wanted::Shown));
}

#[test]
fn what_is_posted_is_what_was_typed() {
    let key = address().with("kind", "retrieve-key").with("version", "2");
    let of = |address: &Address| Asked::of(address, "demo");
    let split = key
        .with("to", "split")
        .with("recipient", "age1a ")
        .with("recipient_2", "age1b");
    let placed = key.with("to", "placed").with("destination", "dr").with("name", " keys");
    assert!(of(&split).missing().is_empty() && of(&placed).missing().is_empty());
    let recipients = ["age1a".to_owned(), "age1b".to_owned()];
    for (asked, delivery) in [
        (of(&key), Wanted::Shown),
        (
            of(&key.with("recipient", "age1a")),
            Wanted::Sealed {
                recipient: "age1a".into(),
            },
        ),
        (of(&split), Wanted::Split { recipients }),
        (
            of(&placed),
            Wanted::Placed {
                destination: "dr".into(),
                name: "keys".into(),
            },
        ),
    ] {
        let Wish::RetrieveKey { delivery: wished, .. } = asked.wish() else {
            panic!("a key was asked for");
        };
        assert_eq!(wished, delivery);
        let posted = asked
            .fields()
            .into_iter()
            .fold(address(), |address, (name, value)| address.with(name, value));
        assert_eq!(of(&posted).wish(), asked.wish());
    }
    let bare = of(&key.with("to", "placed")).missing();
    assert_eq!(bare, ["Choose the destination.", "Name the new place."]);
    assert_eq!(
        of(&key.with("to", "split").with("recipient", "age1a")).missing().len(),
        1
    );
    let disaster = placed
        .with("kind", "full-disaster")
        .with("dump", "dumps/a.dump")
        .with("database", " anew ");
    let Wish::FullDisaster(wished) = of(&disaster).wish() else {
        panic!("all of it was asked for");
    };
    assert_eq!(
        (wished.backup.as_str(), wished.database.as_str(), wished.name.as_str()),
        ("a.dump", "anew", "keys")
    );
    let posted = of(&disaster)
        .fields()
        .into_iter()
        .fold(address(), |address, (name, value)| address.with(name, value));
    assert_eq!(of(&posted).wish(), of(&disaster).wish());
    assert_eq!(of(&address().with("kind", "full-disaster")).missing().len(), 4);
    assert!(
        of(&address().with("kind", "key-catch-up")).missing().is_empty(),
        "nothing is to be chosen"
    );
}

#[test]
fn where_a_cluster_is_set_back_is_part_of_what_is_posted() {
    let beside = address()
        .with("kind", "restore-pitr")
        .with("source", "main")
        .with("at", "latest");
    for (address, expected) in [(beside.clone(), false), (beside.with("in_place", "on"), true)] {
        let asked = Asked::of(&address, "demo");
        let Wish::RestorePitr { in_place, .. } = asked.wish() else {
            panic!("a cluster is to be set back");
        };
        assert_eq!(in_place, expected);
        assert_eq!(asked.fields().contains(&("in_place", "on".to_owned())), expected);
    }
}
