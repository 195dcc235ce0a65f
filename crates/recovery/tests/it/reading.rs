//! What pages read: the audit log with both halves of each act, the end of a run's log, requests with what became of them.

use domain::approval::Decision;
use domain::audit::{Outcome, Phase, Tree};
use domain::role::Role;
use domain::run::RunState;
use recovery::approvals::{self, Filter as Requests};
use recovery::audit::{self, Filter, Named};
use recovery::{Error, runs};
use store::runs::{LogLine, LogStream};

use crate::site::Site;

/// A request for a database of this name, put up by `a` and refused to `a`; answers its number.
async fn asked(site: &Site, database: &str) -> i64 {
    let a = site.person("a", Role::Operator);
    let asked = site.request(&a, &site.restore_wish(database)).await.expect("planned");
    let own = site.decide(&a, asked.number, Decision::Approve).await;
    assert!(
        matches!(own, Err(Error::Refused(_))),
        "no one decides on their own request"
    );
    asked.number
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_with_both_halves_of_each_act() {
    let site = Site::new().await;
    let (one, two) = (asked(&site, "copy_one").await, asked(&site, "copy_two").await);
    let mut tree = Tree::default();
    site.services.store.audit_sequence(&mut tree).await.expect("numbers");
    let auditor = site.person("c", Role::Auditor);

    let all = audit::list(&site.services, &auditor, &Filter::default())
        .await
        .expect("reads");
    assert_eq!(all.size, i64::try_from(tree.size()).expect("small"));
    let intents = all
        .entries
        .iter()
        .filter(|joined| joined.row.entry.phase == Phase::Intent);
    let halves: Vec<_> = intents
        .map(|joined| joined.other.as_ref().expect("an outcome").entry.intent)
        .collect();
    assert!(!halves.is_empty(), "the plans read keys");
    for joined in all
        .entries
        .iter()
        .filter(|joined| joined.row.entry.phase == Phase::Outcome)
    {
        let intent = joined.other.as_ref().expect("an intent");
        assert_eq!(Some(intent.entry.id), joined.row.entry.intent);
    }

    let of_two = Filter {
        request: Some(two),
        outcome: Some(Outcome::Refused),
        ..Filter::default()
    };
    let refused = audit::list(&site.services, &auditor, &of_two).await.expect("reads");
    assert_eq!(refused.entries.len(), 1);
    assert_eq!(refused.requests.values().copied().collect::<Vec<_>>(), [two]);
    assert!(all.requests.values().any(|number| *number == one));

    let row = &refused.entries[0].row;
    let by_id = audit::see(&site.services, &auditor, Named::Id(row.entry.id))
        .await
        .expect("reads");
    let index = row.index.expect("is numbered");
    let by_index = audit::see(&site.services, &auditor, Named::Index(index))
        .await
        .expect("reads");
    assert_eq!(by_id, by_index);
    assert_eq!(by_id.request, Some(two));
    assert_eq!(domain::audit::leaf_hash(&by_id.joined.row.leaf), row.leaf_hash);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_for_auditors_and_what_is_not_there_is_not_found() {
    let site = Site::new().await;
    let (viewer, auditor) = (site.person("v", Role::Viewer), site.person("c", Role::Auditor));
    let seen = audit::list(&site.services, &viewer, &Filter::default()).await;
    assert!(matches!(seen, Err(Error::Forbidden(_))));
    let seen = audit::see(&site.services, &viewer, Named::Index(0)).await;
    assert!(matches!(seen, Err(Error::Forbidden(_))));
    let seen = audit::see(&site.services, &auditor, Named::Index(4_711)).await;
    assert!(matches!(seen, Err(Error::NotFound(_))));
    let of_nothing = Filter {
        request: Some(4_711),
        ..Filter::default()
    };
    let listed = audit::list(&site.services, &auditor, &of_nothing).await.expect("reads");
    assert!(listed.entries.is_empty(), "a request that isn’t there has no entries");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_listed_with_its_run_and_a_log_by_its_end() {
    let site = Site::new().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = asked(&site, "copy").await;
    site.decide(&b, number, Decision::Approve).await.expect("approves");
    let run = runs::start(&site.services, &a, number).await.expect("starts");

    let (rows, next) = approvals::listed(&site.services, &b, &Requests::default())
        .await
        .expect("reads");
    assert_eq!((rows.len(), next), (1, None));
    assert_eq!(
        rows[0].run.as_ref().map(|run| run.state.clone()),
        Some(RunState::Queued)
    );
    let other = Requests {
        text: Some("no such words".into()),
        ..Requests::default()
    };
    assert!(
        approvals::listed(&site.services, &b, &other)
            .await
            .expect("reads")
            .0
            .is_empty()
    );

    let store = &site.services.store;
    let claimed = store
        .run_claim("test", std::time::Duration::from_secs(60))
        .await
        .expect("claims")
        .expect("a run");
    let line = |number: usize| LogLine {
        at: site.services.clock.now(),
        step: 0,
        stream: LogStream::Out,
        text: format!("line {number}"),
    };
    let lines: Vec<_> = (0..5_007).map(line).collect();
    store.run_log_append(run, claimed.fence, &lines).await.expect("writes");
    for (page, number, shown) in [
        (None, None, ["line 5004", "line 5005", "line 5006"]),
        (Some(1), Some(1), ["line 0", "line 1", "line 2"]),
        (Some(9_999), Some(1_669), ["line 5004", "line 5005", "line 5006"]),
    ] {
        let page = runs::log_page(&site.services, &a, run, page, 3).await.expect("reads");
        let texts: Vec<_> = page.lines.iter().map(|stored| stored.line.text.as_str()).collect();
        assert_eq!((page.page, page.pages, page.of), (number, 1_669, 5_007));
        assert_eq!(texts, shown);
    }
    let viewer = site.person("v", Role::Viewer);
    assert!(matches!(
        runs::log_page(&site.services, &viewer, run, None, 3).await,
        Err(Error::Forbidden(_))
    ));
}
