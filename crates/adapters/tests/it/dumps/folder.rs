//! A folder of dumps.

use std::fs;

use adapters::dumps::{DumpError, Form};
use domain::ids::Big;

use super::made::{Made, ROWS, read, refusal, scratch, scratch_folder, truncate};

const FORMS: [(&str, &[&str]); 8] = [
    ("custom", &["-Fc"]),
    ("custom-raw", &["-Fc", "-Z0"]),
    ("directory", &["-Fd"]),
    ("directory-raw", &["-Fd", "-Z0"]),
    ("directory-inserts", &["-Fd", "-Z0", "--inserts"]),
    ("plain.sql", &["-Fp"]),
    ("schema-only", &["-Fc", "--schema-only"]),
    ("tar", &["-Ft"]),
];

async fn every_form() -> Made {
    let made = Made::with(&FORMS).await;
    made.pack("plain.sql", "plain.sql.gz");
    made.pack("custom", "custom.gz");
    made
}

#[tokio::test]
async fn every_form_is_recognised_and_read_to_its_end() {
    let (made, folder) = (every_form().await, scratch_folder());
    let (place, scratch) = (made.place(), scratch(folder.path()));
    let listing = place.list().await.unwrap();
    let forms: Vec<_> = listing
        .dumps
        .iter()
        .map(|dump| (dump.label.as_str(), dump.form))
        .collect();
    let expected = [
        ("custom", Form::Custom),
        ("custom-raw", Form::Custom),
        ("custom.gz", Form::PackedArchive),
        ("directory", Form::Directory),
        ("directory-inserts", Form::Directory),
        ("directory-raw", Form::Directory),
        ("plain.sql", Form::Plain),
        ("plain.sql.gz", Form::PackedPlain),
        ("schema-only", Form::Custom),
        ("tar", Form::Tar),
    ];
    assert_eq!(forms, expected);
    for dump in &listing.dumps {
        let read = read(&place, dump, &scratch)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", dump.label));
        let contents = read.contents;
        assert_eq!(contents.begun.is_some(), dump.form.is_restorable(), "{}", dump.label);
        let known = !["custom.gz", "schema-only", "directory-inserts"].contains(&dump.label.as_str());
        let rows = known.then_some(Big(ROWS));
        assert_eq!(contents.rows.get("public.tenants").copied(), rows, "{}", dump.label);
        let head = known.then_some("20260301000000_Later");
        assert_eq!(contents.migration_head.as_deref(), head, "{}", dump.label);
        assert_eq!(read.wrapped.is_empty(), !known, "{}", dump.label);
    }
    assert!(!scratch.root.exists(), "nothing in a folder has to be copied");
}

/// What arrived truncated has no earlier checksum: its own content has to show it.
#[tokio::test]
async fn one_byte_less_is_broken_in_every_form() {
    let (made, folder) = (every_form().await, scratch_folder());
    let (place, scratch) = (made.place(), scratch(folder.path()));
    let mut cut = Vec::new();
    for dump in place.list().await.unwrap().dumps {
        let path = made.path(&dump.label);
        if dump.form != Form::Directory {
            cut.push((dump.label.clone(), path));
            continue;
        }
        for entry in fs::read_dir(&path).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // Where an uncompressed large object ends, nothing tells.
            if !(name.starts_with("blob_") && name.ends_with(".dat")) {
                cut.push((dump.label.clone(), path));
            }
        }
    }
    assert!(cut.len() > 15, "{cut:?}");
    for (label, path) in cut {
        let whole = fs::read(&path).unwrap();
        truncate(&path, 1);
        let dump = place.find(&label).await.unwrap();
        let error = refusal(&place, &dump, &scratch).await;
        assert!(matches!(error, DumpError::Broken { .. }), "{}: {error}", path.display());
        fs::write(&path, whole).unwrap();
        assert!(
            read(&place, &place.find(&label).await.unwrap(), &scratch).await.is_ok(),
            "{label}"
        );
    }
}

#[tokio::test]
async fn every_file_that_a_directory_dump_names_has_to_be_there() {
    let (made, folder) = (Made::with(&[("directory", &["-Fd"])]).await, scratch_folder());
    let (place, scratch) = (made.place(), scratch(folder.path()));
    let dump = place.find("directory").await.unwrap();
    for entry in fs::read_dir(made.path("directory")).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("toc.dat") {
            continue;
        }
        let content = fs::read(&path).unwrap();
        for left in [None, Some(b"")] {
            match left {
                None => fs::remove_file(&path).unwrap(),
                Some(nothing) => fs::write(&path, nothing).unwrap(),
            }
            let error = refusal(&place, &dump, &scratch).await;
            assert!(matches!(error, DumpError::Broken { .. }), "{}: {error}", path.display());
        }
        fs::write(&path, content).unwrap();
    }
    fs::remove_file(made.path("directory/toc.dat")).unwrap();
    assert!(
        place.list().await.unwrap().dumps.is_empty(),
        "pg_dump writes toc.dat last"
    );
}

#[tokio::test]
async fn what_pg_restore_lacks_is_no_fault_of_the_dump() {
    let (made, folder) = (Made::custom().await, scratch_folder());
    let (place, scratch) = (made.place(), scratch(folder.path()));
    let mut content = fs::read(made.path("a.dump")).unwrap();
    // The minor version of the archive's format.
    content[6] = 200;
    fs::write(made.path("newer.dump"), &content).unwrap();
    made.publish("newer.dump");
    let dump = place.find("newer.dump").await.unwrap();
    let error = refusal(&place, &dump, &scratch).await;
    assert!(matches!(error, DumpError::NotJudged { .. }), "{error}");
    assert!(error.to_string().contains("install a pg_restore as new"), "{error}");
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown() {
    use std::os::unix::fs::PermissionsExt as _;
    let (made, folder) = (Made::custom().await, scratch_folder());
    let (place, scratch) = (made.place(), scratch(folder.path()));
    fs::write(made.path("secret.dump"), fs::read(made.path("a.dump")).unwrap()).unwrap();
    fs::set_permissions(made.path("secret.dump"), fs::Permissions::from_mode(0o000)).unwrap();
    let listing = place.list().await.unwrap();
    // Root sees it and the account of the tools can't read it; anybody else doesn't even see what it is.
    match listing.dumps.iter().find(|dump| dump.label == "secret.dump") {
        Some(dump) => {
            let error = refusal(&place, dump, &scratch).await;
            assert!(matches!(error, DumpError::NotJudged { .. }), "{error}");
        }
        None => assert_eq!(listing.unreadable[0].0, "secret.dump"),
    }
}
