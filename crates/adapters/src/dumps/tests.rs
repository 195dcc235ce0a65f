use super::copy::CopyReader;
use super::script::Described;
use super::*;
use domain::ids::Big;
use domain::locale::LocaleProvider;
use proptest::prelude::*;
use std::fs;
use std::io::Write as _;

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
COPY public."__EFMigrationsHistory" ("MigrationId", "ProductVersion") FROM stdin;
20250101000000_Initial	9.0.1
20260301000000_Later	9.0.1
20251101000000_Between	9.0.1
\.
COPY public."odd ""table" (x) FROM stdin;
\.
"#;

fn read(script: &str) -> (CopyReader, Described) {
    let wanted = [
        ("ca_signing_keys", "WrappedPrivateKey"),
        ("git_config_sources", "Credential"),
    ];
    let pair = |(table, column): (&str, &str)| (table.to_owned(), column.to_owned());
    let migrations = pair(("__EFMigrationsHistory", "MigrationId"));
    let mut copies = CopyReader::new(wanted.map(pair).to_vec(), Some(migrations));
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
            ("public.__EFMigrationsHistory", Big(3)),
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
    assert_eq!(copies.migration_head.as_deref(), Some("20260301000000_Later"));
    assert!(!copies.is_torn() && copies.begun == 4);
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
    assert_eq!(described.provider, LocaleProvider::Libc);
    assert_eq!(described.server_version.as_deref(), Some("15.20"));
    assert_eq!(described.settings.len(), 2);
}

/// As pg_dump 15, 16 and 18 write them.
#[test]
fn what_sorts_the_database_is_told() {
    let icu = |locale: &str, rules: Option<&str>| LocaleProvider::Icu {
        locale: locale.into(),
        rules: rules.map(Into::into),
    };
    let table = [
        (
            "LOCALE_PROVIDER = icu LOCALE = 'C.UTF-8' ICU_LOCALE = 'de-DE'",
            icu("de-DE", None),
        ),
        (
            "LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'und' ICU_RULES = '&a < ''g'' < b'",
            icu("und", Some("&a < 'g' < b")),
        ),
        (
            r"LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'und' ICU_RULES = E'&a < \\u00e4'",
            icu("und", Some(r"&a < \u00e4")),
        ),
        (
            "LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'C.UTF-8'",
            LocaleProvider::Builtin {
                locale: "C.UTF-8".into(),
            },
        ),
        ("LC_COLLATE = 'C' LC_CTYPE = 'de_DE.UTF-8'", LocaleProvider::Libc),
    ];
    for (options, expected) in table {
        let script = format!("CREATE DATABASE ampora WITH TEMPLATE = template0 ENCODING = 'UTF8' {options};");
        let (_, described) = read(&script);
        assert_eq!(described.provider, expected, "{options}");
        assert!(described.ctype.is_some(), "{options}");
    }
}

#[test]
fn data_that_has_no_end_is_torn() {
    let cut = SCRIPT.find("8\tDraft").expect("in the script");
    assert!(read(&SCRIPT[..cut]).0.is_torn());
}

const PLAIN: &[u8] = b"--\n-- PostgreSQL database dump\n--\n";

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("into memory");
    encoder.finish().expect("into memory")
}

fn tar() -> Vec<u8> {
    let mut tar = vec![0; 1024];
    tar[..7].copy_from_slice(b"toc.dat");
    tar[257..262].copy_from_slice(b"ustar");
    tar[512..523].copy_from_slice(b"PGDMP\x01\x0e\x00\x04\x08\x03");
    tar
}

#[test]
fn forms_are_told_by_content() {
    let cluster = b"--\n-- PostgreSQL database cluster dump\n--\n".to_vec();
    let forms = [
        (b"PGDMP\x01\x0e\x00\x04\x08\x01".to_vec(), Some(Form::Custom)),
        // Cut off within its first bytes.
        (b"PGDMP\x01".to_vec(), Some(Form::Custom)),
        // The table of contents of a directory dump.
        (b"PGDMP\x01\x0e\x00\x04\x08\x03".to_vec(), None),
        (tar(), Some(Form::Tar)),
        (tar()[..700].to_vec(), Some(Form::Tar)),
        (tar()[..400].to_vec(), None),
        (PLAIN.to_vec(), Some(Form::Plain)),
        (cluster, Some(Form::Plain)),
        (packed(PLAIN), Some(Form::PackedPlain)),
        (packed(b"PGDMP\x01\x0e\x00\x04\x08\x01"), Some(Form::PackedArchive)),
        (packed(b"a log file"), None),
        (b"\x1f\x8b".to_vec(), None),
        (b"no dump".to_vec(), None),
        (Vec::new(), None),
    ];
    for (head, form) in forms {
        assert_eq!(
            Form::of(&head),
            form,
            "{:?}",
            String::from_utf8_lossy(&head[..head.len().min(20)])
        );
    }
}

#[tokio::test]
async fn a_folder_lists_the_dumps_in_it_and_labels_are_no_paths() {
    let dir = tempfile::tempdir().expect("a folder");
    let put = |name: &str, content: &[u8]| fs::write(dir.path().join(name), content).expect("writes");
    for folder in ["directory", "2026/11", "lost+found", ".hidden"] {
        fs::create_dir_all(dir.path().join(folder)).expect("a folder");
    }
    put("2026/11/custom.dump", b"PGDMP\x01\x0e");
    put("plain.sql", PLAIN);
    put("notes.txt", b"no dump");
    // What a job that failed at once leaves behind.
    put("failed.dump", b"");
    put("lock", b"");
    put(".hidden/custom.dump", b"PGDMP\x01\x0e");
    put(".plain.sql.Xy7f", PLAIN);
    put("directory/toc.dat", b"PGDMP\x01\x0e\x00\x04\x08\x03");
    put("directory/1.dat", b"1\n\\.\n\n\n");
    put("toc.dat", b"PGDMP\x01\x0e\x00\x04\x08\x03");
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.dump")).expect("a link");

    let place = DumpPlace::Folder(DumpFolder {
        name: "dumps".into(),
        dir: dir.path().into(),
    });
    let listing = place.list().await.expect("lists");
    let seen: Vec<_> = listing
        .dumps
        .iter()
        .map(|dump| (dump.label.as_str(), dump.form, dump.size))
        .collect();
    assert_eq!(
        seen,
        [
            ("2026/11/custom.dump", Form::Custom, 7),
            ("directory", Form::Directory, 18),
            ("failed.dump", Form::Custom, 0),
            ("plain.sql", Form::Plain, 34),
        ]
    );
    assert_eq!(listing.unreadable.len(), 1, "{:?}", listing.unreadable);
    assert!(
        listing.unreadable[0].1.contains("name the folder above"),
        "{:?}",
        listing.unreadable
    );
    for label in ["../custom.dump", "custom.dump", "link.dump"] {
        assert!(matches!(place.find(label).await, Err(DumpError::NoDump(_))), "{label}");
    }
}

const MAGICS: [&[u8]; 4] = [b"PGDMP", b"\x1f\x8b\x08\x00", b"toc.dat\0", b""];

proptest! {
    #[test]
    fn no_beginning_makes_the_recogniser_panic(magic in proptest::sample::select(&MAGICS[..]), rest in proptest::collection::vec(any::<u8>(), 0..1100)) {
        let _ = Form::of(&[magic, &rest].concat());
    }

    #[test]
    fn no_script_makes_the_readers_panic(lines in proptest::collection::vec("(COPY |CREATE DATABASE |ALTER DATABASE )?.{0,60}( FROM stdin;)?", 0..20)) {
        let _ = read(&lines.join("\n"));
    }

    #[test]
    fn no_file_makes_the_script_reader_panic(
        magic in proptest::sample::select(&MAGICS[..]),
        rest in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&[magic, &rest].concat()).expect("writes");
        for form in [Form::Plain, Form::PackedPlain, Form::PackedArchive] {
            let stop = tokio_util::sync::CancellationToken::new();
            let read = plain::read(form, file.path(), CopyReader::default(), &stop).expect("our own file");
            prop_assert!(read.broken.is_some(), "random bytes are no whole dump");
        }
    }

    #[test]
    fn no_line_of_a_listing_makes_the_reader_panic(
        lines in proptest::collection::vec("(;  Archive created at |3342; 0 1 TABLE DATA )?.{0,40}", 0..20),
    ) {
        let mut header = contents::Header::default();
        for line in &lines {
            header.line(line);
        }
        prop_assert!(header.tables <= lines.len() as u64);
    }
}
