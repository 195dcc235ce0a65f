//! The commands that a person is shown while something is broken, typed as they stand: with the real tools, and without Muster.

use std::time::{Duration, Instant};

use domain::emergency::{Command, Route};
use domain::role::Actor;
use recovery::keys::Memory;
use recovery::{emergency, findings};

use super::typed::{PATIENCE, Terminal, contents};
use crate::pitr::ground::Ground;

const MARK: &str = "'\\''";

/// A command as it stands on the page.
fn line(command: &Command) -> String {
    let words = command
        .argv
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', MARK)));
    words.collect::<Vec<_>>().join(" ")
}

/// The way along the stanza, as it is drawn up from the configuration alone.
async fn way(ground: &Ground) -> Route {
    let settings = &ground.site.services.settings;
    let (deployment, now) = (&settings.deployments[0], ground.site.services.clock.now());
    let observed = findings::observe(deployment, None, &Memory::None, &Actor::job("shell"), now).await;
    let broken = vec![("ca-lost".to_owned(), "The authority is lost".to_owned())];
    let drawn_up = emergency::of_look(settings, (deployment, &observed), broken, None, now);
    let ways = drawn_up.expect("something is broken").ways_back;
    let own = ways.into_iter().find(|way| way.source == "pgbr-main");
    own.expect("a way along the stanza")
}

/// Loses the cluster, and types everything up to the question how far it came; answers that question and the last command.
fn restored(ground: &Ground, way: &Route) -> (Terminal, String, String) {
    let [restore, start, reached, promote] = way.commands.as_slice() else {
        panic!("{:?}", way.commands)
    };
    let terminal = Terminal::beside(ground.stanza.cluster());
    let data = ground.stanza.data_dir();
    terminal.typed(&format!(
        "pg_ctl -D {0} -m immediate -w stop && mv {0} {0}.lost && install -d -m 700 {0}",
        data.display()
    ));
    terminal.typed(&line(restore));
    terminal.typed(&line(start));
    (terminal, line(reached), line(promote))
}

/// The columns `position` and `enough`.
fn asked(terminal: &Terminal, reached: &str) -> (String, String) {
    let printed = terminal.typed(reached);
    let row = printed.lines().nth(2).unwrap_or_default();
    let mut columns = row.split('|').map(|column| column.trim().to_owned());
    let (position, enough) = (columns.next(), columns.next());
    (position.unwrap_or_default(), enough.unwrap_or_default())
}

async fn awaited(so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "it doesn’t come to that");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_cluster_comes_back_to_the_last_archived_commit_and_no_sooner() {
    let ground = Ground::new().await;
    ground.event("first").await;
    ground.stanza.write_and_archive().await;
    let before = contents(&ground.site.live.options).await;
    // The last archived segment ends within a record, whose rest is lost with the server.
    let archived = ground.stanza.files(1).len();
    for _ in 0..2 {
        ground
            .sql("SELECT pg_logical_emit_message(false, 'muster', repeat('x', 10000000))")
            .await;
    }
    awaited(async || ground.stanza.files(1).len() > archived).await;
    let way = way(&ground).await;
    let (terminal, reached, promote) = restored(&ground, &way);
    awaited(async || asked(&terminal, &reached).1 == "t").await;
    assert_eq!(
        terminal
            .typed("psql -XAtc 'SELECT pg_is_in_recovery()' postgres")
            .trim(),
        "t"
    );
    terminal.typed(&promote);
    assert_eq!(contents(&ground.site.live.options).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hole_in_the_wal_is_seen_and_nothing_is_promoted() {
    let ground = Ground::new().await;
    ground.event("first").await;
    let (_, missing) = ground.stanza.write_and_archive().await;
    ground.stanza.write_and_archive().await;
    let way = way(&ground).await;
    ground.stanza.lose_wal(1, &missing);
    let (terminal, reached, _) = restored(&ground, &way);
    let mut seen = Vec::new();
    for _ in 0..30 {
        seen.push(asked(&terminal, &reached));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(seen.iter().all(|(_, enough)| enough == "f"), "{seen:?}");
    assert_eq!(
        terminal
            .typed("psql -XAtc 'SELECT pg_is_in_recovery()' postgres")
            .trim(),
        "t",
        "it waits, and writes nothing"
    );
}
