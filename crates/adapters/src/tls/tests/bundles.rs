//! The saved copy: every way of writing it, and every way of getting it wrong.

use testkit::certificates::{ED25519, P384, RSA};

use super::super::bundle::{Bundle, SavedFiles, SavedKey};
use super::super::certificate::Certificate;
use super::super::saved::{Live, Sameness, SavedVerdict};
use super::*;

fn bundle(folder: &Folder, text: impl AsRef<[u8]>) -> Result<Bundle, String> {
    let files = SavedFiles::Bundle(folder.put("bundle.pem", text));
    Bundle::read(&files).map_err(|error| format!("{:?}: {error}", error.status()))
}

fn verdict(files: &SavedFiles, served: &[Vec<u8>], names: &[&str], now: Timestamp) -> SavedVerdict {
    let links: Vec<_> = served.iter().map(|der| Certificate::read(der).unwrap()).collect();
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let live = Live {
        links: &links,
        names: &names,
        now,
    };
    SavedVerdict::of(&Bundle::read(files), files, &live)
}

#[test]
fn a_key_of_every_kind_is_told_from_anothers() {
    let folder = Folder::new();
    let authority = Authority::root("Test root", long());
    let p256 = authority.issue(&[NAME], long());
    let others = [&P384, &ED25519, &RSA].map(|kind| authority.issue_with(&[NAME], long(), kind));
    for issued in others.iter().chain([&p256]) {
        let own = bundle(&folder, format!("{}{}", issued.key_pem(), issued.pem())).unwrap();
        assert_eq!(own.key, SavedKey::Belongs, "{}", own.leaf.facts.subject);
        let other = authority.issue(&[NAME], long());
        let foreign = bundle(&folder, format!("{}{}", issued.pem(), other.key_pem())).unwrap();
        assert_eq!(foreign.key, SavedKey::Foreign);
    }
}

#[test]
fn the_order_of_the_blocks_says_nothing() {
    let (folder, chain) = (Folder::new(), Chain::new());
    let blocks = [
        chain.root.pem(),
        chain.leaf.key_pem(),
        chain.intermediate.pem(),
        chain.leaf.pem().to_owned(),
        chain.root.pem(),
    ];
    let read = bundle(&folder, blocks.join("a note between them\n")).unwrap();
    assert_eq!(read.leaf.der.as_ref(), chain.leaf.der());
    assert_eq!((read.chain.len(), read.key), (2, SavedKey::Belongs));
}

/// Made with OpenSSL 3.0 for nobody, valid until 2036; the passphrase of the encrypted keys is `fixture`.
#[test]
fn what_openssl_writes_is_read() {
    for (name, key) in [
        ("sec1-key-first.pem", SavedKey::Belongs),
        ("pkcs1-between-notes.pem", SavedKey::Belongs),
        ("self-signed-authority.pem", SavedKey::Belongs),
        ("encrypted-pkcs8.pem", SavedKey::Encrypted),
        ("encrypted-traditional.pem", SavedKey::Encrypted),
        ("unusual-curve.pem", SavedKey::Unread),
        ("version-1.pem", SavedKey::Missing),
    ] {
        let read = Bundle::read(&SavedFiles::Bundle(fixture(name))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read.key, key, "{name}");
        assert!(
            read.leaf.facts.subject.ends_with(NAME),
            "{name}: {}",
            read.leaf.facts.subject
        );
    }
}

#[test]
fn a_file_that_is_no_bundle_is_told_apart() {
    let (folder, chain) = (Folder::new(), Chain::new());
    let other = chain.root.issue(&["other.example.org"], long());
    let (leaf, key) = (chain.leaf.pem(), chain.leaf.key_pem());
    for (text, expected) in [
        (Vec::new(), "Broken: bundle.pem holds no certificate"),
        (chain.leaf.der(), "Broken: bundle.pem holds no certificate"),
        (key.clone().into_bytes(), "Broken: bundle.pem holds no certificate"),
        (vec![0xFF; 4000], "Broken: bundle.pem holds no certificate"),
        (
            leaf[..leaf.len() - 40].into(),
            "Broken: bundle.pem ends within a block \"CERTIFICATE\"",
        ),
        (
            leaf.replace("MII", "M\u{fc}I").into(),
            "Broken: bundle.pem has a block \"CERTIFICATE\" that isn’t base64",
        ),
        (
            leaf.replace("MII", "MIM").into(),
            "Broken: bundle.pem holds no certificate: ",
        ),
        (
            format!("{leaf}{}", other.pem()).into(),
            "Unknown: bundle.pem holds two server certificates, CN=ampora",
        ),
        (
            format!("{leaf}{key}{key}").into(),
            "Unknown: bundle.pem holds two private keys",
        ),
        (
            vec![b'\n'; 1024 * 1024 + 1],
            "Unknown: bundle.pem is larger than any bundle",
        ),
    ] {
        let said = bundle(&folder, text)
            .expect_err(expected)
            .replace(&format!("{}/", folder.0.path().display()), "");
        assert!(said.starts_with(expected), "{said}\nis not: {expected}");
    }
    let gone = Bundle::read(&SavedFiles::Bundle("/nowhere/bundle.pem".into())).expect_err("it isn’t there");
    assert_eq!(
        (gone.status(), gone.to_string()),
        (Status::Broken, "/nowhere/bundle.pem isn’t there".into())
    );
}

#[test]
fn the_same_certificate_with_its_key_and_chain_is_ok() {
    let (folder, chain) = (Folder::new(), Chain::new());
    let files = SavedFiles::Pair {
        certificate: folder.put("tls.crt", format!("{}{}", chain.leaf.pem(), chain.intermediate.pem())),
        private_key: Some(folder.put("tls.key", chain.leaf.key_pem())),
    };
    let served = [chain.leaf.der(), chain.intermediate.der()];
    let saved = verdict(&files, &served, &[NAME], day(10));
    assert_eq!(
        (saved.sameness, saved.status),
        (Sameness::Same, Status::Ok),
        "{}",
        saved.detail
    );

    let without_key = SavedFiles::Pair {
        certificate: folder.put("tls.crt", chain.leaf.pem()),
        private_key: None,
    };
    let saved = verdict(&without_key, &served, &[NAME], day(10));
    assert_eq!(saved.status, Status::Broken);
    assert!(
        saved
            .detail
            .contains("no private key is saved (private_key isn’t configured)"),
        "{}",
        saved.detail
    );
    assert!(
        saved.detail.contains("saved without CN=Test intermediate"),
        "{}",
        saved.detail
    );
}

#[test]
fn another_certificate_is_judged_by_its_key_and_names() {
    let (folder, chain) = (Folder::new(), Chain::new());
    let wide = chain.intermediate.issue(&[NAME, "www.example.org"], life(0, 90));
    let files = SavedFiles::Bundle(folder.put("bundle.pem", format!("{}{}", wide.pem(), wide.key_pem())));
    let renewed = chain
        .intermediate
        .renew(&wide, &[NAME, "www.example.org"], life(60, 150));
    let older = chain.intermediate.renew(&wide, &[NAME, "www.example.org"], life(0, 30));
    let wider = chain
        .intermediate
        .renew(&wide, &[NAME, "www.example.org", "new.example.org"], life(60, 150));
    for (served, now, sameness, status) in [
        (&renewed, 70, Sameness::RenewedSince, Status::Ok),
        (&renewed, 100, Sameness::RenewedSince, Status::Broken),
        (&older, 10, Sameness::NotServedYet, Status::Ok),
        (&wider, 70, Sameness::OtherNames, Status::Broken),
        (&chain.leaf, 10, Sameness::OtherKey, Status::Broken),
    ] {
        let saved = verdict(&files, &[served.der()], &[NAME], day(now));
        assert_eq!((saved.sameness, saved.status), (sameness, status), "{}", saved.detail);
    }
    let asked_for_more = verdict(&files, &[renewed.der()], &[NAME, "more.example.org"], day(70));
    assert_eq!(asked_for_more.sameness, Sameness::OtherNames);
}

#[test]
fn a_key_that_everybody_can_read_is_said_and_the_bundle_still_counts() {
    let (folder, chain) = (Folder::new(), Chain::new());
    let path = folder.put(
        "bundle.pem",
        format!(
            "{}{}{}",
            chain.leaf.pem(),
            chain.intermediate.pem(),
            chain.leaf.key_pem()
        ),
    );
    let files = SavedFiles::Bundle(path.clone());
    let served = [chain.leaf.der(), chain.intermediate.der()];
    assert_eq!(verdict(&files, &served, &[NAME], day(10)).open_to_all, None);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let open = verdict(&files, &served, &[NAME], day(10));
    assert_eq!(open.open_to_all, Some(path.display().to_string()));
    assert!(
        open.detail
            .contains("every account of this host can read or change the key"),
        "{}",
        open.detail
    );
    assert_eq!(open.status, Status::Ok);
}

#[test]
fn a_key_that_cant_be_checked_is_unknown() {
    for name in ["encrypted-pkcs8.pem", "encrypted-traditional.pem", "unusual-curve.pem"] {
        let files = SavedFiles::Bundle(fixture(name));
        let leaf = Bundle::read(&files).unwrap().leaf;
        let saved = verdict(&files, &[leaf.der.to_vec()], &[NAME], day(400));
        assert_eq!(
            (saved.sameness, saved.status),
            (Sameness::Same, Status::Unknown),
            "{}",
            saved.detail
        );
        assert!(saved.detail.contains("can’t"), "{}", saved.detail);
    }
}
