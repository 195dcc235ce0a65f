//! The sender. Each place has a loop of its own, so that one that hangs holds up no other. A claim is a lease: whoever sends and dies
//! before that is written down is followed by another, who sends the same message under the same id.

use std::sync::Arc;
use std::time::Duration;

use adapters::smtp::SmtpError;
use chrono::TimeDelta;
use domain::notice::Notice;
use domain::time::Timestamp;
use futures::future::join_all;
use store::events::{Event, Events, Subscription};
use store::notices::Claimed;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::settings::{Channel, Notify};
use crate::{Error, Services};

/// How long a claim lasts; longer than any attempt.
const LEASE: Duration = Duration::from_secs(120);
/// Looks for what is due this often even if no event told of any: a retry makes no noise.
const LOOK: Duration = Duration::from_secs(5);
/// The pause after the first failure; doubled with each further one.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(900);
/// A message that didn't arrive by then is given up: by now somebody has opened the console.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);
/// Between two rounds of forgetting, and how long messages are kept.
const PRUNE: Duration = Duration::from_secs(3600);
const KEEP: Duration = Duration::from_secs(90 * 86_400);

/// Why a message didn't arrive.
pub(super) struct Failed {
    /// Another attempt can't help.
    for_good: bool,
    pub said: String,
}

/// Delivers until it is stopped. Several workers may do it at once.
pub async fn deliver(services: Services, events: Arc<Events>, stop: CancellationToken) {
    let channels = services.settings.notify.channels.clone();
    let loops = channels
        .iter()
        .map(|channel| to_one(&services, channel, events.subscribe(), &stop));
    tokio::join!(join_all(loops), forget(&services, &stop));
}

async fn to_one(services: &Services, channel: &Channel, mut subscription: Subscription, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match once(services, channel).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = error.chain(), "no message could be delivered"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(LOOK) => {}
            () = woken(&mut subscription) => {}
        }
    }
}

async fn woken(subscription: &mut Subscription) {
    loop {
        match subscription.next().await {
            Some(Event::Work | Event::Refresh) => return,
            Some(Event::Changed(_)) => {}
            None => return std::future::pending().await,
        }
    }
}

/// Delivers one message, if one is due.
async fn once(services: &Services, channel: &Channel) -> Result<bool, Error> {
    let store = &services.store;
    let Some(claimed) = store.delivery_claim(&[channel.to_string()], LEASE).await? else {
        return Ok(false);
    };
    let Claimed {
        notice, body, attempts, ..
    } = &claimed;
    let now = services.clock.now();
    match send(&services.settings.notify, channel, notice, body, now).await {
        Ok(()) => store.delivery_sent(notice.id, &claimed.channel).await?,
        Err(failed) => {
            let again = retry(*attempts, now - notice.at).filter(|_| !failed.for_good);
            let (channel, said) = (&claimed.channel, &failed.said);
            match again {
                Some(_) => tracing::warn!(%channel, said, attempts, "a message wasn’t delivered; it is tried again"),
                None => tracing::error!(%channel, said, title = notice.title, "a message is given up"),
            }
            store.delivery_failed(notice.id, channel, said, again).await?;
        }
    }
    Ok(true)
}

/// The pause before the next attempt of a message of this age. `None`: it is given up.
#[must_use]
pub fn retry(attempts: u32, age: TimeDelta) -> Option<Duration> {
    let doubled = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    (age < GIVE_UP).then(|| doubled.min(LONGEST))
}

/// Sends one message to one place.
pub(super) async fn send(
    notify: &Notify,
    channel: &Channel,
    notice: &Notice,
    body: &str,
    now: Timestamp,
) -> Result<(), Failed> {
    let missing = || Failed {
        for_good: false,
        said: "this process holds no credentials of it".into(),
    };
    match channel {
        Channel::Webhook => {
            let webhook = notify.webhook.as_ref().ok_or_else(missing)?;
            let sent = webhook.send(notice.id, now, body).await;
            // Whatever a receiver answers, somebody may put it right within a day.
            sent.map_err(|error| Failed {
                for_good: false,
                said: error.to_string(),
            })
        }
        Channel::Mail(to) => {
            let mailer = notify.mailer.as_ref().ok_or_else(missing)?;
            mailer.send(notice, to).await.map_err(|error| Failed {
                for_good: matches!(error, SmtpError::Refused { .. } | SmtpError::Address(_)),
                said: error.to_string(),
            })
        }
    }
}

async fn forget(services: &Services, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = services.store.notices_prune(KEEP).await {
            tracing::warn!(%error, "old messages could not be forgotten");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(PRUNE) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour_and_end_after_a_day() {
        let pauses = [1, 2, 3, 8, 9, 4000].map(|attempts| retry(attempts, TimeDelta::hours(1)));
        let seconds = pauses.map(|pause| pause.map(|pause| pause.as_secs()));
        assert_eq!(seconds, [Some(5), Some(10), Some(20), Some(640), Some(900), Some(900)]);
        assert_eq!(retry(1, GIVE_UP), None);
    }
}
