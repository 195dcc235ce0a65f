//! People are told: by a webhook and by mail, at least once, and never in the way of anything else.

mod receiver;

use std::sync::Arc;
use std::time::Duration;

use adapters::smtp::{Mailer, Protection, SmtpSettings};
use adapters::webhook::Webhook;
use chrono::TimeDelta;
use domain::approval::Decision;
use domain::finding::Severity;
use domain::key;
use domain::notice::{Event, Notice};
use domain::role::Role;
use recovery::collect::Observed;
use recovery::plans::{Wanted, Wish};
use recovery::settings::{Channel, Notify};
use recovery::{Clock, Services, collect, findings, notify, runs};
use secrecy::SecretString;
use sqlx::Executor as _;
use store::events::Events;
use testkit::mail_server::{HOST, MailServer, PASSWORD, USER};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::site::{Site, master_key, session};
use receiver::{KEY, Receiver};

/// A machine that is busy with a build is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A site whose webhook is this receiver.
async fn site(receiver: &Receiver) -> Site {
    let mut site = Site::new().await;
    let webhook = Webhook::new(&receiver.url(), Some(&SecretString::from(KEY)), None);
    site.configure(|settings| {
        settings.notify = Notify {
            console: Some("https://muster.example".into()),
            channels: vec![Channel::Webhook],
            webhook: Some(webhook.expect("usable")),
            mailer: None,
        };
    });
    site
}

/// The sender of a worker; it ends when this is dropped, in whatever it does.
fn sender(site: &Site) -> AbortOnDropHandle<()> {
    let services = site.services.clone();
    let events = Arc::new(Events::listen(&services.store));
    let deliver = notify::deliver(services, events, CancellationToken::new());
    AbortOnDropHandle::new(tokio::spawn(deliver))
}

/// Waits until it is so.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waited).await.is_ok(), "never: {what}");
}

async fn told(receiver: &Receiver, count: usize) -> Vec<Notice> {
    until(&format!("{count} messages"), async || receiver.heard().len() >= count).await;
    receiver.heard()
}

/// Every attempt that waits for its time is due now.
async fn time_passes(site: &Site) {
    let due = "update deliveries set due_at = clock_timestamp()";
    site.own.connect().await.execute(due).await.expect("our own database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_tells_who_must_decide_and_what_became_of_it() {
    let receiver = Receiver::start().await;
    let site = site(&receiver).await;
    let _sender = sender(&site);
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = site
        .request(&a, &site.restore_wish("back"))
        .await
        .expect("planned")
        .number;
    let waiting = told(&receiver, 1).await.remove(0);
    assert_eq!(
        (waiting.event, waiting.deployment.as_deref()),
        (Event::RequestWaiting, Some("demo"))
    );
    assert!(
        waiting.text.contains("1 more person must read the plan"),
        "{}",
        waiting.text
    );
    assert_eq!(waiting.url, Some(format!("https://muster.example/requests/{number}")));
    let request = waiting.request.expect("it is about one");
    assert_eq!(
        (request.number, request.kind.as_str(), request.requester.as_str()),
        (number, "restore-dump", "a")
    );

    assert!(site.decide(&a, number, Decision::Approve).await.is_err(), "their own");
    site.decide(&b, number, Decision::Approve).await.expect("approves");
    let events: Vec<_> = told(&receiver, 2).await.iter().map(|notice| notice.event).collect();
    assert_eq!(
        events,
        [Event::RequestWaiting, Event::RequestApproved],
        "a refused decision is told to nobody"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_key_got_out_is_told_to_everybody_without_the_key() {
    let receiver = Receiver::start().await;
    let site = site(&receiver).await;
    let _sender = sender(&site);
    let a = site.person("a", Role::Operator);
    let wish = Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "2".into(),
        delivery: Wanted::Shown,
    };
    let number = site.agreed(&wish).await;
    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge).await;
    revealed.expect("shows");
    let told = told(&receiver, 3).await;
    let last = told.last().expect("three");
    assert_eq!((last.event, last.severity), (Event::RunSucceeded, Severity::Info));
    assert!(last.title.contains("Retrieve master key version 2"), "{}", last.title);
    let key = key::to_setting(&master_key(2));
    assert!(told.iter().all(|notice| !notice.to_json().contains(key.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_of_diagnosis_is_one_message_and_a_round_like_it_is_none() {
    let receiver = Receiver::start().await;
    let site = site(&receiver).await;
    let services = &site.services;
    let deployment = &services.settings.deployments[0];
    let mut vitals = collect::vitals(deployment).await.expect("reads");
    vitals.signs.users = domain::vitals::Sign::Known(domain::vitals::Count::exactly(0));
    let mut observed = Observed::never(deployment);
    let mut round = async |users| {
        let now = services.clock.now();
        vitals.signs.users = domain::vitals::Sign::Known(domain::vitals::Count::exactly(users));
        observed.vitals = observed.vitals.clone().updated(Ok(vitals.clone()), now);
        findings::record(services, deployment, &observed, now)
            .await
            .expect("keeps");
    };
    round(0).await;
    round(0).await;
    round(2).await;
    let _sender = sender(&site);
    let told = told(&receiver, 2).await;
    let events: Vec<_> = told.iter().map(|notice| notice.event).collect();
    assert_eq!(events, [Event::FindingOpened, Event::FindingResolved]);
    assert_eq!(told[0].findings[0].code, "first-login-becomes-admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_dies_before_it_wrote_it_down_is_followed_by_one_that_sends_the_same() {
    let receiver = Receiver::start().await;
    let site = site(&receiver).await;
    receiver.hold();
    let dying = sender(&site);
    let a = site.person("a", Role::Operator);
    site.request(&a, &site.restore_wish("back")).await.expect("planned");
    let first = told(&receiver, 1).await.remove(0);
    drop(dying);
    receiver.release();
    time_passes(&site).await;
    let _next = sender(&site);
    let again = told(&receiver, 2).await;
    assert_eq!(again[1], first, "the same id, the same text");
    until("written down", async || {
        let due = "select 1 from deliveries where sent_at is not null";
        let found = site.own.connect().await.fetch_optional(due).await;
        found.expect("our own database").is_some()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_shown_and_tried_again_until_it_is_taken() {
    let receiver = Receiver::start().await;
    let site = site(&receiver).await;
    receiver.answer(503);
    let _sender = sender(&site);
    let a = site.person("a", Role::Operator);
    site.request(&a, &site.restore_wish("back")).await.expect("planned");
    let undelivered = async || {
        let asked = notify::undelivered(&site.services.store, site.services.clock.now()).await;
        asked.expect("reads")
    };
    until("shown", async || !undelivered().await.is_empty()).await;
    let shown = undelivered().await.remove(0);
    assert_eq!(
        (shown.channel.as_str(), shown.given_up, shown.failing),
        ("webhook", 0, 1)
    );
    assert!(shown.said.ends_with("answers 503"), "{}", shown.said);
    receiver.answer(204);
    time_passes(&site).await;
    until("over", async || undelivered().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_recipients_one_who_is_unknown_does_not_keep_it_from_the_other() {
    let server = MailServer::start();
    let mut site = Site::new().await;
    let mailer = Mailer::new(&SmtpSettings {
        host: HOST.into(),
        port: server.port(),
        protection: Protection::StartTls,
        login: Some((USER.into(), SecretString::from(PASSWORD))),
        from: "muster@example.org".into(),
        authorities: Some(server.authorities()),
    });
    let recipients = ["reject@example.org", "defer@example.org", "ops@example.org"];
    site.configure(|settings| {
        settings.notify = Notify {
            console: None,
            channels: recipients.map(|to| Channel::Mail(to.into())).to_vec(),
            webhook: None,
            mailer: Some(mailer.expect("usable")),
        };
    });
    let _sender = sender(&site);
    let a = site.person("a", Role::Operator);
    site.request(&a, &site.restore_wish("back")).await.expect("planned");
    let undelivered = async || {
        let asked = notify::undelivered(&site.services.store, site.services.clock.now()).await;
        asked.expect("reads")
    };
    until("one put off, one refused, one taken", async || {
        undelivered().await.len() == 2 && server.mails().len() == 1
    })
    .await;
    time_passes(&site).await;
    until("put off once", async || server.mails().len() == 2).await;
    until("one is left", async || undelivered().await.len() == 1).await;
    let left = undelivered().await.remove(0);
    assert_eq!((left.channel.as_str(), left.given_up), ("mail:reject@example.org", 1));
    assert!(left.said.contains("550"), "{}", left.said);
    let mails = server.mails();
    assert!(mails.iter().all(|mail| mail.tls && mail.login.as_deref() == Some(USER)));
    assert!(
        mails[0]
            .text
            .contains("Subject: [Muster] demo: warning: request 1 waits"),
        "{}",
        mails[0].text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_tells_nobody_keeps_no_messages() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    site.request(&a, &site.restore_wish("back")).await.expect("planned");
    let mut conn = site.own.connect().await;
    let kept = conn.fetch_all("select 1 from notices").await.expect("our own database");
    assert!(kept.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_needs_no_database() {
    let receiver = Receiver::start().await;
    let site = site(&receiver).await;
    let places = &site.services.settings.notify;
    let sent = notify::test(places, site.services.clock.now()).await;
    assert!(matches!(sent.as_slice(), [(Channel::Webhook, Ok(()))]), "{sent:?}");
    assert_eq!(receiver.heard()[0].event, Event::Test);
    receiver.answer(401);
    let sent = notify::test(places, site.services.clock.now()).await;
    assert!(sent[0].1.as_ref().expect_err("refused").ends_with("answers 401"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_drill_is_told_once() {
    let receiver = Receiver::start().await;
    let mut site = site(&receiver).await;
    site.configure(|settings| settings.deployments[0].promises.drill_every = Some(TimeDelta::days(1)));
    let deployment = &site.services.settings.deployments[0];
    let two_days_ago = site.services.clock.now() - TimeDelta::days(2);
    let then = Services {
        clock: Clock::new(move || two_days_ago),
        ..site.services.clone()
    };
    for services in [&then, &site.services, &site.services] {
        collect::record(services, deployment).await.expect("is kept");
    }
    let _sender = sender(&site);
    until("told", async || overdue(&receiver) == 1).await;
    collect::record(&site.services, deployment).await.expect("is kept");
    // What is told afterwards arrives, and nothing more of the drill.
    let a = site.person("a", Role::Operator);
    site.request(&a, &site.restore_wish("back")).await.expect("planned");
    let waiting = |notice: &Notice| notice.event == Event::RequestWaiting;
    until("told of a request", async || receiver.heard().iter().any(waiting)).await;
    assert_eq!(overdue(&receiver), 1);
}

fn overdue(receiver: &Receiver) -> usize {
    let heard = receiver.heard();
    heard
        .iter()
        .filter(|notice| notice.event == Event::DrillOverdue)
        .count()
}
