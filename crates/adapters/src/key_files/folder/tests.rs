use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn value(text: &str) -> Value {
    Value::Whole(Zeroizing::new(text.as_bytes().to_vec()))
}

fn text(value: Value) -> String {
    match value {
        Value::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Value::Fields(_) => panic!("a file holds one value"),
    }
}

fn folder(dir: &Path) -> KeyFiles {
    KeyFiles { dir: dir.into() }
}

#[tokio::test]
async fn a_folder_is_made_once_and_never_written_over() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(&root.path().join("recovered"));
    assert!(matches!(files.describe().await, Err(ManagerError::Absent(..))));
    assert_eq!(files.create(&value("first")).await.unwrap(), "1");
    let mode = |name: &str| fs::metadata(files.dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("1.key"), mode(".")), (0o600, 0o700));
    assert!(matches!(
        files.create(&value("second")).await,
        Err(ManagerError::Exists(_))
    ));
    assert_eq!(text(files.read("1").await.unwrap()), "first");
}

#[tokio::test]
async fn a_version_is_added_only_behind_the_one_that_is_expected() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(root.path());
    files.create(&value("first")).await.unwrap();
    assert_eq!(files.append(&value("second"), "1").await.unwrap(), "2");
    assert_eq!(
        files.append(&value("third"), "1").await,
        Err(ManagerError::Moved(files.name(), "2".into()))
    );
    let secret = files.describe().await.unwrap();
    assert_eq!(secret.current().unwrap().name, "2");
    assert_eq!(text(files.read("2").await.unwrap()), "second");
}

#[tokio::test]
async fn what_a_crash_left_behind_stops_nobody() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(root.path());
    files.create(&value("first")).await.unwrap();
    // Written and not yet current; a pointer that was never swapped.
    put_new(&root.path().join("2.key"), b"half done").unwrap();
    fs::write(root.path().join("current.new"), "2").unwrap();
    assert_eq!(files.append(&value("second"), "1").await.unwrap(), "3");
    assert_eq!(files.describe().await.unwrap().current().unwrap().name, "3");
}

#[tokio::test]
async fn two_ways_to_one_folder_are_one_secret() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(root.path());
    std::os::unix::fs::symlink(root.path(), root.path().join("link")).unwrap();
    assert_eq!(files.identity(), folder(&root.path().join("link")).identity());
    let (made_later, by_link) = (root.path().join("later"), root.path().join("link/later"));
    assert_eq!(folder(&made_later).identity(), folder(&by_link).identity());
    assert_ne!(folder(&made_later).identity(), files.identity());
}

#[tokio::test]
async fn a_folder_in_which_anything_lies_is_somebodys() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("current"), "who knows").unwrap();
    let refused = folder(root.path()).create(&value("first")).await;
    assert!(matches!(refused, Err(ManagerError::Exists(_))), "{refused:?}");
    assert_eq!(fs::read_to_string(root.path().join("current")).unwrap(), "who knows");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(root.path());
    files.create(&value("first")).await.unwrap();
    fs::set_permissions(root.path().join("1.key"), fs::Permissions::from_mode(0o640)).unwrap();
    let refused = files.read("1").await.unwrap_err();
    assert!(refused.to_string().contains("mode 640"), "{refused}");
}

#[tokio::test]
async fn a_folder_that_others_can_write_to_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(root.path());
    files.create(&value("first")).await.unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o770)).unwrap();
    for refused in [
        files.describe().await.map(drop),
        files.read("1").await.map(drop),
        files.append(&value("second"), "1").await.map(drop),
    ] {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("written to by others (mode 770)"), "{refused}");
    }
    assert_eq!(fs::read_to_string(root.path().join("current")).unwrap(), "1");
}

#[tokio::test]
async fn a_folder_says_why_no_version_is_current() {
    let root = tempfile::tempdir().unwrap();
    let files = folder(root.path());
    files.create(&value("first")).await.unwrap();
    assert!(files.describe().await.unwrap().remarks.is_empty());
    let pointer = root.path().join("current");
    for (text, said) in [
        (Some("a-key-in-the-wrong-file"), "names no version that is there"),
        (Some(" \n"), "is empty"),
        (None, "there is no file `current`"),
    ] {
        match text {
            Some(text) => fs::write(&pointer, text).unwrap(),
            None => fs::remove_file(&pointer).unwrap(),
        }
        let told = files.describe().await.unwrap();
        assert!(told.remarks[0].contains(said), "{:?}", told.remarks);
        assert!(!format!("{told:?}").contains("wrong-file"), "it may be a key");
        assert!(told.current().is_none());
    }
}
