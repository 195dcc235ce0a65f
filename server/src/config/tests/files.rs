//! Files that are no configuration.

use std::io::Write as _;
use std::path::Path;

use super::*;

fn folder_with(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::File::create(folder.path().join(name))
        .unwrap()
        .write_all(bytes)
        .unwrap();
    folder
}

fn load_bytes(bytes: &[u8]) -> Result<Loaded, ConfigError> {
    let folder = folder_with("muster.toml", bytes);
    load(Some(&folder.path().join("muster.toml")), &Environment::default())
}

#[test]
fn a_file_that_was_named_and_is_missing_has_no_stand_in() {
    let missing = Path::new("/nowhere/muster.toml");
    let error = load(Some(missing), &Environment::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("There is no configuration: /nowhere/muster.toml is not there."),
        "{error}"
    );
    let variable = Environment::new([("MUSTER_CONFIG".to_owned(), "/nowhere/else.toml".to_owned())]);
    let error = load(None, &variable).unwrap_err();
    assert!(error.to_string().contains("/nowhere/else.toml is not there"), "{error}");
}

#[test]
fn the_command_line_wins_over_the_variable() {
    let folder = folder_with("muster.toml", SMALL.as_bytes());
    let variable = Environment::new([("MUSTER_CONFIG".to_owned(), "/nowhere/else.toml".to_owned())]);
    let loaded = load(Some(&folder.path().join("muster.toml")), &variable).unwrap();
    assert_eq!(loaded.path, folder.path().join("muster.toml"));
}

#[test]
fn ten_megabytes_are_no_configuration() {
    let error = load_bytes(&b"# comment\n".repeat(1024 * 1024)).unwrap_err();
    assert!(matches!(error, ConfigError::TooLong { .. }), "{error}");
    assert!(
        error.to_string().contains("is longer than 1 MiB. Nothing was started"),
        "{error}"
    );
}

#[test]
fn an_endless_file_is_not_read_to_its_end() {
    let error = load(Some(Path::new("/dev/zero")), &Environment::default()).unwrap_err();
    assert!(matches!(error, ConfigError::TooLong { .. }), "{error}");
}

#[test]
fn bytes_that_are_no_text_are_located() {
    let error = load_bytes(b"listen = \"127.0.0.1:1\"\n\n# caf\xe9\n").unwrap_err();
    assert!(
        error.to_string().contains("line 3 has bytes that aren't UTF-8"),
        "{error}"
    );
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(Some(folder.path()), &Environment::default()).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
}

#[test]
fn a_slip_in_the_syntax_is_located_and_its_line_is_not_quoted() {
    let error = load_bytes(b"[database]\nurl = \"postgres://muster:hunter2@db/muster\n").unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(error.to_string().contains("isn't TOML: line 2: "), "{error}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn tables_without_end_are_refused() {
    let deep = format!("a = {}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(matches!(
        load_bytes(deep.as_bytes()).unwrap_err(),
        ConfigError::Syntax { .. }
    ));
    let many: String = (0..5_000).map(|number| format!("zz{number} = 1\n")).collect();
    let error = load_bytes(many.as_bytes()).unwrap_err();
    assert!(error.to_string().lines().count() < 40, "a wall of text helps nobody");
    assert!(error.to_string().ends_with("and 4975 more"), "{error}");
}

#[test]
fn the_report_of_a_check_says_all_of_it() {
    let folder = folder_with("muster.toml", format!("[approvals]\nquorum = 1\n{SMALL}").as_bytes());
    let path = folder.path().join("muster.toml");
    let report = check(Some(&path), &Environment::default());
    assert!(!report.is_usable());
    let json = report.to_json();
    assert_eq!(json["schema"], "muster.config/1");
    assert_eq!(json["status"], "broken");
    assert_eq!(json["problems"][0]["key"], "approvals.quorum");
    assert_eq!(json["problems"][0]["line"], 2);
    assert!(
        report.to_string().contains("error    line 2: approvals.quorum is 1"),
        "{report}"
    );
}
