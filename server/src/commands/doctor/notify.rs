//! Whether people are told what happens: the receivers are asked for an answer, never sent a message.

use domain::status::Status;
use recovery::{Clock, notify};
use store::Store;

use super::Check;
use crate::config::Config;
use crate::lifecycle::OwnDatabase;
use crate::wiring::{self, Reach};

pub async fn checks(config: &Config) -> Vec<Check> {
    let told = match wiring::notify(config, Reach::Restore) {
        Ok(told) => told,
        Err(error) => return vec![Check::new("notify", Status::Broken, format!("{error:#}"))],
    };
    if told.channels.is_empty() {
        let advice = "nobody is told of anything: neither [notify.webhook] nor [notify.smtp] is set";
        return vec![Check::new("notify", Status::Unknown, advice).advice()];
    }
    let reached = notify::reach(&told).await;
    let mut checks: Vec<_> = reached
        .into_iter()
        .map(|(what, done)| Check::of(format!("notify: {what}"), done, |said| said))
        .collect();
    checks.push(undelivered(config).await);
    checks
}

/// What didn't arrive lately. Muster's database may be down, which is another line's matter.
async fn undelivered(config: &Config) -> Check {
    let what = "notify: messages";
    let asked = async |store: &Store| Ok(notify::undelivered(store, Clock::system().now()).await?);
    match OwnDatabase::look(config, asked).await {
        Ok(none) if none.is_empty() => Check::new(what, Status::Ok, "none of the last week is left undelivered"),
        Ok(some) => {
            let lines = some.iter().map(|one| {
                format!(
                    "{}: {} given up, {} tried again; {}",
                    one.channel, one.given_up, one.failing, one.said
                )
            });
            Check::new(what, Status::Broken, lines.collect::<Vec<_>>().join("; "))
        }
        Err(error) => Check::new(what, Status::Unknown, format!("{error:#}")).advice(),
    }
}
