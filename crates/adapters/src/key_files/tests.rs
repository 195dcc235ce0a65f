use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::Sha256;

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
