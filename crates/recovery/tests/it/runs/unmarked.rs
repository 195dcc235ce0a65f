//! A worker may die when its database is made and not marked yet: what it left is taken on, and nothing else is that only looks like it.

use super::*;

/// Has a worker die between `CREATE DATABASE` and the mark, has `meanwhile` happen in that database, and lets the next worker go on.
async fn died_before_the_mark(meanwhile: &str) -> (Site, String, Run) {
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
    let create = steps.iter().position(|(step, _)| step.name == CREATE).expect("planned");
    unbegun(&site, create, worked(&site, run)).await;
    rewind(&site, run, create).await;
    let statement = steps[create].0.argv[0].clone();
    site.live
        .connect()
        .await
        .execute(AssertSqlSafe(statement))
        .await
        .expect("creates");
    let mut inside = connect(&site, &database).await;
    inside
        .execute(AssertSqlSafe(meanwhile.replace("this_copy", &database)))
        .await
        .expect("a plain statement");
    sqlx::Connection::close(inside).await.expect("closes");
    let seen = worked(&site, run).await;
    (site, database, seen)
}

async fn connect(site: &Site, database: &str) -> sqlx::PgConnection {
    let options = site.live.options.clone().database(database);
    options.connect().await.expect("connects")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_made_and_not_marked_is_taken_on() {
    let (site, database, seen) = died_before_the_mark("SELECT 1").await;
    assert!(
        matches!(seen.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        seen.state,
        seen.steps
    );
    assert_eq!(count(&site, &database, "audit_events").await.expect("restored"), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_looks_like_it_is_left_alone() {
    for (meanwhile, still) in [
        ("CREATE TABLE theirs ()", "SELECT to_regclass('theirs') IS NOT NULL"),
        ("CREATE SCHEMA theirs", "SELECT to_regnamespace('theirs') IS NOT NULL"),
        (
            "SELECT lo_create(0)",
            "SELECT EXISTS (SELECT FROM pg_largeobject_metadata)",
        ),
        (
            "COMMENT ON DATABASE this_copy IS 'theirs'",
            "SELECT shobj_description(oid, 'pg_database') = 'theirs' FROM pg_database WHERE datname = current_database()",
        ),
        (
            "ALTER DATABASE this_copy OWNER TO CURRENT_USER",
            "SELECT pg_get_userbyid(datdba) = CURRENT_USER FROM pg_database WHERE datname = current_database()",
        ),
    ] {
        let (site, database, seen) = died_before_the_mark(meanwhile).await;
        assert!(
            matches!(seen.state, RunState::Failed { .. }),
            "{meanwhile}: {:?}",
            seen.state
        );
        let told = format!("{:?}", seen.steps);
        assert!(
            told.contains("isn’t this run’s: nothing was changed"),
            "{meanwhile}: {told}"
        );
        let is: bool = sqlx::query_scalar(AssertSqlSafe(still))
            .fetch_one(&mut connect(&site, &database).await)
            .await
            .expect("is there");
        assert!(is, "{meanwhile}");
        assert!(
            count(&site, &database, "tenants").await.is_err(),
            "nothing was restored into it"
        );
    }
}
