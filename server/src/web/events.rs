//! The stream that tells open pages to look again. It carries topics, never facts, and ends with the session, the server, or the tab.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use domain::ids::Sha256;
use domain::time::rfc3339;
use futures::Stream;
use futures::stream::unfold;
use store::events::{Event as Changed, Subscription};
use tokio::time::{Instant, sleep_until};

use super::Web;
use super::people::Caller;

/// How often a stream makes sure that its session is still alive.
const LOOK: Duration = Duration::from_secs(30);
/// A comment that keeps proxies from closing the connection.
const ALIVE: Duration = Duration::from_secs(15);

struct Following {
    web: Web,
    session: Sha256,
    changes: Subscription,
    look_at: Instant,
    greeted: bool,
}

/// `GET /events`
pub async fn stream(State(web): State<Web>, caller: Caller) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let following = Following {
        changes: web.events.subscribe(),
        session: caller.session,
        look_at: Instant::now() + LOOK,
        greeted: false,
        web,
    };
    let events = unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))
}

impl Following {
    /// `None` ends the stream; the browser asks again and is told to sign in.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            let now = rfc3339(self.web.services.clock.now());
            return Some(
                Event::default()
                    .event("hello")
                    .data(format!("{} {now}", self.web.site.build())),
            );
        }
        let stop = self.web.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep_until(self.look_at) => {
                    self.look_at = Instant::now() + LOOK;
                    if !self.web.services.store.session_alive(&self.session).await.unwrap_or(true) {
                        return None;
                    }
                }
                change = self.changes.next() => match change? {
                    Changed::Changed(topic) => return Some(Event::default().data(topic)),
                    Changed::Refresh => return Some(Event::default().data("*")),
                    Changed::Work => {}
                },
            }
        }
    }
}
