use chrono::Utc;
use domain::ids::NoticeId;
use domain::notice::Envelope;
use testkit::mail_server::{HOST, MailServer, PASSWORD, USER};
use uuid::Uuid;

use super::*;

fn settings(server: &MailServer, protection: Protection) -> SmtpSettings {
    SmtpSettings {
        host: HOST.into(),
        port: server.port(),
        protection,
        login: Some((USER.into(), SecretString::from(PASSWORD))),
        from: "Muster <muster@example.org>".into(),
        authorities: Some(server.authorities()),
    }
}

fn notice() -> Notice {
    let envelope = Envelope {
        id: NoticeId(Uuid::from_u128(0xa11)),
        at: Utc::now(),
        console: Some("https://muster.example"),
    };
    envelope.test()
}

#[tokio::test]
async fn a_message_arrives_over_starttls_with_a_login_and_a_stable_id() {
    let server = MailServer::start();
    let mailer = Mailer::new(&settings(&server, Protection::StartTls)).expect("usable");
    mailer.send(&notice(), "ops@example.org").await.expect("taken");
    let mail = server.mails().remove(0);
    assert_eq!((mail.tls, mail.login.as_deref()), (true, Some(USER)));
    assert_eq!(mail.to, ["ops@example.org"]);
    let id = format!("<{}@example.org>", notice().id);
    assert!(mail.text.contains(&id), "{}", mail.text);
    assert!(
        mail.text.contains("Subject: [Muster] info: A test message"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("https://muster.example/"), "{}", mail.text);
}

#[tokio::test]
async fn a_message_arrives_over_tls_from_the_first_byte() {
    let server = MailServer::start_wrapped();
    let mailer = Mailer::new(&settings(&server, Protection::Tls)).expect("usable");
    mailer.send(&notice(), "ops@example.org").await.expect("taken");
    assert!(server.mails()[0].tls);
}

#[tokio::test]
async fn a_user_that_is_unknown_is_for_good_and_one_that_is_put_off_is_not() {
    let server = MailServer::start();
    let mailer = Mailer::new(&settings(&server, Protection::StartTls)).expect("usable");
    let error = mailer.send(&notice(), "reject@example.org").await.expect_err("550");
    assert!(
        matches!(&error, SmtpError::Refused { said, .. } if said.contains("550")),
        "{error}"
    );
    let error = mailer.send(&notice(), "defer@example.org").await.expect_err("451");
    assert!(
        matches!(&error, SmtpError::NotNow { said, .. } if said.contains("451")),
        "{error}"
    );
    mailer
        .send(&notice(), "defer@example.org")
        .await
        .expect("the second time");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_may_be_corrected_and_is_not_repeated() {
    let server = MailServer::start();
    let wrong = SmtpSettings {
        login: Some((USER.into(), SecretString::from("wrong-battery"))),
        ..settings(&server, Protection::StartTls)
    };
    let mailer = Mailer::new(&wrong).expect("usable");
    let error = mailer.send(&notice(), "ops@example.org").await.expect_err("535");
    assert!(matches!(error, SmtpError::NotNow { .. }), "{error}");
    assert!(
        !format!("{error} {error:?} {mailer:?} {wrong:?}").contains("battery"),
        "{error}"
    );
    assert!(mailer.reach().await.is_err(), "who can't sign in doesn't reach it");
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_neither_password_nor_message() {
    let server = MailServer::start();
    let unvouched = SmtpSettings {
        authorities: None,
        ..settings(&server, Protection::StartTls)
    };
    let mailer = Mailer::new(&unvouched).expect("usable");
    let error = mailer.send(&notice(), "ops@example.org").await.expect_err("no trust");
    assert!(matches!(error, SmtpError::NotNow { .. }), "{error}");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_look_whether_it_lets_muster_in_sends_nothing() {
    let server = MailServer::start();
    let mailer = Mailer::new(&settings(&server, Protection::StartTls)).expect("usable");
    let said = mailer.reach().await.expect("in");
    assert!(said.ends_with("lets Muster in"), "{said}");
    assert!(server.mails().is_empty());
}

#[test]
fn what_is_no_address_is_said_before_anything_is_sent() {
    let settings = SmtpSettings {
        host: "mail.example.org".into(),
        port: 587,
        protection: Protection::StartTls,
        login: None,
        from: "nobody".into(),
        authorities: None,
    };
    assert!(matches!(Mailer::new(&settings), Err(SmtpError::Address(_))));
}
