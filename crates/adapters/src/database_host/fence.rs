//! The fence around a restored cluster: from its first start in the old one's place until the checks pass, its `pg_hba.conf` is one that
//! lets Muster in and nobody else.

use super::{DatabaseHost, HostError, Recovery, Socket, settings};

const HBA: &str = "muster_hba.conf";
const IDENT: &str = "muster_ident.conf";
/// What recovery was told, which must not be found by a later one.
const RESET: [&str; 9] = [
    "hba_file",
    "ident_file",
    "restore_command",
    "recovery_target",
    "recovery_target_time",
    "recovery_target_inclusive",
    "recovery_target_timeline",
    "recovery_target_action",
    "recovery_target_lsn",
];

impl DatabaseHost {
    /// Puts the fence into a copy that isn't in its place yet, and tells it how it gets its WAL there. `pgdata` is where it will be.
    ///
    /// # Errors
    /// If the host doesn't do it.
    pub async fn fence(&self, copy: &str, pgdata: &str, superuser: &str, recovery: &Recovery) -> Result<(), HostError> {
        let (hba, ident) = settings::only(&self.ask(&["id", "-un"]).await?, superuser);
        self.write(&format!("{copy}/{HBA}"), &hba).await?;
        self.write(&format!("{copy}/{IDENT}"), &ident).await?;
        // A backslash escapes in this file, and pgBackRest’s own restore_command names the directory of the copy.
        let quoted = |text: String| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
        let restore_command = recovery.restore_command(pgdata);
        let restore_command =
            restore_command.ok_or_else(|| HostError::odd("the command of [deployment.restore]", ""))?;
        let lines = [
            format!("hba_file = {}", quoted(format!("{pgdata}/{HBA}"))),
            format!("restore_command = {}", quoted(restore_command)),
            format!("ident_file = {}", quoted(format!("{pgdata}/{IDENT}"))),
        ];
        // The last line of this file counts, so a second time does no harm.
        self.append(&format!("{copy}/postgresql.auto.conf"), &lines).await
    }

    /// Takes the fence away, and what recovery was told. It counts from the next start of the server on.
    ///
    /// # Errors
    /// If the server refuses it.
    pub async fn unfence(&self, at: &Socket) -> Result<(), HostError> {
        for setting in RESET {
            self.sql(at, "postgres", &format!("ALTER SYSTEM RESET {setting}"))
                .await?;
        }
        Ok(())
    }

    /// Whether the fence stands.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn is_fenced(&self, at: &Socket) -> Result<bool, HostError> {
        let file = self.sql(at, "postgres", "SHOW hba_file").await?;
        Ok(file.ends_with(&format!("/{HBA}")))
    }

    /// Where the server of a data directory listens on the host itself, by its `postmaster.pid`. `None`: none runs there.
    /// <https://www.postgresql.org/docs/current/storage-file-layout.html>
    ///
    /// # Errors
    /// If that can't be told.
    pub async fn socket(&self, bin_dir: &str, pgdata: &str, superuser: &str) -> Result<Option<Socket>, HostError> {
        if !self.is_running(bin_dir, pgdata).await? {
            return Ok(None);
        }
        let file = format!("{pgdata}/postmaster.pid");
        let text = self.ask(&["cat", "--", &file]).await?;
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let [_, _, _, port, folder, ..] = lines.as_slice() else {
            return Ok(None);
        };
        if folder.is_empty() {
            return Err(HostError::odd(format!("{file} names no socket, and"), text));
        }
        Ok(Some(Socket {
            bin_dir: bin_dir.to_owned(),
            folder: (*folder).to_owned(),
            port: (*port).to_owned(),
            superuser: superuser.to_owned(),
        }))
    }
}
