//! Chains as clients judge them, and what ends first.

use rustls::pki_types::CertificateDer;

use super::super::certificate::Certificate;
use super::super::chain::{FirstToEnd, Served};
use super::super::names::Names;
use super::super::pem::{self, Block};
use super::super::roots::Roots;
use super::super::verdict::ChainVerdict;
use super::*;

fn judge(served: &[Vec<u8>], saved: &[Vec<u8>], roots: &[Vec<u8>], now: Timestamp) -> (ChainVerdict, FirstToEnd) {
    let read = |all: &[Vec<u8>]| {
        all.iter()
            .map(|der| Certificate::read(der).unwrap())
            .collect::<Vec<_>>()
    };
    let roots = Roots {
        certificates: roots.iter().map(|der| CertificateDer::from(der.clone())).collect(),
        declared: false,
    };
    let (links, saved) = (read(served), read(saved));
    let served = Served {
        links: &links,
        saved: &saved,
        roots: &roots,
    };
    let (verdict, ends) = served.judge(now);
    (verdict, ends.unwrap())
}

fn declared(served: &[Vec<u8>], roots: &[Vec<u8>]) -> ChainVerdict {
    let links: Vec<_> = served.iter().map(|der| Certificate::read(der).unwrap()).collect();
    let roots = Roots {
        certificates: roots.iter().map(|der| CertificateDer::from(der.clone())).collect(),
        declared: true,
    };
    let served = Served {
        links: &links,
        saved: &[],
        roots: &roots,
    };
    served.judge(day(10)).0
}

#[test]
fn a_whole_chain_is_trusted_in_any_order_and_with_strays() {
    let chain = Chain::new();
    let stray = Authority::root("Stray", life(0, 1));
    let served = [
        chain.leaf.der(),
        stray.der(),
        chain.root.der(),
        chain.intermediate.der(),
    ];
    let (verdict, ends) = judge(&served, &[], &[chain.root.der()], day(10));
    assert_eq!(
        verdict,
        ChainVerdict::Trusted {
            root: "CN=Test root".into()
        }
    );
    assert_eq!(
        (ends.subject.as_str(), ends.at),
        ("CN=ampora.example.org", day(90)),
        "a stray ends nothing"
    );
}

#[test]
fn the_chain_ends_with_its_first_certificate_to_end() {
    let root = Authority::root("Test root", long());
    let intermediate = root.intermediate("Short", life(0, 20));
    let leaf = intermediate.issue(&[NAME], life(0, 90));
    let served = [leaf.der(), intermediate.der()];
    let (verdict, ends) = judge(&served, &[], &[root.der()], day(15));
    assert_eq!(verdict.status(), Status::Ok);
    assert_eq!((ends.subject.as_str(), ends.at), ("CN=Short", day(20)));

    let (verdict, ends) = judge(&served, &[], &[root.der()], day(21));
    let subject = "CN=Short".to_owned();
    assert_eq!(verdict, ChainVerdict::Expired { subject, at: day(20) });
    assert_eq!(ends.at, day(20));

    let short_root = Authority::root("Short root", life(0, 30));
    let leaf = short_root.issue(&[NAME], life(0, 90));
    let (verdict, ends) = judge(&[leaf.der()], &[], &[short_root.der()], day(31));
    assert_eq!((verdict.status(), ends.at), (Status::Broken, day(30)), "{verdict:?}");
}

#[test]
fn a_certificate_out_of_its_time_is_broken_whoever_made_it() {
    let chain = Chain::new();
    let served = [chain.leaf.der(), chain.intermediate.der()];
    for roots in [vec![chain.root.der()], Vec::new()] {
        let (late, _) = judge(&served, &[], &roots, day(91));
        assert!(
            matches!(late, ChainVerdict::Expired { at, .. } if at == day(90)),
            "{late:?}"
        );
        let (early, _) = judge(&served, &[], &roots, day(-1));
        assert!(
            matches!(early, ChainVerdict::NotYetValid { from, .. } if from == day(0)),
            "{early:?}"
        );
    }
}

#[test]
fn a_hole_is_told_from_an_unknown_root() {
    let chain = Chain::new();
    let whole = [chain.leaf.der(), chain.intermediate.der(), chain.root.der()];
    let (unknown, _) = judge(&whole, &[], &[], day(10));
    let root = "CN=Test root".to_owned();
    assert_eq!(unknown, ChainVerdict::UnknownRoot { root, declared: false });
    assert_eq!(unknown.status(), Status::Unknown);

    let missing = "CN=Test intermediate".to_owned();
    let (hole, _) = judge(&[chain.leaf.der()], &[], &[], day(10));
    assert_eq!(
        hole,
        ChainVerdict::Incomplete {
            missing: missing.clone(),
            certain: false
        }
    );
    assert_eq!(hole.status(), Status::Unknown);
    let (certain, _) = judge(
        &[chain.leaf.der()],
        &[chain.intermediate.der()],
        &[chain.root.der()],
        day(10),
    );
    assert_eq!(certain, ChainVerdict::Incomplete { missing, certain: true });
    assert_eq!(certain.status(), Status::Broken);
}

#[test]
fn a_declared_root_must_be_reached() {
    let (chain, other) = (Chain::new(), Authority::root("Other root", long()));
    let whole = [chain.leaf.der(), chain.intermediate.der(), chain.root.der()];
    assert_eq!(declared(&whole, &[chain.root.der()]).status(), Status::Ok);
    assert_eq!(declared(&whole, &[other.der()]).status(), Status::Broken);
    assert_eq!(declared(&whole[..1], &[chain.root.der()]).status(), Status::Broken);
}

#[test]
fn a_root_of_the_same_name_and_another_key_is_refused() {
    let (chain, same_name) = (Chain::new(), Authority::root("Test root", long()));
    let served = [chain.leaf.der(), chain.intermediate.der()];
    let (verdict, _) = judge(&served, &[], &[same_name.der()], day(10));
    assert!(
        matches!(&verdict, ChainVerdict::Refused { reason } if reason.contains("signature")),
        "{verdict:?}"
    );
}

#[test]
fn one_that_vouches_for_itself_is_believed_where_it_is_a_root() {
    let own = Issued::self_signed(&[NAME], life(0, 90));
    let (unknown, ends) = judge(&[own.der()], &[], &[], day(10));
    assert_eq!((unknown.status(), ends.at), (Status::Unknown, day(90)), "{unknown:?}");
    assert_eq!(judge(&[own.der()], &[], &[own.der()], day(10)).0.status(), Status::Ok);
    assert_eq!(
        judge(&[own.der()], &[], &[own.der()], day(91)).0.status(),
        Status::Broken
    );
}

/// The first certificate of a fixture, alone in its chain.
fn fixed(name: &str) -> [Vec<u8>; 1] {
    let blocks = pem::blocks(&fs::read(fixture(name)).unwrap()).unwrap();
    let first = blocks.into_iter().find_map(|block| match block {
        Block::Certificate(der) => Some(der),
        _ => None,
    });
    [first.unwrap()]
}

#[test]
fn odd_certificates_are_unknown_with_the_reason() {
    let (old, root) = (fixed("version-1.pem"), fixed("root.pem"));
    let (verdict, _) = judge(&old, &[], &root, day(400));
    assert!(
        matches!(&verdict, ChainVerdict::Unread { reason } if reason.contains("version 3")),
        "{verdict:?}"
    );
    let names = Names::check(&CertificateDer::from(old[0].as_slice()), vec![NAME.into()]);
    assert_eq!(names.status(), Status::Unknown, "{}", names.words());

    let authority = fixed("self-signed-authority.pem");
    assert_eq!(judge(&authority, &[], &[], day(400)).0.status(), Status::Unknown);
    assert_eq!(judge(&authority, &[], &authority, day(400)).0.status(), Status::Ok);
}

#[test]
fn every_name_must_be_covered() {
    let authority = Authority::root("Test root", long());
    let issued = authority.issue(
        &["ampora.example.org", "*.agents.example.org", "192.0.2.7", "2001:db8::7"],
        long(),
    );
    let check = |names: &[&str]| {
        let asked = names.iter().map(|name| (*name).to_owned()).collect();
        Names::check(&CertificateDer::from(issued.der()), asked)
    };
    let all = check(&[
        "ampora.example.org",
        "AMPORA.example.org",
        "eu.agents.example.org",
        "192.0.2.7",
        "2001:db8::7",
    ]);
    assert_eq!((all.status(), all.missing.len()), (Status::Ok, 0), "{}", all.words());
    let others = check(&[
        "ampora.example.org",
        "example.org",
        "a.eu.agents.example.org",
        "192.0.2.8",
        "not a name",
    ]);
    assert_eq!(
        others.missing,
        ["example.org", "a.eu.agents.example.org", "192.0.2.8", "not a name"]
    );
    assert_eq!(others.status(), Status::Broken);
    let facts = Certificate::read(&issued.der()).unwrap().facts;
    assert_eq!(
        facts.names,
        ["ampora.example.org", "*.agents.example.org", "192.0.2.7", "2001:db8::7"]
    );
}
