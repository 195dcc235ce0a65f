//! What a dump says of itself before its data, quickly: enough to make the database that it is restored into.

use chrono::NaiveDateTime;
use domain::locale::LocaleProvider;
use tokio::sync::mpsc;

use super::script::Described;
use super::{DumpError, OpenDump, Reader};
use crate::process::{Line, Stream};

const AHEAD: usize = 1024;

/// The database as the dump describes it. What it doesn't tell is `None`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outline {
    pub database: String,
    pub encoding: Option<String>,
    pub collate: Option<String>,
    pub ctype: Option<String>,
    pub provider: LocaleProvider,
    /// Version of the server it came from, and of the `pg_dump` that wrote it.
    pub server_version: Option<String>,
    pub tool_version: Option<String>,
    /// When it was begun, by the wall clock of the machine that made it.
    pub begun: Option<NaiveDateTime>,
}

impl Outline {
    /// Major version of the server that it came from.
    #[must_use]
    pub fn major(&self) -> Option<u32> {
        let version = self.server_version.as_ref()?;
        version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

impl Reader {
    /// Reads it. The data aren't looked at.
    ///
    /// # Errors
    /// If the dump can't be understood, or the tool can't be run.
    pub async fn outline(&self, dump: &OpenDump) -> Result<Outline, DumpError> {
        let begun = self.begun(dump).await?;
        let (sender, mut lines) = mpsc::channel::<Line>(AHEAD);
        let arguments = ["--create", "--schema-only", "--file=-"].map(Into::into);
        let arguments = arguments.into_iter().chain([dump.path().as_os_str().to_owned()]);
        let call = self
            .pg_restore
            .tool
            .invoke(arguments)
            .cancelled_by(self.cancellation.clone());
        let reading = async {
            let mut described = Described::default();
            while let Some(line) = lines.recv().await {
                if line.stream == Stream::Stdout {
                    described.line(&line.text);
                }
            }
            described
        };
        let (result, described) = tokio::join!(call.stream(sender), reading);
        result.map_err(|error| self.judge(dump, error))?;
        Ok(Outline {
            database: described.database,
            encoding: described.encoding,
            collate: described.collate,
            ctype: described.ctype,
            provider: described.provider,
            server_version: described.server_version,
            tool_version: described.tool_version,
            begun,
        })
    }
}
