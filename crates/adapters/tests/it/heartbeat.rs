//! The one row that Muster writes, by the role that the documentation makes.

use adapters::ampora::{Heartbeat, HeartbeatError};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use testkit::docs::example;
use testkit::postgres::ThrowawayCluster;

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_role_renews_one_row_and_a_stronger_one_is_not_used() {
    let cluster = ThrowawayCluster::start().await;
    let database = cluster.database().await;
    let mut admin = database.connect().await;
    let run = async |conn: &mut sqlx::PgConnection, sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.unwrap();
    };
    run(&mut admin, example("ampora-schema.md", "sql heartbeat")).await;
    run(
        &mut admin,
        "CREATE TABLE agents (name text); CREATE ROLE fleet".to_owned(),
    )
    .await;
    // Over the socket tests log in as superuser; what counts is the role of the session.
    let options = database.options.clone().options([("role", "muster_heartbeat")]);
    let heart = Heartbeat::new(options.clone());
    heart.check().await.unwrap();
    assert_eq!(rows(&mut admin).await, 0, "a look writes nothing");
    let first = heart.beat().await.unwrap();
    let second = heart.beat().await.unwrap();
    assert!(second > first);
    assert_eq!(rows(&mut admin).await, 1);

    let mut as_role = options.connect().await.unwrap();
    for forbidden in [
        "SELECT * FROM agents",
        "DELETE FROM muster.heartbeat",
        "INSERT INTO muster.heartbeat VALUES (false, now())",
        "CREATE TABLE muster.more ()",
        "DROP TABLE muster.heartbeat",
    ] {
        assert!(as_role.execute(forbidden).await.is_err(), "{forbidden}");
    }
    as_role.close().await.unwrap();

    for (give, take, said) in [
        (
            "GRANT SELECT ON agents TO muster_heartbeat",
            "REVOKE SELECT ON agents FROM muster_heartbeat",
            "SELECT agents",
        ),
        (
            "GRANT UPDATE (name) ON agents TO PUBLIC",
            "REVOKE UPDATE (name) ON agents FROM PUBLIC",
            "UPDATE agents",
        ),
        (
            "GRANT DELETE ON muster.heartbeat TO muster_heartbeat",
            "REVOKE DELETE ON muster.heartbeat FROM muster_heartbeat",
            "DELETE muster.heartbeat",
        ),
        (
            "GRANT fleet TO muster_heartbeat",
            "REVOKE fleet FROM muster_heartbeat",
            "a member of fleet",
        ),
        (
            "ALTER ROLE muster_heartbeat CREATEDB",
            "ALTER ROLE muster_heartbeat NOCREATEDB",
            "create databases",
        ),
        (
            "GRANT CREATE ON SCHEMA public TO PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "create objects in schema public",
        ),
    ] {
        run(&mut admin, give.to_owned()).await;
        let refused = heart.beat().await.unwrap_err();
        assert!(matches!(&refused, HeartbeatError::TooMuch(_)), "{refused}");
        assert!(refused.to_string().contains(said), "{refused}");
        run(&mut admin, take.to_owned()).await;
        heart.check().await.unwrap();
    }
    let superuser = Heartbeat::new(database.options.clone());
    assert!(superuser.beat().await.unwrap_err().to_string().contains("superuser"));

    run(&mut admin, "DROP SCHEMA muster CASCADE".to_owned()).await;
    let gone = heart.beat().await.unwrap_err();
    assert!(matches!(&gone, HeartbeatError::NoRow(_)), "{gone}");
}

async fn rows(conn: &mut sqlx::PgConnection) -> i64 {
    let counted = sqlx::query_scalar("SELECT count(*) FROM muster.heartbeat").fetch_one(conn);
    counted.await.unwrap()
}
