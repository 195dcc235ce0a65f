//! What was measured, for people and for a file.

use std::fmt::Write as _;

use serde::Serialize;

use crate::measure::Times;
use crate::site::Scale;

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Line {
    pub name: String,
    /// What Muster took.
    pub muster: Times,
    /// What the same took without Muster.
    pub bare: Times,
    /// Median over median.
    pub ratio: f64,
    /// Statements that were sent, where the bare thing is SQL.
    pub statements: Option<usize>,
    /// Size of the page.
    pub bytes: Option<usize>,
}

impl Line {
    pub fn new(name: impl Into<String>, muster: Times, bare: Times) -> Self {
        Self {
            name: name.into(),
            ratio: muster.median / bare.median,
            muster,
            bare,
            statements: None,
            bytes: None,
        }
    }
}

/// What a table with a year in it takes.
#[derive(Debug, Serialize)]
pub struct Table {
    pub name: String,
    pub rows: i64,
    /// With indexes.
    pub bytes: i64,
}

/// Everything.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: String,
    pub scale: Scale,
    pub seeded_seconds: u64,
    pub pages: Vec<Line>,
    pub collector: Vec<Line>,
    pub tools: Vec<Line>,
    pub tables: Vec<Table>,
}

impl Report {
    /// As Markdown, so that it can be kept.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.machine);
        let Scale {
            deployments,
            backups,
            largest,
            days,
            requests,
            audit_entries,
        } = self.scale;
        let _ = writeln!(
            text,
            "{deployments} deployments with {backups} backups each and one with {largest}; {days} days of history; {requests} requests a \
             deployment; {audit_entries} audit entries. Made in {} s.",
            self.seeded_seconds
        );
        lines(&mut text, "page", "bare SQL", &self.pages);
        lines(&mut text, "collector", "bare SQL", &self.collector);
        lines(&mut text, "beside", "raw tool", &self.tools);
        text.push_str("\n| table | rows | MB with indexes |\n|---|---:|---:|\n");
        for Table { name, rows, bytes } in &self.tables {
            let _ = writeln!(text, "| {name} | {rows} | {:.1} |", *bytes as f64 / 1e6);
        }
        text
    }
}

fn lines(text: &mut String, what: &str, bare: &str, lines: &[Line]) {
    let _ = write!(
        text,
        "\n| {what} | ms, median | p95 | {bare}, ms | p95 | ratio | statements | kB |\n"
    );
    text.push_str("|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for line in lines {
        let Line {
            name,
            muster,
            bare,
            ratio,
            statements,
            bytes,
        } = line;
        let statements = statements.map_or(String::new(), |count| count.to_string());
        let bytes = bytes.map_or(String::new(), |bytes| format!("{:.0}", bytes as f64 / 1000.0));
        let _ = writeln!(
            text,
            "| {name} | {:.1} | {:.1} | {:.1} | {:.1} | {ratio:.1} | {statements} | {bytes} |",
            muster.median, muster.p95, bare.median, bare.p95,
        );
    }
}
