//! Faults of the archive: a real cluster, its stanza, and other servers that meddle.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use recovery::settings::Source;
use sqlx::ConnectOptions as _;
use testkit::ampora::Ampora;
use testkit::pgbackrest::{Copies, Neighbour, Stanza};
use testkit::postgres::{Database, SUPERUSER};
use testkit::terminal::Terminal;

use super::patient::{Patient, commands, follow};
use crate::site::master_key;

const PATIENCE: Duration = Duration::from_secs(60);

/// A deployment whose database archives into a stanza.
struct Ward {
    stanza: Stanza,
    patient: Patient,
}

impl Ward {
    async fn new() -> Self {
        let stanza = Stanza::start().await;
        stanza.own_the_folder();
        let database = Database {
            name: "postgres".into(),
            options: stanza.options(),
            url: stanza.cluster().url(SUPERUSER, "postgres"),
            binaries: stanza.cluster().binaries().clone(),
        };
        let ampora = Ampora::in_database(database, &master_key(3)).await;
        let mut patient = Patient::over(ampora).await;
        patient.deployment.sources = vec![Source::PgBackRest(stanza.source())];
        for repo in [1, 2] {
            stanza.backup(repo, Copies::Everything).await;
        }
        let mut ward = Self { stanza, patient };
        ward.beat().await;
        ward.patient.is_well("a fresh start").await;
        ward
    }

    /// Ampora writes, and what it wrote is archived.
    async fn beat(&self) {
        self.patient.run(r#"UPDATE "heartbeats" SET "BeatUtc" = now()"#).await;
        self.stanza.write_and_archive().await;
    }

    fn terminal(&self) -> Terminal {
        self.patient.terminal().with("PGDATA", self.stanza.data_dir().display())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_that_fails_is_told_until_a_segment_gets_through() {
    let mut ward = Ward::new().await;
    ward.stanza.hold_archiving(true).await;
    ward.patient
        .run("SELECT pg_create_restore_point('held'); SELECT pg_switch_wal()")
        .await;
    until(&ward, "SELECT failed_count > 0 FROM pg_stat_archiver").await;
    let found = ward.patient.falls_ill("wal-archiving-stalled").await;
    ward.stanza.hold_archiving(false).await;
    ward.beat().await;
    follow(&ward.terminal(), &commands(&found)).await;
    ward.patient.is_well("the setting was taken back").await;
}

async fn until(ward: &Ward, question: &'static str) {
    let asked = Instant::now();
    let mut connection = ward.stanza.options().connect().await.expect("connects");
    while !sqlx::query_scalar::<_, bool>(question)
        .fetch_one(&mut connection)
        .await
        .expect("answers")
    {
        assert!(asked.elapsed() < PATIENCE, "{question}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_errors_is_told_although_the_tool_ended_well() {
    let mut ward = Ward::new().await;
    let page = ward.damage().await;
    let bad = ward.stanza.backup(1, Copies::Everything).await;
    let found = ward.patient.falls_ill("backup-tool-errors").await;
    assert!(found.title.contains(&bad), "{}", found.title);
    let commands = commands(&found);
    // The page is checked before the next backup is taken, and refused for as long as it is damaged.
    let check = commands
        .iter()
        .position(|command| command.starts_with("pg_amcheck"))
        .expect("checks pages");
    let terminal = ward.terminal();
    assert!(
        terminal.run(commands[check]).await.is_err(),
        "the page is still damaged"
    );
    ward.repair(&page).await;
    follow(&terminal, &commands).await;
    ward.patient.is_well("a backup without errors").await;
}

/// A page as it was before it was overwritten.
struct Page {
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Ward {
    /// Overwrites a page of a table on disk, behind the server's back.
    async fn damage(&self) -> Page {
        self.patient
            .run("CREATE TABLE notes AS SELECT repeat('n', 100) AS note FROM generate_series(1, 1000); CHECKPOINT")
            .await;
        let mut connection = self.stanza.options().connect().await.expect("connects");
        let path: String = sqlx::query_scalar("SELECT pg_relation_filepath('notes')")
            .fetch_one(&mut connection)
            .await
            .expect("answers");
        let file = self.stanza.data_dir().join(path);
        let mut bytes = vec![0; 4096];
        fs::File::open(&file)
            .and_then(|mut open| open.read_exact(&mut bytes))
            .expect("its first page");
        let page = Page { file, bytes };
        page.write(&[0xA5; 4096]);
        self.forget_pages().await;
        page
    }

    async fn repair(&self, page: &Page) {
        page.write(&page.bytes);
        self.forget_pages().await;
    }

    /// What the server has in memory is as good as ever.
    async fn forget_pages(&self) {
        let evict = "CREATE EXTENSION IF NOT EXISTS pg_prewarm; CREATE TABLE IF NOT EXISTS filler AS SELECT repeat('f', 1000) AS f FROM generate_series(1, 200000); SELECT pg_prewarm('filler')";
        self.patient.run(evict).await;
    }
}

impl Page {
    fn write(&self, bytes: &[u8]) {
        let mut file = fs::OpenOptions::new().write(true).open(&self.file).expect("opens");
        // Behind the header, which tells where the rows are.
        let (_, rest) = bytes.split_at(2048);
        file.seek(SeekFrom::Start(2048)).expect("seeks");
        file.write_all(rest).expect("writes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_in_the_stanza_is_told_until_the_stanza_is_the_live_servers_again() {
    let mut ward = Ward::new().await;
    let stranger = Neighbour::stranger(&ward.stanza).await;
    let found = ward.patient.falls_ill("two-clusters-one-stanza").await;
    stranger.stop().await;
    follow(&ward.terminal(), &commands(&found)).await;
    ward.beat().await;
    ward.patient.is_well("the stanza was taken back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_timeline_is_told_until_the_live_server_is_on_a_newer_one() {
    let mut ward = Ward::new().await;
    let copy = Neighbour::copy(&ward.stanza).await;
    let found = ward.patient.falls_ill("foreign-timeline").await;
    copy.stop().await;
    let commands = commands(&found);
    let before = commands
        .iter()
        .position(|command| command.starts_with("touch "))
        .expect("a restart")
        + 1;
    follow(&ward.terminal(), &commands[..before]).await;
    ward.stanza.restart(async || ()).await;
    follow(&ward.terminal(), &commands[before..]).await;
    ward.beat().await;
    ward.patient
        .is_well("the live server went on to a timeline of its own")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_that_stopped_early_is_told_until_the_rest_is_replayed() {
    let mut ward = Ward::new().await;
    let (_, missing) = ward.stanza.write_and_archive().await;
    ward.stanza.write_and_archive().await;
    let hidden: Vec<_> = [1, 2].map(|repo| hide(&ward.stanza, repo, &missing)).into();
    ward.stanza.restore_latest().await;
    for (from, to) in &hidden {
        fs::rename(to, from).expect("it comes back");
    }
    ward.beat().await;
    let found = ward.patient.falls_ill("recovery-stopped-early").await;
    let commands = commands(&found);
    let swap = commands
        .iter()
        .position(|command| command.starts_with("mv "))
        .expect("a swap");
    let promote = commands
        .iter()
        .position(|command| command.contains("pg_promote"))
        .expect("it waits");
    let terminal = ward.terminal();
    follow(&terminal, &commands[..swap]).await;
    ward.stanza
        .restart_waiting(
            async || follow(&terminal, &commands[swap..promote]).await,
            async || follow(&terminal, &commands[promote..]).await,
        )
        .await;
    ward.beat().await;
    ward.patient.is_well("the rest was replayed").await;
}

/// A segment that can't be had for a while: where it lies, and where it is meanwhile.
pub fn hide(stanza: &Stanza, repo: u32, segment: &str) -> (PathBuf, PathBuf) {
    let from = stanza.file(repo, &format!("archive/{}", stanza.name), segment);
    let to = stanza.repo(repo).with_extension(format!("hidden-{segment}"));
    fs::rename(&from, &to).expect("our own folder");
    (from, to)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_replica_what_only_the_primary_knows_is_unknown() {
    let mut ward = Ward::new().await;
    let standby = Neighbour::standby(&ward.stanza).await;
    let database = ward.patient.deployment.database.as_mut().expect("is configured");
    let reader = format!("reader_{}", ward.patient.ampora.database.name);
    database.replica = Some(standby.options().options([("role", reader.as_str())]));
    let judged = ward.patient.collect().await;
    let mut unknown: Vec<_> = judged
        .iter()
        .filter(|(_, says)| says.is_err())
        .map(|(rule, _)| rule.code)
        .collect();
    unknown.retain(|code| {
        [
            "foreign-timeline",
            "recovery-stopped-early",
            "two-clusters-one-stanza",
            "wal-archiving-stalled",
        ]
        .contains(code)
    });
    assert_eq!(unknown.len(), 4, "{unknown:?}");
    for (rule, says) in judged {
        assert!(!matches!(says, Ok(Some(_))), "{}: {says:?}", rule.code);
        let told_by_any = ["ca-lost", "first-login-becomes-admin", "empty-database"].contains(&rule.code);
        assert!(!told_by_any || matches!(says, Ok(None)), "{}: {says:?}", rule.code);
    }
    standby.stop().await;
    // Nobody turns to the primary by himself: it is unknown then.
    let (_, says) = ward.patient.collect().await.swap_remove(1);
    assert!(says.is_err(), "{says:?}");
}
