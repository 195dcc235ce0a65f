//! What no run is started by: an approval, a token or a plan that somebody wrote into the database.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_was_written_into_the_database_runs_nothing() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let a = site.person("a", Role::Operator);
    let request = site.request(&a, &site.restore_wish(&database)).await.expect("planned");
    let mut conn = site.own.connect().await;
    let forged = r#"{"state":"approved","approvals":[],"run_by":"2099-01-01T00:00:00Z"}"#;
    let update = sqlx::query("UPDATE requests SET state = $1::jsonb WHERE number = $2")
        .bind(forged)
        .bind(request.number);
    update
        .execute(&mut conn)
        .await
        .expect("the database lets its owner write");
    let run = runs::start(&site.services, &a, request.number)
        .await
        .expect("the row says approved");
    let seen = worked(&site, run).await;
    let RunState::Refused { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(reason.contains("1 of 2 people"), "{reason}");
    assert!(
        count(&site, &database, "tenants").await.is_err(),
        "no database was made"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_issuer_is_no_evidence() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let (number, run) = approved(&site, &database).await;
    let other = Issuer::start().await;
    let b = site.person("b", Role::Operator);
    let decided = site
        .services
        .store
        .decisions(request_id(&site, number).await)
        .await
        .expect("reads")
        .remove(0);
    let forged = other.sign(&site.vouched(&b, &decided.challenge.nonce()));
    let mut conn = site.own.connect().await;
    let update = sqlx::query("UPDATE decisions SET raw_id_token = $1").bind(forged);
    update
        .execute(&mut conn)
        .await
        .expect("the database lets its owner write");
    let seen = worked(&site, run).await;
    assert!(matches!(seen.state, RunState::Refused { .. }), "{:?}", seen.state);
    assert!(
        count(&site, &database, "tenants").await.is_err(),
        "no database was made"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_changed_in_the_database_runs_nothing() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let mut conn = site.own.connect().await;
    let update = "UPDATE requests SET pinned = replace(pinned, $1, $1 || '_other')";
    sqlx::query(update)
        .bind(&database)
        .execute(&mut conn)
        .await
        .expect("the database lets its owner write");
    let seen = worked(&site, run).await;
    assert!(matches!(seen.state, RunState::Refused { .. }), "{:?}", seen.state);
    assert!(
        count(&site, &format!("{database}_other"), "tenants").await.is_err(),
        "no database was made"
    );
}

async fn request_id(site: &Site, number: i64) -> domain::ids::RequestId {
    site.services
        .store
        .request(number)
        .await
        .expect("reads")
        .expect("is there")
        .request
        .id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_evidence_is_lost_half_way_says_what_it_had_begun() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let steps = site
        .services
        .store
        .run(run)
        .await
        .expect("reads")
        .expect("is there")
        .steps;
    let restore = steps
        .iter()
        .position(|(step, _)| step.name == RESTORE)
        .expect("planned");
    abandon(&site, run, restore).await;
    let mut conn = site.own.connect().await;
    let lost = sqlx::query("UPDATE decisions SET raw_id_token = 'none'")
        .execute(&mut conn)
        .await;
    lost.expect("the database lets its owner write");
    let RunState::NeedsHuman { seen, .. } = worked(&site, run).await.state else {
        panic!("a database was made, and nobody is told")
    };
    assert!(seen.starts_with("refused: "), "{seen}");
    assert!(seen.contains("Had begun before: create-database, restore."), "{seen}");
    assert!(
        count(&site, &database, "pg_class").await.is_ok(),
        "what was made stays for a person to look at"
    );
}
