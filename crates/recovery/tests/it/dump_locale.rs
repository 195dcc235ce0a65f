//! A dump is restored into a database that sorts as the one that it was taken of.

use domain::run::RunState;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use testkit::installation::{Installation, NEWEST};
use testkit::postgres::{Database, database_on};

use crate::runs::{approved, worked};
use crate::site::Site;

/// An empty database beside this one, made in another way.
async fn made(beside: &Database, name: &str, how: &str) -> Database {
    let mut conn = beside.connect().await;
    let name = format!("{}_{name}", beside.name);
    let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {how}");
    let created = sqlx::query(AssertSqlSafe(create)).execute(&mut conn).await;
    created.unwrap_or_else(|error| panic!("{how}: {error}"));
    conn.close().await.expect("closes");
    let (server, _) = beside.url.rsplit_once('/').expect("a URL ends with the database");
    Database {
        options: beside.options.clone().database(&name),
        url: format!("{server}/{name}"),
        binaries: beside.binaries.clone(),
        name,
    }
}

/// Everything that tells how a database sorts.
async fn sorts(database: &Database, name: &str) -> Vec<Option<String>> {
    let mut conn = database
        .options
        .clone()
        .database(name)
        .connect()
        .await
        .expect("connects");
    let query = "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datcollate, datctype,
        to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticurules'
        FROM pg_database d WHERE datname = current_database()";
    let row = sqlx::query(query).fetch_one(&mut conn).await.expect("any role may ask");
    (0..row.len()).map(|at| row.get(at)).collect()
}

async fn comes_back_as_it_was(on: &Installation, how: &str) -> Vec<Option<String>> {
    let live = made(&database_on(on).await, "sorted", how).await;
    let site = Site::over(live, |deployment| deployment).await;
    let copy = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &copy).await;
    let done = worked(&site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let was = sorts(&site.live, &site.live.name).await;
    assert_eq!(sorts(&site.live, &copy).await, was, "{how}");
    was
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_icu_sorts_is_sorted_by_it_again() {
    let on = Installation::packaged();
    let how = "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE-u-co-phonebk' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'";
    let was = comes_back_as_it_was(&on, how).await;
    assert_eq!(was[1].as_deref(), Some("i"), "{was:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_c_library_keeps_both_of_its_locales() {
    comes_back_as_it_was(&Installation::packaged(), "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_postgresql_sorts_by_itself_is_sorted_so_again() {
    let on = Installation::of(NEWEST);
    let was = comes_back_as_it_was(&on, "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'").await;
    assert_eq!(was[1].as_deref(), Some("b"), "{was:?}");
}

/// PostgreSQL of PyPI is built without ICU: what such a server says is told with what to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_icu_is_told() {
    let live = made(
        &database_on(&Installation::packaged()).await,
        "sorted",
        "LOCALE_PROVIDER icu ICU_LOCALE 'und'",
    )
    .await;
    let mut site = Site::over(live, |deployment| deployment).await;
    let newest = Site::on(&Installation::of(NEWEST)).await;
    let restore = newest.services.settings.deployments[0].restore.clone();
    site.configure(|settings| settings.deployments[0].restore = restore);
    let (_, run) = approved(&site, "ampora_sorted").await;
    let done = worked(&site, run).await;
    let RunState::Failed { reason, .. } = &done.state else {
        panic!("{:?}", done.state)
    };
    for expected in [
        "ICU is not supported in this build",
        "Nothing that exists was changed",
        "restore into one that has it",
    ] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
}
