//! Azure's command lines, for whoever tries Muster with a login of their own.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::process::Output;
use std::time::Duration;

use async_trait::async_trait;
use azure_identity::Executor;

use crate::process::Tool;

/// `az` is Python and starts slowly.
const PATIENCE: Duration = Duration::from_secs(20);
/// What they find their login by.
const VARIABLES: [&str; 3] = ["HOME", "AZURE_CONFIG_DIR", "AZD_CONFIG_DIR"];

/// Runs them as all foreign tools run: without Muster's environment, and not for ever.
#[derive(Debug)]
pub(super) struct Tools;

#[async_trait]
impl Executor for Tools {
    async fn run(&self, program: &OsStr, arguments: &[&OsStr]) -> io::Result<Output> {
        let set = VARIABLES.iter().filter_map(|name| Some((*name, env::var_os(name)?)));
        let call = Tool::new(program).invoke(arguments);
        let call = set.fold(call, |call, (name, value)| call.env(name, value));
        let ended = call.time_limit(PATIENCE).outcome().await.map_err(io::Error::other)?;
        Ok(Output {
            status: ended.status,
            stdout: ended.stdout,
            stderr: ended.stderr,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tool_ends_as_it_ends_and_knows_nothing_of_muster() {
        let line = |line: &'static str| [OsStr::new("-c"), OsStr::new(line)];
        let shell = OsStr::new("/bin/sh");
        let output = Tools
            .run(shell, &line("echo ${CARGO_MANIFEST_DIR:-nothing}; exit 7"))
            .await;
        let output = output.unwrap();
        assert_eq!(
            (output.stdout.as_slice(), output.status.code()),
            (b"nothing\n".as_slice(), Some(7))
        );
        let missing = Tools.run(shell, &line("muster-knows-no-such-tool")).await.unwrap();
        assert_eq!(missing.status.code(), Some(127));
    }
}
