use std::path::Path;

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::Sha256;
use domain::key::{Encoding, MasterKey};

fn key_text(seed: u8) -> String {
    STANDARD.encode(Sha256::of(&[&[seed]]).0)
}

fn put(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).expect("writes");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("sets the mode");
}

fn folder() -> (tempfile::TempDir, KeyFiles) {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, seed) in [("1", 1), ("2", 2), ("10", 10)] {
        put(&dir.path().join(format!("{name}.key")), &key_text(seed), 0o600);
    }
    put(&dir.path().join("current"), "2\n", 0o644);
    let files = KeyFiles { dir: dir.path().into() };
    (dir, files)
}

#[test]
fn versions_are_counted_as_numbers_and_one_is_current() {
    let (_dir, files) = folder();
    let versions = files.versions().expect("lists");
    let seen: Vec<_> = versions.iter().map(|v| (v.name.as_str(), v.current)).collect();
    assert_eq!(seen, [("1", false), ("2", true), ("10", false)]);
    assert_eq!(files.value("10").expect("reads").as_slice(), key_text(10).as_bytes());
}

#[test]
fn a_version_is_a_name_and_never_a_path() {
    let (_dir, files) = folder();
    for hostile in ["../2", "2/../1", "", "3", "current"] {
        assert!(
            matches!(files.value(hostile), Err(KeyFileError::NoVersion(_))),
            "{hostile}"
        );
    }
}

#[test]
fn an_env_file_gives_the_key_in_use_and_the_previous_one() {
    let (dir, _files) = folder();
    let path = dir.path().join("ampora.env");
    let text = format!(
        "# Ampora\nASPNETCORE_ENVIRONMENT=Production\nKeyProtection__MasterKey=\"{}\"\n",
        key_text(3)
    );
    put(&path, &text, 0o600);
    let keys = EnvFile { path: path.clone() }.read().expect("reads");
    assert!(keys.master.is_some_and(|decoded| !decoded.untidy) && keys.previous.is_none());

    put(
        &path,
        &format!("KeyProtection__PreviousMasterKey={}", key_text(2)),
        0o600,
    );
    let keys = EnvFile { path }.read().expect("reads");
    assert!(keys.master.is_none() && keys.previous.is_some());
}

#[test]
fn the_last_assignment_counts_however_it_is_written() {
    let (dir, _files) = folder();
    let path = dir.path().join("ampora.env");
    let read = |text: &str| {
        put(&path, text, 0o600);
        EnvFile { path: path.clone() }.read().expect("reads")
    };
    let (old, new) = (key_text(1), key_text(2));
    let keys = read(&format!(
        "KeyProtection__MasterKey={old}\nexport KEYPROTECTION__MASTERKEY='{new}'\r\n"
    ));
    let expected = MasterKey::decode(new.as_bytes(), Encoding::Base64).expect("a key").key;
    assert!(keys.master.is_some_and(|decoded| decoded.key == expected));
    let keys = read(&format!(
        "KeyProtection__PreviousMasterKey={old}\nKeyProtection__PreviousMasterKey=\n"
    ));
    assert!(keys.previous.is_none(), "it was taken away again");
    let keys = read(&format!(
        "#KeyProtection__MasterKey={old}\nMyKeyProtection__MasterKey={old}\nKeyProtection__MasterKey2={old}"
    ));
    assert!(keys.master.is_none());
    let certificate = "A".repeat(20_000);
    let keys = read(&format!("PEM=\"-\n{certificate}\n\"\nKeyProtection__MasterKey={new}\n"));
    assert!(
        keys.master.is_some_and(|decoded| decoded.key == expected),
        "other settings may be long"
    );
    put(&path, &format!("KeyProtection__MasterKey=\"{new}\n"), 0o600);
    let refused = EnvFile { path: path.clone() }.read();
    assert!(matches!(refused, Err(KeyFileError::Text { .. })), "{refused:?}");
}

#[test]
fn what_is_no_small_private_file_is_no_key_and_holds_nobody_up() {
    let (dir, files) = folder();
    let at = |name: &str| dir.path().join(format!("{name}.key"));
    let value = |name: &str| files.value(name).expect_err("refused");
    rustix::fs::mknodat(rustix::fs::CWD, at("3"), rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
    assert!(matches!(value("3"), KeyFileError::NoFile { .. }));
    fs::create_dir(at("4")).expect("a folder");
    assert!(matches!(value("4"), KeyFileError::NoFile { .. }));
    put(&at("5"), &"A".repeat(4097), 0o600);
    assert!(matches!(value("5"), KeyFileError::TooLarge { .. }));
    std::os::unix::fs::symlink("nowhere", at("6")).expect("a link");
    assert!(matches!(value("6"), KeyFileError::Unreadable { .. }));
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644] {
        put(&at("7"), &key_text(7), mode);
        assert!(
            matches!(value("7"), KeyFileError::TooOpen { mode: seen, .. } if seen == mode),
            "{mode:o}"
        );
    }
    put(&at("8"), &key_text(8), 0o400);
    std::os::unix::fs::symlink(at("8"), at("9")).expect("a link");
    assert_eq!(
        files.value("9").expect("its file is private").as_slice(),
        key_text(8).as_bytes()
    );
    std::os::unix::fs::symlink(at("7"), at("11")).expect("a link");
    assert!(
        matches!(value("11"), KeyFileError::TooOpen { .. }),
        "the file counts, not the link"
    );
    put(&dir.path().join(".key"), &key_text(1), 0o600);
    assert!(
        files
            .versions()
            .expect("lists")
            .iter()
            .all(|version| !version.name.is_empty())
    );
}

#[test]
fn a_folder_may_be_listed_by_others_and_not_written_to() {
    let (dir, files) = folder();
    for (mode, usable) in [
        (0o700, true),
        (0o755, true),
        (0o1777, true),
        (0o770, false),
        (0o702, false),
        (0o720, false),
    ] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).expect("our own folder");
        assert_eq!(files.versions().is_ok(), usable, "{mode:o}");
    }
}

#[test]
fn the_current_version_is_named_by_itself_by_its_file_or_by_a_link_to_it() {
    let (dir, files) = folder();
    let pointer = dir.path().join("current");
    let current = || {
        let versions = files.versions().expect("lists");
        versions
            .into_iter()
            .find(|version| version.current)
            .map(|version| version.name)
    };
    for text in ["10", "10\n", " 10.key "] {
        fs::write(&pointer, text).expect("writes");
        assert_eq!(current().as_deref(), Some("10"), "{text:?}");
    }
    fs::remove_file(&pointer).expect("our own file");
    std::os::unix::fs::symlink("1.key", &pointer).expect("a link");
    assert_eq!(current().as_deref(), Some("1"));
    // As Kubernetes mounts a Secret.
    fs::remove_file(&pointer).expect("our own file");
    fs::create_dir(dir.path().join("..data")).expect("a folder");
    fs::write(dir.path().join("..data/current"), "2").expect("writes");
    std::os::unix::fs::symlink("..data/current", &pointer).expect("a link");
    assert_eq!(current().as_deref(), Some("2"));
}

#[test]
fn a_pointer_that_leads_nowhere_makes_no_version_current() {
    let (dir, files) = folder();
    let pointer = dir.path().join("current");
    for text in ["", "7", "../1", "9.key", ".key", "\u{7f}", "1\n2"] {
        fs::write(&pointer, text).expect("writes");
        let versions = files.versions().expect("lists");
        assert!(!versions.iter().any(|version| version.current), "{text:?}");
    }
    fs::write(&pointer, "2").expect("writes");
    fs::set_permissions(&pointer, fs::Permissions::from_mode(0o664)).expect("our own file");
    assert!(matches!(
        files.versions(),
        Err(KeyFileError::Writable { mode: 0o664, .. })
    ));
    fs::remove_file(&pointer).expect("our own file");
    assert_eq!(files.current().expect("reads"), None);
    assert!(!files.versions().expect("lists").iter().any(|version| version.current));
    fs::create_dir(&pointer).expect("a folder");
    assert!(matches!(files.versions(), Err(KeyFileError::NoFile { .. })));
}
