use std::collections::BTreeSet;

use domain::backup::{Backup, DumpContents, Kind};
use domain::ids::{Big, Sha256};
use domain::status::Status;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::overview::{BackupView, DumpReading, View};

use super::chain::{ChainLink, parents};
use super::detail::{BackupContent, OneBackup};
use super::restore::cannot_restore;
use super::select::{PAGE, Selection};
use super::*;
use crate::pages::drills::Startable;
use crate::pages::overview::proofs::{document, holds, main, nothing_is_ok};
use crate::pages::overview::samples::{self, HOUR, ago, backup};

fn address(query: &[(&'static str, &str)]) -> Address {
    let empty = Address::new("/backups", ParamsMap::new());
    query
        .iter()
        .fold(empty, |address, (name, value)| address.with(name, *value))
}

fn page(view: View, query: &[(&'static str, &str)]) -> String {
    let page = Backups {
        view,
        found: None,
        links: samples::links(),
        address: address(query),
        cannot_request: None,
    };
    document(Place::Backups, move || view! { <BackupsContent page /> }.into_any())
}

fn picked(view: View, found: RestoreTo) -> String {
    let typed = found.at.format("%Y-%m-%d %H:%M:%S").to_string();
    let page = Backups {
        view,
        found: Some(found),
        links: samples::links(),
        address: address(&[("at", &typed), ("kind", "full")]),
        cannot_request: None,
    };
    document(Place::Backups, move || view! { <BackupsContent page /> }.into_any())
}

fn one(view: View, of: &Backup, reading: Option<DumpReading>) -> String {
    let page = OneBackup {
        seen: BackupView {
            view,
            backup: of.clone(),
            reading,
            contents: Vec::new(),
            images: BTreeSet::new(),
        },
        startable: Startable {
            deployment: "ampora-prod".into(),
            deployments: vec!["ampora-prod".into()],
            cannot: None,
        },
        links: samples::links(),
        cannot_request: None,
    };
    document(Place::Backups, move || view! { <BackupContent page /> }.into_any())
}

fn reading() -> DumpReading {
    let rows = [
        ("public.audit_events", 181_002),
        ("public.agents", 1_338),
        ("public.tenants", 3),
    ];
    DumpReading {
        contents: Ok(DumpContents {
            sha256: Sha256::of(&[b"dump"]),
            rows: rows.map(|(table, rows)| (table.to_owned(), Big(rows))).into(),
            encoding: "UTF8".into(),
            collate: "C.UTF-8".into(),
            ctype: "C.UTF-8".into(),
            provider: Some(domain::locale::LocaleProvider::Libc),
            begun: Some(ago(2 * HOUR).naive_utc()),
            server_version: "15.18".into(),
            tool_version: "15.18".into(),
            database: "ampora".into(),
            settings: vec!["ALTER DATABASE ampora SET row_security TO 'on'".into()],
            migration_head: None,
        }),
        openings: vec![(samples::fingerprint('c'), 214)],
        sampled: 214,
        unparsed: 0,
        read_at: ago(HOUR),
    }
}

#[test]
fn the_list_shows_windows_gaps_and_every_backup() {
    let html = page(samples::fresh(), &[]);
    holds("backups-fresh", &html);
    let main = main(&html);
    assert!(
        main.contains("0000000400000004000000F1 to 0000000400000004000000F3"),
        "the gap names its segments"
    );
    assert!(main.contains("13 kept: 12 ok, 1 broken, 0 unknown"), "{main}");
    assert!(main.contains(">Request restore<"));
}

#[test]
fn filters_and_order_are_those_of_the_address() {
    let view = samples::fresh();
    let select = |query: &[(&'static str, &str)]| Selection::of(&address(query)).part(&view.inventory.backups);
    let dumps = select(&[("kind", "dump"), ("sort", "backup")]);
    let labels: Vec<_> = dumps.backups.iter().map(|backup| backup.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "ampora-20260928T0130.dump",
            "ampora-20261005T0130.dump",
            "ampora-20261006T0130.dump"
        ]
    );
    assert_eq!(select(&[("status", "broken")]).matching, 1);
    assert_eq!(
        select(&[("text", "BYTE early")]).matching,
        1,
        "the reason is searched too"
    );
    assert_eq!(select(&[("source", "nowhere")]).matching, 0);
    let sizes = select(&[("sort", "-size")]);
    assert!(
        sizes.backups.last().is_some_and(|backup| backup.size_bytes.is_none()),
        "what isn't known comes last"
    );
}

#[test]
fn an_unknown_filter_leaves_nothing_over_and_says_so() {
    let html = page(samples::fresh(), &[("source", "nowhere")]);
    holds("backups-filtered", &html);
    assert!(main(&html).contains("No backup matches"));
}

#[test]
fn ten_thousand_backups_come_in_pages_and_none_twice() {
    let view = samples::huge();
    let html = page(view.clone(), &[("page", "3")]);
    holds("backups-huge", &html);
    assert!(html.len() < 900_000, "{} bytes", html.len());
    assert!(main(&html).contains("101 to 150 of 10000"));
    let mut labels: Vec<String> = Vec::new();
    for number in 1..=10_000_usize.div_ceil(PAGE) {
        let number = number.to_string();
        let part = Selection::of(&address(&[("page", &number), ("sort", "status")])).part(&view.inventory.backups);
        labels.extend(part.backups.into_iter().map(|backup| backup.label));
    }
    labels.sort();
    labels.dedup();
    assert_eq!(labels.len(), 10_000);
    let beyond = Selection::of(&address(&[("page", "99999")])).part(&view.inventory.backups);
    assert_eq!(
        (beyond.page, beyond.backups.len()),
        (200, PAGE),
        "behind the last page is the last page"
    );
}

#[test]
fn sources_that_fell_silent_leave_last_known_backups_and_nothing_ok() {
    let html = page(samples::unknown(), &[]);
    holds("backups-unknown", &html);
    assert!(main(&html).contains("last known restorable"));
    assert!(main(&html).contains("last known: no error found by pgBackRest"));
}

#[test]
fn a_picked_time_is_drawn_and_answered_and_stays_with_the_filters() {
    let ways = vec![pick::tests::replayed(), pick::tests::copy()];
    let html = picked(samples::good(), pick::tests::found(ago(HOUR), ways, None));
    holds("backups-picked", &html);
    let main = main(&html);
    assert!(main.contains(">restore to 00:14:26<"), "it is in the plot");
    assert!(main.contains("Best: pgbr-main repo1"), "{main}");
    assert!(
        main.contains("name=\"at\" value=\"2026-10-06 00:14:26\""),
        "the filters keep it"
    );
    assert_eq!(
        main.matches("title=\"Restore to ").count(),
        93,
        "all but the part to come"
    );
}

#[test]
fn ten_thousand_backups_are_no_larger_a_picture() {
    let drawing = |view: &View| {
        let range = RANGES[RANGES.len() - 1];
        let plot = plot(view, "restorable", range);
        crate::plots::restorable(&plot, crate::plots::Width::Wide)
    };
    let (few, many) = (drawing(&samples::fresh()), drawing(&samples::huge()));
    assert!(many.len() < 120_000 && few.len() < many.len(), "{} bytes", many.len());
    let html = page(samples::huge(), &[("range", "1y")]);
    assert!(main(&html).contains(" backups in ") && main(&html).contains("the worst of them shows"));
}

#[test]
fn a_backup_says_who_needs_it_and_which_image_wrote_it() {
    let mut view = samples::fresh();
    let full = view.inventory.backups[0].clone();
    view.inventory.windows[0].from = full.stopped_at.expect("it is done");
    let html = one(view, &full, None);
    let said = crate::pages::overview::proofs::text(&main(&html));
    for says in [
        "without it they can’t be restored",
        "begins with it",
        "not known: before Muster watched",
        "no drill is on record",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
}

#[test]
fn the_same_label_in_two_repositories_is_two_backups() {
    let mut view = samples::fresh();
    let first = view.inventory.backups[0].clone();
    view.inventory.backups[0].repo = Some(1);
    view.inventory.backups.push(Backup { repo: Some(2), ..first });
    let html = page(view, &[("sort", "backup")]);
    for repo in ["1", "2"] {
        assert!(
            html.contains(&format!("/backups/pgbr-main/20261009-220004F?repo={repo}")),
            "{repo}"
        );
    }
}

#[test]
fn nothing_configured_is_no_empty_table() {
    let html = page(samples::empty(), &[]);
    holds("backups-empty", &html);
    nothing_is_ok("backups-empty", &main(&html));
    assert!(main(&html).contains("No backup is known"));
}

#[test]
fn hostile_labels_stay_text_and_their_links_stay_in_place() {
    let view = samples::hostile();
    let backup = view.inventory.backups[0].clone();
    holds("backups-hostile", &page(view.clone(), &[]));
    let html = one(view, &backup, None);
    holds("backup-hostile", &html);
    assert!(
        html.contains("/backups/%E2%80%AEpmud.%3Cscript%3E"),
        "the parent's link is escaped"
    );
}

#[test]
fn a_dump_that_was_read_shows_its_rows_and_who_opens_it() {
    let view = samples::fresh();
    let dump = view.inventory.backups[10].clone();
    let html = one(view, &dump, Some(reading()));
    holds("backup-dump", &html);
    let main = main(&html);
    assert!(main.contains("182,343 rows in 3 tables"), "{main}");
    assert!(main.contains("A key that the manager lacks"));
    assert!(
        main.contains("name=\"backup\" value=\"ampora-20261006T0130.dump\""),
        "the request is filled in"
    );
}

#[test]
fn what_cannot_be_restored_says_why() {
    let view = samples::fresh();
    let [full, dump, broken] = [0, 10, 11].map(|at| view.inventory.backups[at].clone());
    assert!(cannot_restore(&view, &full, None).is_some_and(|why| why.contains("with pgbackrest itself")));
    assert!(cannot_restore(&view, &broken, None).is_some_and(|why| why.contains("ends 1 byte early")));
    assert_eq!(cannot_restore(&view, &dump, None), None);
    assert!(cannot_restore(&view, &dump, Some("takes the role operator")).is_some());
    let html = one(view, &full, None);
    holds("backup-full", &html);
    assert!(!main(&html).contains("action=\"/requests/new\""));
}

#[test]
fn a_chain_ends_at_a_full_backup_a_hole_or_where_it_bites_its_tail() {
    let link = |label: &str, parent: Option<&str>| Backup {
        parent: parent.map(Into::into),
        ..backup("pgbr-main", label, Kind::Incr, HOUR, Status::Ok)
    };
    let backups = [
        link("a", None),
        link("b", Some("a")),
        link("c", Some("b")),
        link("d", Some("gone")),
        link("e", Some("e")),
    ];
    let labels = |of: usize| {
        let links = parents(&backups, &backups[of]).into_iter().map(|link| match link {
            ChainLink::Known(backup) => backup.label,
            ChainLink::Missing(label) => format!("missing {label}"),
        });
        links.collect::<Vec<_>>()
    };
    assert_eq!(labels(2), ["b", "a"]);
    assert_eq!(labels(3), ["missing gone"]);
    assert_eq!(labels(4), ["missing e, which builds on itself"]);
}
