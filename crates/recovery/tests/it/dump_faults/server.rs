//! What the server itself refuses: a file system that is really full, and a password that it really doesn't take.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use adapters::postgres::{Auth, Cluster};
use adapters::process::RunAs;
use domain::role::Role;
use domain::run::RunState;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use testkit::postgres::{SUPERUSER, ThrowawayCluster, fast_spec};

use super::{behind, failed, packaged};
use crate::runs::{approved, worked};
use crate::site::Site;
use crate::small::Small;

/// Roles as the documentation asks for, on the server where restored databases go.
async fn roles(cluster: &Cluster, password: &str) {
    let mut conn = cluster
        .connect_options("postgres", SUPERUSER)
        .connect()
        .await
        .expect("the superuser gets in");
    let roles = format!(
        "CREATE ROLE ampora; CREATE ROLE restorer LOGIN CREATEDB PASSWORD '{password}' IN ROLE ampora; \
         GRANT EXECUTE ON FUNCTION pg_control_system() TO restorer"
    );
    conn.execute(AssertSqlSafe(roles)).await.expect("makes roles");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_told() {
    let folder = tempfile::Builder::new()
        .prefix("muster-full-")
        .tempdir_in("/tmp")
        .expect("a folder");
    let place = folder.path().join("small");
    fs::create_dir(&place).expect("our own folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("our own folder");
    let user = RunAs::unprivileged()
        .expect("a user for tools")
        .expect("tests run as root");
    let small = Small::over(&place, 160, &user);
    fs::set_permissions(&place, fs::Permissions::from_mode(0o711)).expect("root may");
    let spec = fast_spec(&place.join("cluster")).socket_dir(folder.path().join("socket"));
    let cluster = Cluster::start(spec).await.unwrap_or_else(|error| panic!("{error}"));
    roles(&cluster, "unused").await;

    let mut site = Site::new().await;
    let admin = cluster
        .connect_options("postgres", SUPERUSER)
        .options([("role", "restorer")]);
    site.configure(|settings| {
        settings.deployments[0].restore.as_mut().expect("configured").admin = admin;
    });
    // More than fits into what is left, which is enough to sign in.
    let mut conn = site.live.connect().await;
    let more = "INSERT INTO audit_events SELECT n, now(), repeat('x', 200) FROM generate_series(1000, 20000) n";
    conn.execute(more).await.expect("inserts");
    site.dump_again().await;
    let fill = format!(
        "cat /dev/zero > {0}/fill 2>/dev/null; truncate --size=-1M {0}/fill\nexec pg_restore \"$@\"",
        place.display()
    );
    behind(&mut site, &packaged(), &fill);
    let (_, run) = approved(&site, "ampora_copy").await;
    let done = worked(&site, run).await;
    let reason = failed(&done);
    cluster.stop().await.unwrap_or_else(|error| panic!("{error}"));
    drop(small);
    for expected in [
        "No space left on device",
        "The disk is full: make room there",
        "may be dropped",
    ] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
}

/// A site that restores by a role with this password.
async fn by_password(password: &str) -> (ThrowawayCluster, Site) {
    let keeper = ThrowawayCluster::start_with(|spec| spec.auth(Auth::Scram)).await;
    roles(keeper.cluster(), "right").await;
    let mut site = Site::new().await;
    let admin = keeper
        .cluster()
        .connect_options("postgres", "restorer")
        .password(password);
    site.configure(|settings| {
        let restore = settings.deployments[0].restore.as_mut().expect("configured");
        restore.admin = admin;
        restore.password = Some(SecretString::from(password.to_owned()));
    });
    (keeper, site)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_wrong_is_told_before_anybody_is_asked() {
    let (_keeper, site) = by_password("wrong one").await;
    let refused = site
        .request(&site.person("a", Role::Operator), &site.restore_wish("ampora_copy"))
        .await;
    let words = format!("{:?}", refused.expect_err("the server doesn’t let Muster in"));
    for expected in [
        "password authentication failed",
        "Nothing was made",
        "set the one that is valid now",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    assert!(!words.contains("wrong one"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_is_told_whoever_is_refused() {
    let change = "ALTER ROLE restorer PASSWORD 'another'";
    let (keeper, site) = by_password("right").await;
    let (_, run) = approved(&site, "ampora_copy").await;
    let superuser = keeper.cluster().connect_options("postgres", SUPERUSER);
    let mut conn = superuser.connect().await.expect("connects");
    conn.execute(change).await.expect("a superuser may");
    let seen = worked(&site, run).await;
    let reason = seen.state.reason().unwrap_or_default();
    assert!(matches!(seen.state, RunState::Refused { .. }), "{:?}", seen.state);
    for expected in [
        "password authentication failed",
        "Nothing was made",
        "refuses the password",
    ] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }

    // Between the step that makes the database and pg_restore, which signs in by itself.
    let (keeper, mut site) = by_password("right").await;
    let psql = format!(
        "psql --no-psqlrc --quiet --command=\"{change}\" '{}' >&2",
        keeper.cluster().url(SUPERUSER, "postgres")
    );
    behind(
        &mut site,
        &packaged(),
        &format!("env -u PGPASSWORD {psql} || exit 9\nexec pg_restore \"$@\""),
    );
    let (_, run) = approved(&site, "ampora_copy").await;
    let reason = failed(&worked(&site, run).await);
    for expected in [
        "password authentication failed for user",
        "refuses the password",
        "may be dropped",
    ] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
}
