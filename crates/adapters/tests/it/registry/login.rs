//! Registries that want to know who asks, and those that keep their blobs elsewhere.

use adapters::registry::{ImageSettings, Pace, RegistryError};
use domain::status::Status;
use testkit::registry::{Login, PASSWORD, Registry};

use super::{REPOSITORY, credentials, reading, settings, with_login, wrote};

#[tokio::test]
async fn name_and_password_are_sent_where_the_registry_wants_them() {
    for login in [Login::Basic, Login::Token] {
        let registry = Registry::start(login).await;
        registry.push(REPOSITORY, "1.4.2").await;
        let found = reading(with_login(&registry, "1.4.2"), vec![]).await;
        assert_eq!(found.status, Status::Ok, "{login:?}: {}", found.detail);
        let nobody = reading(settings(&registry, "1.4.2"), vec![]).await;
        assert_eq!(nobody.status, Status::Unknown);
        assert!(
            nobody.detail.contains("wants credentials"),
            "{login:?}: {}",
            nobody.detail
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_unknown_and_the_password_stays_secret() {
    for (login, words) in [
        (Login::Basic, "authentication required"),
        (Login::Token, "incorrect username or password"),
    ] {
        let registry = Registry::start(login).await;
        let pushed = registry.push(REPOSITORY, "1.4.2").await;
        let wrong = ImageSettings {
            credentials: credentials("not-the-password"),
            ..settings(&registry, "1.4.2")
        };
        assert!(!format!("{wrong:?}").contains("not-the-password"));
        let found = reading(wrong, vec![wrote("a", &pushed.digest)]).await;
        let statuses: Vec<_> = found.checked.iter().map(|version| version.status).collect();
        assert_eq!(statuses, [Status::Unknown, Status::Unknown]);
        let detail = &found.detail;
        assert!(
            detail.contains("refused Muster’s credentials") && detail.contains(words),
            "{login:?}: {detail}"
        );
        assert!(!detail.contains("not-the-password"), "{detail}");
    }
}

#[tokio::test]
async fn one_token_serves_all_requests() {
    let registry = Registry::start(Login::Token).await;
    let old = registry.push(REPOSITORY, "1.4.1").await;
    registry.push(REPOSITORY, "1.4.2").await;
    let found = reading(with_login(&registry, "1.4.2"), vec![wrote("a", &old.digest)]).await;
    assert_eq!(
        (found.status, registry.tokens().given()),
        (Status::Ok, 1),
        "{}",
        found.detail
    );
}

#[tokio::test]
async fn an_expired_token_is_replaced_once() {
    let registry = Registry::start(Login::Token).await;
    registry.push(REPOSITORY, "1.4.2").await;
    registry.tokens().give_expired(1);
    let found = reading(with_login(&registry, "1.4.2"), vec![]).await;
    assert_eq!(
        (found.status, registry.tokens().given()),
        (Status::Ok, 2),
        "{}",
        found.detail
    );
    registry.tokens().give_expired(1000);
    let found = reading(with_login(&registry, "1.4.2"), vec![]).await;
    assert_eq!(
        (found.status, registry.tokens().given()),
        (Status::Unknown, 4),
        "{}",
        found.detail
    );
    assert!(
        found.detail.contains("refused Muster’s credentials"),
        "{}",
        found.detail
    );
}

#[tokio::test]
async fn blobs_are_looked_for_where_the_registry_keeps_them_and_the_login_isn_t_sent_there() {
    let registry = Registry::start_with_storage(Login::Basic).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    for head_is_denied in [false, true] {
        if head_is_denied {
            registry.storage().deny_head();
        }
        let asked = registry.storage().asked();
        let found = reading(with_login(&registry, "1.4.2"), vec![]).await;
        assert_eq!(found.status, Status::Ok, "{}", found.detail);
        assert!(
            registry.storage().asked() >= asked + 3,
            "config and both layers are there"
        );
    }
    let mut pinned = with_login(&registry, "1.4.2");
    pinned.digest = Some(pushed.amd64.digest.clone());
    assert_eq!(reading(pinned, vec![]).await.status, Status::Ok, "its config is read");
    assert!(!registry.storage().saw_login());
}

#[tokio::test]
async fn what_the_storage_has_lost_is_broken() {
    let registry = Registry::start_with_storage(Login::Token).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    registry.storage().lose_everything();
    let found = reading(with_login(&registry, "1.4.2"), vec![]).await;
    assert_eq!(
        (found.status, found.checked[0].missing.len()),
        (Status::Broken, 3),
        "{}",
        found.detail
    );
    assert!(found.detail.contains(pushed.amd64.config.as_str()), "{}", found.detail);
}

#[tokio::test]
async fn a_registry_that_is_down_is_unknown() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    let settings = settings(&registry, "1.4.2");
    drop(registry);
    let found = reading(settings, vec![wrote("a", &pushed.digest)]).await;
    for version in &found.checked {
        assert_eq!(version.status, Status::Unknown);
        assert!(
            version
                .detail
                .contains("127.0.0.1 can’t be reached: Connection refused"),
            "{}",
            version.detail
        );
    }
}

#[tokio::test]
async fn a_password_never_crosses_a_network_unprotected() {
    let mut settings = ImageSettings::new("registry.example.org/ampora/web:1.4.2".parse().unwrap());
    settings.registry = "http://registry.example.org".parse().ok();
    settings.credentials = credentials(PASSWORD);
    settings.pace = Pace::default();
    let refused = adapters::registry::Registry::new(&settings).unwrap_err();
    assert_eq!(
        refused,
        RegistryError::Unprotected("http://registry.example.org/".into())
    );
    let found = reading(settings, vec![]).await;
    assert_eq!(found.status, Status::Unknown);
    assert!(found.detail.contains("write https://"), "{}", found.detail);
}
