//! Telling people who don't have the console open. A message is put into the outbox in the transaction of what it tells of, so that neither
//! exists without the other; a worker delivers it afterwards, at least once. Nothing that happens in Muster waits for a mail server.

mod deliver;

use chrono::TimeDelta;
use domain::ids::{NoticeId, Sha256};
use domain::notice::{Envelope, Notice};
use domain::time::Timestamp;
use store::notices::put;
use store::{PgConnection, StoreError};
use uuid::Uuid;

use crate::settings::{Channel, Notify};
use crate::{Error, Services};

pub use deliver::{deliver, retry};
pub use store::notices::Undelivered;

/// For how long a message that didn't arrive is shown.
const SHOWN: TimeDelta = TimeDelta::days(7);

/// Puts a message into the outbox, if there is anything to tell and anybody to be told. It is sent if the transaction commits.
///
/// # Errors
/// If the database doesn't take it.
pub(crate) async fn tell(
    conn: &mut PgConnection,
    services: &Services,
    message: impl FnOnce(&Envelope<'_>) -> Option<Notice>,
) -> Result<(), StoreError> {
    tell_as(conn, services, NoticeId(Uuid::from_bytes(rand::random())), message).await
}

/// The same for what may be seen to happen more than once: of several messages with the same id one is sent.
///
/// # Errors
/// If the database doesn't take it.
pub(crate) async fn tell_as(
    conn: &mut PgConnection,
    services: &Services,
    id: NoticeId,
    message: impl FnOnce(&Envelope<'_>) -> Option<Notice>,
) -> Result<(), StoreError> {
    let notify = &services.settings.notify;
    if notify.channels.is_empty() {
        return Ok(());
    }
    let envelope = envelope(notify, id, services.clock.now());
    let Some(notice) = message(&envelope) else {
        return Ok(());
    };
    let channels: Vec<_> = notify.channels.iter().map(ToString::to_string).collect();
    put(conn, &notice, &channels).await
}

/// The id of a message about exactly this.
pub(crate) fn id_of(parts: &[&str]) -> NoticeId {
    let joined = parts.join("\0");
    let Sha256(hash) = Sha256::of(&[b"muster-notice/1", joined.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    NoticeId(Uuid::from_bytes(bytes))
}

fn envelope(notify: &Notify, id: NoticeId, at: Timestamp) -> Envelope<'_> {
    Envelope {
        id,
        at,
        console: notify.console.as_deref(),
    }
}

/// Sends a test message to each place, at once and without the outbox, so that it works without Muster's database. Answers what became
/// of it.
pub async fn test(notify: &Notify, now: Timestamp) -> Vec<(Channel, Result<(), String>)> {
    let notice = envelope(notify, NoticeId(Uuid::from_bytes(rand::random())), now).test();
    let body = notice.to_json();
    let mut sent = Vec::new();
    for channel in &notify.channels {
        let done = deliver::send(notify, channel, &notice, &body, now).await;
        sent.push((channel.clone(), done.map_err(|failed| failed.said)));
    }
    sent
}

/// Whether the webhook and the mail server can be reached, without a message to anybody: what was asked, and what came of it.
pub async fn reach(notify: &Notify) -> Vec<(String, Result<String, String>)> {
    let mut reached = Vec::new();
    if let Some(webhook) = &notify.webhook {
        let said = webhook.reach().await;
        reached.push(("webhook".into(), said.map_err(|error| error.to_string())));
    }
    if let Some(mailer) = &notify.mailer {
        let said = mailer.reach().await;
        reached.push(("mail server".into(), said.map_err(|error| error.to_string())));
    }
    reached
}

/// The places that messages of the last week haven't reached.
///
/// # Errors
/// If the store doesn't answer.
pub async fn undelivered(store: &store::Store, now: Timestamp) -> Result<Vec<Undelivered>, Error> {
    Ok(store.undelivered(now - SHOWN).await?)
}
