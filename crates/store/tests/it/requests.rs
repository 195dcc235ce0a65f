use std::time::Duration as Span;

use chrono::Duration;
use domain::approval::State;
use domain::ids::{RequestId, Sha256};
use store::StoreError;
use store::requests::Filter;

use crate::sample::{now, person, plan, requested, requested_in, uuid};
use crate::{Fresh, store};

#[tokio::test]
async fn a_request_reads_back_with_the_plan_that_was_hashed() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let stored = store.request(request.number).await.unwrap().unwrap();
    assert_eq!(stored.request, request);
    assert_eq!(stored.plan, plan("demo", request.created_at));
    assert_eq!(stored.plan.pinned.digest(), request.digest);
    assert_eq!(store.request_by_id(request.id).await.unwrap(), Some(stored));
    assert_eq!(store.request(request.number + 1).await.unwrap(), None);
    assert_eq!(store.request_by_id(RequestId(uuid())).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_state_is_saved_and_nothing_else() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let mut changed = request.clone();
    changed.state = State::Withdrawn { at: request.created_at };
    changed.digest = Sha256([9; 32]);
    changed.requester = person("mallory");
    let mut tx = store.begin().await.unwrap();
    store::requests::save(&mut tx, &changed).await.unwrap();
    tx.commit().await.unwrap();
    let stored = store.request(request.number).await.unwrap().unwrap().request;
    assert_eq!(
        (&stored.state, stored.digest, &stored.requester),
        (&changed.state, request.digest, &request.requester)
    );
}

#[tokio::test]
async fn saving_a_request_that_is_not_there_is_an_error() {
    let store = store().await;
    let mut request = requested(&store, "demo").await;
    request.id = RequestId(uuid());
    let mut tx = store.begin().await.unwrap();
    let error = store::requests::save(&mut tx, &request).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::RowsAffected {
                expected: 1,
                found: 0,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_locked_request_keeps_the_next_one_waiting_who_then_sees_what_was_done() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let mut first = store.begin().await.unwrap();
    let mut held = store::requests::lock(&mut first, request.number)
        .await
        .unwrap()
        .unwrap()
        .request;

    let second = tokio::spawn({
        let store = store.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            store::requests::lock(&mut tx, request.number)
                .await
                .unwrap()
                .unwrap()
                .request
        }
    });
    tokio::time::sleep(Span::from_millis(300)).await;
    assert!(!second.is_finished());

    held.state = State::Withdrawn { at: held.created_at };
    store::requests::save(&mut first, &held).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), held);
}

#[tokio::test]
async fn a_row_whose_plan_and_digest_disagree_is_inconsistent() {
    for tampering in [
        "update requests set digest = sha256('other')",
        "update requests set pinned = replace(pinned, 'ampora_restored', 'ampora')",
        // The same plan in other bytes: nobody hashed these.
        "update requests set pinned = replace(pinned, ',', ', ')",
        "update requests set deployment = 'other'",
        "update requests set state = '{\"state\": \"approved\"}'",
    ] {
        let fresh = Fresh::new().await;
        let request = requested(&fresh.store, "demo").await;
        fresh.tamper(tampering).await;
        let mut tx = fresh.store.begin().await.unwrap();
        for error in [
            fresh.store.request(request.number).await.unwrap_err(),
            store::requests::lock(&mut tx, request.number).await.unwrap_err(),
        ] {
            assert!(
                matches!(error, StoreError::Inconsistent { table: "requests", .. }),
                "{tampering}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn pages_are_filtered_and_go_on_below_a_number() {
    let store = store().await;
    for deployment in ["demo", "demo", "other"] {
        requested(&store, deployment).await;
    }
    let mut withdrawn = requested(&store, "demo").await;
    withdrawn.state = State::Withdrawn {
        at: withdrawn.created_at,
    };
    let mut tx = store.begin().await.unwrap();
    store::requests::save(&mut tx, &withdrawn).await.unwrap();
    tx.commit().await.unwrap();

    let any = Filter::default;
    for (filter, before, limit, expected) in [
        (any(), None, 10, vec![4, 3, 2, 1]),
        (any(), None, 2, vec![4, 3]),
        (any(), Some(3), 2, vec![2, 1]),
        (
            Filter {
                states: vec!["pending".into(), "approved".into()],
                ..any()
            },
            None,
            10,
            vec![3, 2, 1],
        ),
        (
            Filter {
                deployment: Some("other".into()),
                ..any()
            },
            None,
            10,
            vec![3],
        ),
        (
            Filter {
                text: Some("AMPORA.dump INTO".into()),
                ..any()
            },
            None,
            10,
            vec![4, 3, 2, 1],
        ),
        (
            Filter {
                text: Some("5 %".into()),
                ..any()
            },
            Some(2),
            10,
            vec![1],
        ),
        (
            Filter {
                text: Some("_".into()),
                deployment: Some("other".into()),
                ..any()
            },
            None,
            10,
            vec![3],
        ),
        (
            Filter {
                text: Some("2".into()),
                ..any()
            },
            None,
            10,
            vec![2],
        ),
        (
            Filter {
                text: Some("nobody".into()),
                ..any()
            },
            None,
            10,
            vec![],
        ),
    ] {
        let page = store.requests_page(&filter, before, limit).await.unwrap();
        let numbers: Vec<_> = page.iter().map(|stored| stored.request.number).collect();
        assert_eq!(numbers, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn silence_expires_and_no_longer_waits() {
    let store = store().await;
    let at = now(&store).await;
    let mut tx = store.begin().await.unwrap();
    let silent = requested_in(&mut tx, "demo", at - Duration::hours(25)).await;
    let mut approved = requested_in(&mut tx, "demo", at).await;
    approved.state = State::Approved {
        approvals: vec![],
        run_by: at - Duration::seconds(1),
    };
    store::requests::save(&mut tx, &approved).await.unwrap();
    let mut over = requested_in(&mut tx, "demo", at - Duration::hours(25)).await;
    over.state = State::Expired { at };
    store::requests::save(&mut tx, &over).await.unwrap();
    requested_in(&mut tx, "demo", at).await;
    tx.commit().await.unwrap();

    assert_eq!(
        store.requests_to_expire(at).await.unwrap(),
        [silent.number, approved.number]
    );
    assert_eq!(store.requests_waiting("demo").await.unwrap(), 1);
    assert_eq!(store.requests_waiting("other").await.unwrap(), 0);
}
