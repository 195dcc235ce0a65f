use super::copy::CopyReader;
use super::script::Described;
use super::*;
use domain::ids::Big;
use proptest::prelude::*;

const SCRIPT: &str = r#"--
-- PostgreSQL database dump
--
-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)
CREATE DATABASE ampora WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';
ALTER DATABASE ampora SET row_security TO 'on';
ALTER ROLE ampora IN DATABASE ampora SET statement_timeout TO '5min';
\connect ampora
COPY public.ca_signing_keys ("Id", "State", "WrappedPrivateKey") FROM stdin;
7	Active	\\x0102ff
8	Draft	\N
\.
COPY public.git_config_sources ("Id", "TenantId", "Credential") FROM stdin;
a	t1	AQL/
\.
COPY public."odd ""table" (x) FROM stdin;
\.
"#;

fn read(script: &str) -> (CopyReader, Described) {
    let wanted = [
        ("ca_signing_keys", "WrappedPrivateKey"),
        ("git_config_sources", "Credential"),
    ];
    let mut copies = CopyReader::new(wanted.map(|(t, c)| (t.to_owned(), c.to_owned())).to_vec());
    let mut described = Described::default();
    for line in script.lines() {
        if !copies.line(line) {
            described.line(line);
        }
    }
    (copies, described)
}

#[test]
fn rows_are_counted_and_wrapped_values_kept_sealed() {
    let (copies, _) = read(SCRIPT);
    let rows: Vec<_> = copies.rows.iter().map(|(name, rows)| (name.as_str(), *rows)).collect();
    assert_eq!(
        rows,
        [
            ("public.ca_signing_keys", Big(2)),
            ("public.git_config_sources", Big(1)),
            ("public.odd \"table", Big(0))
        ]
    );
    let values: Vec<_> = copies
        .wrapped
        .iter()
        .map(|w| (w.id.as_str(), w.tenant.as_str(), w.stored.clone()))
        .collect();
    assert_eq!(values, [("7", "", vec![1, 2, 255]), ("a", "t1", b"AQL/".to_vec())]);
    assert!(!copies.is_torn());
}

#[test]
fn the_database_is_described_with_the_settings_a_restore_leaves_out() {
    let (_, described) = read(SCRIPT);
    assert_eq!(
        (described.database.as_str(), described.encoding.as_deref()),
        ("ampora", Some("UTF8"))
    );
    assert_eq!(
        (described.collate.as_deref(), described.ctype.as_deref()),
        (Some("C.UTF-8"), Some("C.UTF-8"))
    );
    assert_eq!(described.server_version.as_deref(), Some("15.20"));
    assert_eq!(described.settings.len(), 2);
}

#[test]
fn data_that_has_no_end_is_torn() {
    let cut = SCRIPT.find("8\tDraft").expect("in the script");
    assert!(read(&SCRIPT[..cut]).0.is_torn());
}

#[test]
fn dumps_are_told_by_their_content_and_labels_are_no_paths() {
    let dir = tempfile::tempdir().expect("a folder");
    let put = |name: &str, content: &[u8]| fs::write(dir.path().join(name), content).expect("writes");
    put("custom.dump", b"PGDMP\x01\x0e");
    put("plain.sql", b"--\n-- PostgreSQL database dump\n--\n");
    put("notes.txt", b"no dump");
    put("empty.dump", b"");
    fs::create_dir(dir.path().join("directory")).expect("a folder");
    put("directory/toc.dat", b"PGDMP\x01\x0e");
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.dump")).expect("a link");

    let folder = DumpFolder {
        name: "dumps".into(),
        dir: dir.path().into(),
    };
    let seen: Vec<_> = folder
        .list()
        .expect("lists")
        .into_iter()
        .map(|dump| (dump.label, dump.form))
        .collect();
    assert_eq!(
        seen,
        [
            ("custom.dump".into(), Form::Custom),
            ("directory".into(), Form::Directory),
            ("plain.sql".into(), Form::Plain)
        ]
    );
    assert!(matches!(folder.find("../custom.dump"), Err(DumpError::NoDump(_))));
}

proptest! {
    #[test]
    fn no_script_makes_the_readers_panic(lines in proptest::collection::vec("(COPY |CREATE DATABASE |ALTER DATABASE )?.{0,60}( FROM stdin;)?", 0..20)) {
        let _ = read(&lines.join("\n"));
    }
}
