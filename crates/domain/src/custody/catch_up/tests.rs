use super::*;
use crate::custody::{Keep, Life};
use crate::inventory::Envelopes;
use crate::status::Status;

fn fingerprint(digit: char) -> Fingerprint {
    Fingerprint::Keyed(digit.to_string().repeat(32))
}

fn listed_version(name: &str, keep: Keep) -> Version {
    Version {
        name: name.into(),
        created_at: None,
        current: name == "3",
        life: Life::Enabled,
        keep,
        labels: Vec::new(),
    }
}

fn read_version(name: &str, key: Option<char>) -> KeyVersion {
    KeyVersion {
        manager: "file /keys".into(),
        version: name.into(),
        fingerprint: key.map(fingerprint),
        key_id: None,
        created_at: None,
        current: name == "3",
        state: "enabled".into(),
        keep: Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens: Some(0),
        of: Some(7),
        detail: String::new(),
    }
}

/// Versions 1, 2 and 3, of which 3 is current; Ampora runs with a key that is none of them and opens everything.
fn behind() -> Keys {
    Keys {
        name: "demo".into(),
        verdict: Verdict::ManagerBehind,
        status: Status::Broken,
        detail: "only the key Ampora runs with opens 7 of 7 envelopes".into(),
        secret: Some(Secret {
            versions: ["1", "2", "3"].map(|name| listed_version(name, Keep::Kept)).into(),
            ..Secret::default()
        }),
        versions: vec![
            read_version("1", Some('a')),
            read_version("2", Some('b')),
            read_version("3", Some('c')),
        ],
        in_use: Some(InUse {
            source: "/etc/ampora/ampora.env".into(),
            fingerprint: Some(fingerprint('d')),
            key_id: None,
            version: None,
            previous_set: false,
            length_ok: Some(true),
            previous: None,
            opens: Some(7),
            of: Some(7),
            detail: String::new(),
        }),
        envelopes: Envelopes {
            sampled: 7,
            opened: 7,
            ..Envelopes::default()
        },
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
    }
}

/// The same with a manager that removes version 1 at the next write.
fn full(keep: Keep) -> Keys {
    let mut keys = behind();
    let secret = keys.secret.as_mut().expect("is described");
    secret.versions[0] = listed_version("1", keep);
    keys
}

fn writes(left: u32) -> Keep {
    Keep::Writes {
        left,
        why: "max_versions 3".into(),
    }
}

fn cell(backup: &str, version: Option<&str>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.into(),
        version: version.map(Into::into),
        status,
        proven_at: None,
        detail: String::new(),
        warning: None,
        at: None,
    }
}

/// The backup was tried as a whole, and needs a key that the manager doesn't have.
fn elsewhere(backup: &str) -> Coverage {
    Coverage {
        proven_at: Some(chrono::DateTime::UNIX_EPOCH),
        ..cell(backup, None, CoverageStatus::Missing)
    }
}

fn reasons(keys: &Keys, cells: Vec<Coverage>) -> String {
    ready(keys, &Ok(cells))
        .expect_err("something speaks against it")
        .join(" ")
}

#[test]
fn the_key_that_opens_everything_is_written_behind_the_current_version() {
    let ready = ready(&behind(), &Err("nobody looked".into())).expect("nothing is lost");
    assert_eq!((ready.expected.as_str(), ready.fingerprint), ("3", fingerprint('d')));
    assert!(ready.pruned.is_empty() && ready.held_as.is_none());
}

#[test]
fn every_other_verdict_is_another_disease() {
    for (verdict, says) in [
        (Verdict::InSync, "nothing to catch up"),
        (Verdict::ManagerAhead, "the old key back over the new one"),
        (Verdict::Mixed, "rotation is under way"),
        (Verdict::Foreign, "No key that can be reached"),
        (Verdict::Unknown, "isn’t proven"),
    ] {
        let keys = Keys { verdict, ..behind() };
        assert!(reasons(&keys, vec![]).contains(says), "{verdict:?}");
    }
}

#[test]
fn what_is_wrong_with_the_key_in_use_is_all_said_at_once() {
    type Spoil = fn(&mut Keys);
    let spoils: [(Spoil, &[&str]); 8] = [
        (|keys| keys.in_use = None, &["isn’t configured"]),
        (|keys| in_use_of(keys).fingerprint = None, &["isn’t known (/etc/ampora"]),
        (
            |keys| in_use_of(keys).fingerprint = Some(Fingerprint::Weak),
            &["isn’t a random key"],
        ),
        (|keys| in_use_of(keys).opens = Some(6), &["opens 6 of 7"]),
        (
            |keys| in_use_of(keys).of = Some(0),
            &["No envelope of the live database"],
        ),
        (|keys| keys.envelopes.unparsed = 1, &["1 sampled values"]),
        (
            |keys| keys.versions[2].fingerprint = None,
            &["current version 3 wasn’t read"],
        ),
        (
            |keys| {
                in_use_of(keys).opens = Some(6);
                keys.versions[2].current = false;
                keys.verdict = Verdict::Mixed;
            },
            &["opens 6 of 7", "names no current version", "rotation"],
        ),
    ];
    for (spoil, says) in spoils {
        let mut keys = behind();
        spoil(&mut keys);
        let reasons = reasons(&keys, vec![]);
        assert!(says.iter().all(|says| reasons.contains(says)), "{says:?}: {reasons}");
    }
}

fn in_use_of(keys: &mut Keys) -> &mut InUse {
    keys.in_use.as_mut().expect("is configured")
}

#[test]
fn a_version_that_a_kept_backup_needs_is_not_given_up() {
    use CoverageStatus::{Expected, Missing, Proven, Refuted, Unknown};
    let cells = |status| vec![cell("a.dump", Some("1"), status), cell("a.dump", Some("2"), Refuted)];
    for status in [Proven, Expected, Missing] {
        let reasons = reasons(&full(writes(1)), cells(status));
        assert!(
            reasons.contains("removes version 1, which kept backups need: a.dump"),
            "{reasons}"
        );
    }
    for unclear in [
        vec![cell("full-1", None, Unknown)],
        vec![cell("full-1", Some("2"), Expected), cell("full-1", None, Unknown)],
        vec![cell("full-1", Some("1"), Refuted), cell("full-1", None, Missing)],
    ] {
        let unknown = reasons(&full(writes(1)), unclear);
        assert!(
            unknown.contains("isn’t known whether these kept backups need it: full-1"),
            "{unknown}"
        );
    }
    let two = vec![cell("a.dump", Some("1"), Proven), cell("a.dump", Some("2"), Proven)];
    assert!(
        reasons(&full(writes(1)), two).contains("need: a.dump"),
        "it takes both keys"
    );
    let unread = ready(&full(writes(1)), &Err("dumps: no answer in time".into())).expect_err("unknown");
    assert!(unread[0].contains("no answer in time"), "{unread:?}");

    for free in [
        vec![],
        cells(Refuted),
        [cells(Refuted), vec![elsewhere("a.dump")]].concat(),
        vec![cell("full-1", None, Missing)],
        vec![cell("full-1", Some("2"), Expected)],
        vec![cell("b.dump", Some("1"), Refuted), cell("b.dump", Some("2"), Proven)],
    ] {
        let ready = ready(&full(writes(1)), &Ok(free)).expect("nobody needs it");
        assert_eq!(ready.pruned, ["1"], "the plan says so all the same");
    }
    assert!(
        ready(&full(writes(2)), &Ok(cells(Proven))).is_ok(),
        "it outlives this write"
    );
}

#[test]
fn a_version_of_unknown_end_is_held_to_be_lost() {
    use CoverageStatus::{Proven, Refuted};
    let proven = |version| {
        vec![
            cell("a.dump", Some("1"), Refuted),
            cell("a.dump", Some(version), Proven),
        ]
    };
    assert!(reasons(&full(Keep::Unknown), proven("1")).contains("kept backups need: a.dump"));
    let ready = ready(&full(Keep::Unknown), &Ok(proven("2"))).expect("another version opens it");
    assert!(ready.pruned.is_empty(), "nobody knows that it goes");
}

#[test]
fn a_key_that_stays_under_another_name_is_not_lost() {
    use CoverageStatus::Proven;
    let mut twice = full(writes(1));
    twice.versions[1].fingerprint = twice.versions[0].fingerprint.clone();
    let mut own = full(writes(1));
    own.versions[0].fingerprint = Some(fingerprint('d'));
    for keys in [twice, own] {
        let ready = ready(&keys, &Ok(vec![cell("a.dump", Some("1"), Proven)])).expect("the key is kept");
        assert_eq!(ready.pruned, ["1"]);
    }
    let mut weak = full(writes(1));
    for version in &mut weak.versions[..2] {
        version.fingerprint = Some(Fingerprint::Weak);
    }
    let reasons = reasons(&weak, vec![cell("a.dump", Some("1"), Proven)]);
    assert!(
        reasons.contains("kept backups need"),
        "weak keys can’t be told apart: {reasons}"
    );
}
