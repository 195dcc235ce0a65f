//! Files and certificates that nobody meant well with. None of them may stop the collector.

use proptest::prelude::*;
use rustls::pki_types::CertificateDer;

use super::super::bundle::{Bundle, SavedFiles};
use super::super::certificate::{Certificate, plain};
use super::super::chain::Served;
use super::super::names::Names;
use super::super::pem;
use super::super::roots::Roots;
use super::*;

const BUNDLE: &[u8] = include_bytes!("../../../tests/fixtures/tls/pkcs1-between-notes.pem");

fn try_all(der: &[u8]) {
    let _ = Names::check(&CertificateDer::from(der), vec![NAME.into()]);
    let Ok(certificate) = Certificate::read(der) else {
        return;
    };
    let roots = Roots {
        certificates: vec![CertificateDer::from(der.to_vec())],
        declared: false,
    };
    let links = [certificate.clone(), certificate];
    let served = Served {
        links: &links,
        saved: &links,
        roots: &roots,
    };
    let _ = served.judge(day(400));
}

proptest! {
    #[test]
    fn any_bytes_are_read_as_a_bundle(text: Vec<u8>) {
        let _ = pem::blocks(&text);
        try_all(&text);
    }

    #[test]
    fn one_changed_byte_of_a_bundle_never_panics(at in 0..BUNDLE.len(), byte: u8) {
        let mut text = BUNDLE.to_vec();
        text[at] = byte;
        let folder = Folder::new();
        let _ = Bundle::read(&SavedFiles::Bundle(folder.put("bundle.pem", text)));
    }

    #[test]
    fn one_changed_byte_of_a_certificate_never_panics(at in 0usize..900, byte: u8) {
        let Some(pem::Block::Certificate(mut der)) = pem::blocks(BUNDLE).unwrap().into_iter().next() else { panic!() };
        if let Some(place) = der.get_mut(at) {
            *place = byte;
        }
        try_all(&der);
    }

    #[test]
    fn labels_of_any_kind_are_passed_over(label in "[ -~]{0,80}", body in "[ -~\n]{0,200}") {
        let _ = pem::blocks(format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").as_bytes());
    }
}

#[test]
fn ten_thousand_blocks_are_read_and_judged() {
    let folder = Folder::new();
    let text = "-----BEGIN X-----\n-----END X-----\n".repeat(10_000);
    let chain = Chain::new();
    let path = folder.put(
        "bundle.pem",
        format!("{text}{}{}", chain.leaf.pem(), chain.leaf.key_pem()),
    );
    assert!(Bundle::read(&SavedFiles::Bundle(path)).is_ok());
}

#[test]
fn text_from_a_certificate_stays_on_one_line() {
    let authority = Authority::root("a\nb\u{202E}c\u{1b}[31m", long());
    let subject = Certificate::read(&authority.der()).unwrap().facts.subject;
    assert!(!subject.contains(['\n', '\u{202E}', '\u{1b}']), "{subject:?}");
    assert_eq!(plain(&"x".repeat(10_000)).len(), 200);
}
