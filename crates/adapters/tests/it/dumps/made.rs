//! A small database and its dumps in every form.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use adapters::dumps::{DumpError, DumpFile, DumpFolder, DumpPlace, DumpRead, PgRestore, Reader, Scratch};
use adapters::postgres::Binaries;
use adapters::process::{RunAs, Tool};
use sqlx::Executor as _;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Rows of the largest table: more than one block of any compression.
pub const ROWS: u64 = 3000;
const SCHEMA: &str = r#"
    CREATE TABLE "__EFMigrationsHistory" ("MigrationId" text PRIMARY KEY);
    INSERT INTO "__EFMigrationsHistory" VALUES ('20250101000000_Initial'), ('20260301000000_Later');
    CREATE TABLE tenants ("Id" int PRIMARY KEY, "Name" text);
    INSERT INTO tenants SELECT n, repeat(md5(n::text), 3) FROM generate_series(1, 3000) n;
    CREATE TABLE nothing ("Id" int);
    SELECT lo_from_bytea(0, repeat('large', 5000)::bytea);
"#;

/// A folder with dumps, readable by the account that tools run as.
pub struct Made {
    folder: TempDir,
}

fn tool(name: &str) -> Tool {
    let run_as = RunAs::unprivileged().expect("a user for tools");
    Binaries::find(None).expect("PostgreSQL").tool(name).run_as(run_as)
}

fn open_folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("muster-dumps-")
        .tempdir_in("/tmp")
        .expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("our own folder");
    folder
}

impl Made {
    /// Dumps in these forms, given as `(name, pg_dump's arguments)`.
    pub async fn with(forms: &[(&str, &[&str])]) -> Self {
        let database = testkit::postgres::database().await;
        database.connect().await.execute(SCHEMA).await.expect("a plain schema");
        let folder = open_folder();
        for (name, arguments) in forms {
            let to = format!("--file={}", folder.path().join(name).display());
            let call = tool("pg_dump").invoke(arguments.iter().copied());
            call.arg(&to)
                .arg(format!("--dbname={}", database.url))
                .output()
                .await
                .expect("dumps");
        }
        Self { folder }
    }

    pub async fn custom() -> Self {
        Self::with(&[("a.dump", &["-Fc"])]).await
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn place(&self) -> DumpPlace {
        DumpPlace::Folder(DumpFolder {
            name: "dumps".into(),
            dir: self.folder.path().into(),
        })
    }

    /// Lets the account that tools run as read a file that the test has written.
    pub fn publish(&self, name: &str) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o644)).expect("our own file");
    }

    /// Packs a file by gzip.
    pub fn pack(&self, name: &str, to: &str) {
        let packed = File::create(self.path(to)).expect("our own folder");
        let mut encoder = flate2::write::GzEncoder::new(packed, flate2::Compression::default());
        encoder
            .write_all(&fs::read(self.path(name)).expect("reads"))
            .expect("writes");
        encoder.finish().expect("writes");
        self.publish(to);
    }
}

/// A scratch folder and whom it is for.
pub fn scratch(folder: &Path) -> Scratch {
    Scratch {
        root: folder.join("scratch"),
        reader: RunAs::unprivileged().expect("a user for tools"),
    }
}

/// A folder that the account of the tools can pass through.
pub fn scratch_folder() -> TempDir {
    open_folder()
}

pub async fn reader() -> Reader {
    Reader {
        pg_restore: PgRestore::find(tool("pg_restore")).await.expect("PostgreSQL"),
        wrapped: vec![("tenants".into(), "Name".into())],
        migrations: Some(("__EFMigrationsHistory".into(), "MigrationId".into())),
        cancellation: CancellationToken::new(),
    }
}

/// Opens and reads one dump.
pub async fn read(place: &DumpPlace, dump: &DumpFile, scratch: &Scratch) -> Result<DumpRead, DumpError> {
    let open = place.open(dump, scratch).await?;
    reader().await.read(&open).await
}

/// Why a dump can't be read to its end.
pub async fn refusal(place: &DumpPlace, dump: &DumpFile, scratch: &Scratch) -> DumpError {
    match read(place, dump, scratch).await {
        Ok(_) => panic!("{} was read to its end", dump.label),
        Err(error) => error,
    }
}

/// Takes the last bytes away, and keeps the time.
pub fn truncate(path: &Path, bytes: u64) {
    let file = File::options().write(true).open(path).expect("our own file");
    let meta = file.metadata().expect("our own file");
    file.set_len(meta.len() - bytes).expect("truncates");
    file.set_modified(meta.modified().expect("a time"))
        .expect("our own file");
}
