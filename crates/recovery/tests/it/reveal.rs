//! Retrieving a key: to the requester, once, and nowhere else.

use domain::approval::Decision;
use domain::key;
use domain::role::{Actor, Role};
use recovery::plans::Wish;
use recovery::runs::{self, Revealed};
use recovery::{Error, approvals};
use sqlx::{AssertSqlSafe, Row as _};

use crate::site::{Site, master_key, session};

fn wish(version: &str, recipient: Option<&str>) -> Wish {
    Wish::RetrieveKey {
        deployment: "demo".into(),
        version: version.into(),
        recipient: recipient.map(Into::into),
    }
}

async fn approved(site: &Site, a: &Actor, recipient: Option<&str>) -> i64 {
    let number = site.request(a, &wish("2", recipient)).await.expect("planned").number;
    site.decide(&site.person("b", Role::Operator), number, Decision::Approve)
        .await
        .expect("approves");
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_key_is_shown_to_its_requester_once() {
    let site = Site::new().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = approved(&site, &a, None).await;

    let others = site.decide(&b, number, Decision::Reveal).await.expect_err("not theirs");
    assert!(matches!(others, Error::Refused(_)), "{others}");

    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let stolen = runs::reveal(&site.services, &b, session(&b), number, login.challenge).await;
    assert!(stolen.is_err(), "another session can't use the login");
    let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect("shows");
    let Revealed::Shown(text) = revealed else {
        panic!("shown, not sealed")
    };
    assert_eq!(*text, *key::to_setting(&master_key(2)));

    let again = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect_err("once");
    assert!(matches!(again, Error::Invalid(_)), "{again}");
    nothing_is_kept(&site).await;
    assert!(site.audited().await.contains(&("key.reveal".into(), "ok".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_sealed_to_a_recipient() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let refused = site
        .request(&a, &wish("2", Some("age1nobody")))
        .await
        .expect_err("no recipient");
    assert!(refused.to_string().contains("age"), "{refused}");
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let number = approved(&site, &a, Some(recipient)).await;
    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect("seals");
    assert!(matches!(revealed, Revealed::Sealed(text) if text.contains("BEGIN AGE ENCRYPTED FILE")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_replaced_after_the_approval_is_not_shown() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let number = approved(&site, &a, None).await;
    let path = site.folder.path().join("keys/2.key");
    std::fs::write(path, key::to_setting(&master_key(9)).as_bytes()).expect("writes");
    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let error = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect_err("moved");
    assert!(matches!(error, Error::Stale(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_worker_ever_takes_a_key_and_no_version_is_a_path() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let number = approved(&site, &a, None).await;
    let error = runs::start(&site.services, &a, number)
        .await
        .expect_err("not by a worker");
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    for version in ["../2", "", "9"] {
        assert!(
            matches!(
                approvals::plan(&site.services, &a, &wish(version, None)).await,
                Err(Error::Invalid(_))
            ),
            "{version:?}"
        );
    }
}

/// No row of any table holds a key, in any of the ways it could be written down.
async fn nothing_is_kept(site: &Site) {
    let mut conn = site.own.connect().await;
    let tables =
        sqlx::query("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
    let tables = tables.fetch_all(&mut conn).await.expect("lists");
    assert!(tables.len() > 10, "the store has its tables");
    let setting = key::to_setting(&master_key(2));
    let hex: String = master_key(2)
        .expose()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for table in tables {
        let name: String = table.get(0);
        let rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("SELECT t::text FROM {name} t")));
        for row in rows.fetch_all(&mut conn).await.expect("reads") {
            assert!(!row.contains(&*setting) && !row.contains(&hex), "{name} holds the key");
        }
    }
}
