//! `make bench`: how long pages take on a large site, as a ratio to the bare SQL that they send, and Muster's readings as a ratio to the
//! tools that it calls, all in one run. Nothing here fails for being slow: a ratio is read by people.

mod collector;
mod measure;
mod report;
mod site;
mod statements;
mod tools;
mod vitals;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use adapters::postgres::ClusterSpec;
use axum::http::StatusCode;
use clap::Parser;
use sqlx::{PgConnection, Row as _};
use testkit::postgres::ThrowawayCluster;

use collector::Call;
use measure::{Times, measure};
use report::{Line, Report, Table};
use site::pages::Page;
use site::{Scale, Site, Visitor};
use statements::{LOGGED, ServerLog};

/// What is measured, and how often.
#[derive(Parser)]
struct Arguments {
    /// Also writes everything into this file, as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    #[arg(long, default_value_t = 200)]
    deployments: usize,
    /// Backups of each deployment
    #[arg(long, default_value_t = 400)]
    backups: usize,
    /// Backups of one deployment more
    #[arg(long, default_value_t = 10_000)]
    largest: usize,
    #[arg(long, default_value_t = 365)]
    days: i64,
    #[arg(long, default_value_t = 1_000_000)]
    audit_entries: usize,
    /// Requests for each page
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// Leaves the raw tools out
    #[arg(long)]
    no_tools: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    const fn scale(&self) -> Scale {
        Scale {
            deployments: self.deployments,
            backups: self.backups,
            largest: self.largest,
            days: self.days,
            requests: 20,
            audit_entries: self.audit_entries,
        }
    }
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let cluster = ThrowawayCluster::start_with(ordinary).await;
    let database = cluster.database().await;
    say("making a site");
    let begun = Instant::now();
    let site = Site::make(database.options.clone(), arguments.scale()).await;
    let seeded_seconds = begun.elapsed().as_secs();
    let bench = Bench {
        rounds: arguments.rounds,
        log: ServerLog::of(&cluster.cluster().data_dir()),
        raw: database.connect().await,
        site,
    };
    let report = bench.run(seeded_seconds, !arguments.no_tools).await;
    println!("\n{}", report.text());
    say("vital signs of a fleet");
    println!("\n{}", vitals::cost(&cluster).await.text());
    if let Some(path) = arguments.json {
        let text = serde_json::to_string_pretty(&report).expect("plain values");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{} can’t be written: {error}", path.display()));
    }
}

/// A server as it comes, but for what a throw-away cluster turns off.
fn ordinary(spec: ClusterSpec) -> ClusterSpec {
    ["fsync", "synchronous_commit", "full_page_writes"]
        .into_iter()
        .fold(spec, |spec, name| spec.setting(name, "on").expect("a plain setting"))
}

struct Bench {
    rounds: usize,
    log: ServerLog,
    /// A connection with nothing around it.
    raw: PgConnection,
    site: Site,
}

impl Bench {
    async fn run(mut self, seeded_seconds: u64, with_tools: bool) -> Report {
        let (services, visitor) = self.site.open(&[]).await;
        let (logged, logged_visitor) = self.site.open(&LOGGED).await;
        let mut pages = Vec::new();
        for page in site::pages(&self.site).await {
            pages.push(self.page(&page, &visitor, &logged_visitor).await);
        }
        let mut collector = Vec::new();
        for call in Call::ALL {
            say(call.name());
            let sent = self.sent(async |site| call.make(site, &logged).await).await;
            let muster = measure(self.rounds, async || call.make(&self.site, &services).await).await;
            let mut line = Line::new(call.name(), muster, self.bare(&sent).await);
            line.statements = Some(sent.len());
            collector.push(line);
        }
        let tables = tables(&mut self.raw).await;
        let mut beside = Vec::new();
        if with_tools {
            say("raw tools");
            let measured = tools::beside(self.rounds).await;
            beside.extend(
                measured
                    .into_iter()
                    .map(|tool| Line::new(tool.name, tool.muster, tool.raw)),
            );
        }
        Report {
            machine: machine(&mut self.raw).await,
            scale: self.site.scale,
            seeded_seconds,
            pages,
            collector,
            tools: beside,
            tables,
        }
    }

    async fn page(&mut self, page: &Page, visitor: &Visitor, logged: &Visitor) -> Line {
        say(&format!("{}: {}", page.name, page.path));
        let answer = logged.get(&page.path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", page.path);
        let sent = self.sent(async |_| drop(logged.get(&page.path).await)).await;
        let muster = measure(self.rounds, async || drop(visitor.get(&page.path).await)).await;
        Line {
            statements: Some(sent.len()),
            bytes: Some(answer.body.len()),
            ..Line::new(page.name, muster, self.bare(&sent).await)
        }
    }

    /// The statements that were sent meanwhile.
    async fn sent(&self, meanwhile: impl AsyncFnOnce(&Site)) -> Vec<String> {
        let end = self.log.end();
        meanwhile(&self.site).await;
        let sent = self.log.since(end);
        assert!(!sent.is_empty(), "the server logged no statement");
        sent
    }

    async fn bare(&mut self, sent: &[String]) -> Times {
        let raw = &mut self.raw;
        measure(self.rounds, async || statements::send(raw, sent).await).await
    }
}

async fn tables(conn: &mut PgConnection) -> Vec<Table> {
    let rows = sqlx::query(
        "select relname::text, reltuples::bigint, pg_total_relation_size(oid) from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 0 order by 3 desc",
    );
    let rows = rows.fetch_all(conn).await.expect("reads");
    let table = |row: sqlx::postgres::PgRow| Table {
        name: row.get(0),
        rows: row.get(1),
        bytes: row.get(2),
    };
    rows.into_iter().map(table).collect()
}

/// Processor, memory and PostgreSQL.
async fn machine(conn: &mut PgConnection) -> String {
    let version: String = sqlx::query_scalar("show server_version")
        .fetch_one(conn)
        .await
        .expect("reads");
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':')
            .map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{}; {cores} cores ({}), {} of memory; PostgreSQL {version}",
        chrono::Utc::now().format("%Y-%m-%d"),
        field("/proc/cpuinfo", "model name"),
        field("/proc/meminfo", "MemTotal"),
    )
}

fn say(what: &str) {
    println!("bench: {what}");
}
