//! Tools at the other end of a real sshd: what arrives there, and what is known when nothing comes back.

mod refusals;
mod unreached;

use std::{ffi::OsString, os::unix::ffi::OsStringExt, path::Path, time::Duration};

use adapters::process::{Output, ProcessError, RunAs, Tool, Transport};
use testkit::sshd::{HOST, Sshd};

use crate::roles::within;

/// Prints each argument that arrived, ended by a NUL.
const ARGUMENTS: [&str; 4] = ["/bin/sh", "-c", "printf '%s\\0' \"$@\"", "arguments"];

/// What a shell would make something else of.
const AWKWARD: [&str; 16] = [
    "--target=2026-04-01 02:00:00.000000+00",
    "--annotation=label; touch x",
    "$(touch x)",
    "`touch x`",
    "it's",
    "'",
    "say \"no\"",
    "*",
    "~",
    "",
    "a\\b\\",
    "$HOME ${PATH} !! #",
    "& | > < ( ) { }",
    "tab\tand two  spaces ",
    "Müller, 東京, 🗝",
    "-o ProxyCommand=x",
];

fn shell(sshd: &Sshd, script: &str) -> Tool {
    sshd.tool(&["/bin/sh", "-c", script, "script"])
}

fn arrived(output: &Output) -> Vec<String> {
    let text = output.text();
    let words = text
        .strip_suffix('\0')
        .unwrap_or_else(|| panic!("no NUL at the end of {text:?}"));
    words.split('\0').map(str::to_owned).collect()
}

#[tokio::test]
async fn every_argument_arrives_byte_for_byte() {
    let sshd = Sshd::start();
    let output = sshd
        .tool(&ARGUMENTS)
        .invoke(AWKWARD)
        .arg("last")
        .output()
        .await
        .unwrap();
    assert_eq!(arrived(&output), [AWKWARD.as_slice(), &["last"]].concat());

    let latin = OsString::from_vec(b"M\xfcller".to_vec());
    let output = sshd.tool(&ARGUMENTS).invoke([latin]).output().await.unwrap();
    assert_eq!(output.stdout, b"M\xfcller\0");

    let leading = [ARGUMENTS.as_slice(), &AWKWARD].concat();
    let output = sshd
        .tool(&leading)
        .invoke(["last"])
        .supervised()
        .output()
        .await
        .unwrap();
    assert_eq!(arrived(&output), [AWKWARD.as_slice(), &["last"]].concat());
}

#[tokio::test]
async fn of_a_command_that_is_spelled_out_only_the_appended_part_is_quoted() {
    let sshd = Sshd::start();
    let own = ["-T", HOST, "set -- one two;", "printf", "'%s\\0'", "\"$2\""].map(str::to_owned);
    let command = [sshd.ssh(), own.into()].concat();
    let tool = Tool::spelled_out(&command, Transport::Ssh).unwrap();
    let tool = tool.run_as(RunAs::unprivileged().unwrap());
    let output = tool.invoke(AWKWARD).output().await.unwrap();
    assert_eq!(arrived(&output), [&["two"], AWKWARD.as_slice()].concat());
}

#[tokio::test]
async fn a_tool_there_gets_nothing_of_the_environment_here_and_no_input() {
    let sshd = Sshd::start();
    let output = shell(&sshd, "cat; env").invoke::<&str>([]).output().await.unwrap();
    let text = output.text();
    assert!(text.contains("SSH_CONNECTION="), "{text}");
    assert!(!text.contains("TZ=UTC") && !text.contains("CARGO"), "{text}");
}

#[tokio::test]
async fn the_exit_status_and_the_words_of_the_tool_come_through() {
    let sshd = Sshd::start();
    let error = shell(&sshd, "echo why >&2; exit 56")
        .invoke::<&str>([])
        .output()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("/bin/sh on {HOST} failed with exit status 56: why")
    );
    let outcome = shell(&sshd, "echo 3 backups; exit 4")
        .invoke::<&str>([])
        .outcome()
        .await
        .unwrap();
    assert_eq!(
        (outcome.status.code(), outcome.text().as_ref()),
        (Some(4), "3 backups\n")
    );
    let missing = sshd
        .tool(&["/nowhere/pgbackrest"])
        .invoke(["info"])
        .output()
        .await
        .unwrap_err();
    assert!(matches!(missing, ProcessError::Failed { status: 127, .. }), "{missing}");
}

#[tokio::test]
async fn a_flood_is_counted_and_dropped() {
    let sshd = Sshd::start();
    let flood = "head -c 50000000 /dev/zero; head -c 3000000 /dev/zero >&2";
    let output = shell(&sshd, flood)
        .invoke::<&str>([])
        .keep(1000)
        .output()
        .await
        .unwrap();
    assert_eq!((output.stdout.len(), output.stdout_dropped), (1000, 49_999_000));
    assert_eq!((output.stderr.len(), output.stderr_dropped), (1000, 2_999_000));
}

#[test]
fn the_server_ends_with_its_value() {
    let sshd = Sshd::start();
    let folder = Path::new(&sshd.ssh()[2]).parent().unwrap().to_owned();
    assert!(folder.exists());
    drop(sshd);
    let gone = within(Duration::from_secs(10), || (!folder.exists()).then_some(()));
    assert!(gone.is_some(), "the keys were left behind");
}
