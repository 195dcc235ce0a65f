//! From a request to a whole page: what is read is awaited, what went wrong becomes a page with its own status, and the frame tells what it
//! tells on every page.

use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use recovery::approvals::Filter;
use recovery::{Error, Services, approvals, overview};

use super::error::{Problem, ProblemGate};
use super::outside::{VERSION, outside, theme};
use super::overview::answers;
use super::sign_in::SignInGate;
use super::visit::{Unopened, Visit};
use crate::components::{Answer, Frame, Page, Place, Word};
use crate::theme::Theme;

/// What stands in every colophon.
const COLOPHON: [&str; 2] = [
    VERSION,
    "If this console is gone: muster inventory and muster keys need only its configuration",
];

/// The inside of a page.
pub struct Opened {
    /// Of the window.
    pub title: String,
    pub body: AnyView,
    /// `200` unless the page says otherwise, such as a form with mistakes in it.
    pub status: StatusCode,
    /// The deployment that the page turned out to be about, where that isn't the one in the address.
    pub deployment: Option<String>,
    /// Where the browser goes on to by itself, after so many seconds.
    pub next: Option<(u32, String)>,
    /// Stays as it was loaded, because somebody fills in a form.
    pub still: bool,
}

impl Opened {
    pub fn new(title: impl Into<String>, body: AnyView) -> Self {
        Self {
            title: title.into(),
            body,
            status: StatusCode::OK,
            deployment: None,
            next: None,
            still: false,
        }
    }

    #[must_use]
    pub fn still(mut self) -> Self {
        self.still = true;
        self
    }

    #[must_use]
    pub fn about(mut self, deployment: impl Into<String>) -> Self {
        self.deployment = Some(deployment.into());
        self
    }

    #[must_use]
    pub fn next(mut self, after: u32, url: impl Into<String>) -> Self {
        self.next = Some((after, url.into()));
        self
    }

    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl From<Problem> for Opened {
    fn from(problem: Problem) -> Self {
        let (status, title) = (problem.status, problem.title.clone());
        Self::new(title, view! { <ProblemGate problem /> }.into_any()).status(status)
    }
}

/// Opens the page that `load` reads.
pub fn open<L, F>(place: Place, load: L) -> AnyView
where
    L: FnOnce(Visit) -> F,
    F: Future<Output = Result<Opened, Error>> + Send + 'static,
{
    let visit = match Visit::here() {
        Ok(visit) => visit,
        Err(Unopened::NoRequest) => return ().into_any(),
        Err(Unopened::SignedOut { services, address }) => {
            return signed_out(&services, address.to_string());
        }
    };
    let (theme, response) = (theme(), use_context::<ResponseOptions>());
    let unknown = visit
        .unknown_deployment()
        .map(|name| Error::NotFound(format!("deployment {name}")));
    let loading = load(visit.clone());
    Suspend::new(async move {
        let opened = match unknown {
            Some(error) => Err(error),
            None => loading.await,
        };
        let opened = opened.unwrap_or_else(|error| failed(&error));
        if let Some(response) = &response {
            answer(response, &opened);
        }
        let Opened {
            title,
            body,
            deployment,
            still,
            ..
        } = opened;
        let visit = match deployment {
            Some(name) => visit.about(&name),
            None => visit,
        };
        let frame = frame(&visit, place, theme).await;
        view! { <Page frame place=Some(place) title still>{body}</Page> }
    })
    .into_any()
}

/// Status, and the way on. A header does what `<meta http-equiv="refresh">` does, and a page in `Suspend` can't write into its head.
fn answer(response: &ResponseOptions, opened: &Opened) {
    if opened.status != StatusCode::OK {
        response.set_status(opened.status);
    }
    let next = opened
        .next
        .as_ref()
        .map(|(after, url)| HeaderValue::from_str(&format!("{after};url={url}")));
    if let Some(Ok(next)) = next {
        response.insert_header(REFRESH, next);
    }
}

fn signed_out(services: &Services, return_to: String) -> AnyView {
    let body = view! { <SignInGate return_to /> }.into_any();
    outside(services.clock.now(), "Sign in", StatusCode::UNAUTHORIZED, body)
}

fn failed(error: &Error) -> Opened {
    if let Error::Store(_) | Error::Provider(_) | Error::Unavailable(_) = error {
        tracing::warn!(error = error.chain(), "a page could not be shown");
    }
    Problem::from(error).into()
}

async fn frame(visit: &Visit, place: Place, theme: Theme) -> Frame {
    // The Overview is these answers at length.
    let answers = match place {
        Place::Overview => None,
        _ => Some(told(visit).await),
    };
    Frame {
        now: visit.now,
        deployment: Some(visit.deployment().into()),
        person: Some(visit.actor.name.clone()),
        waiting: waiting(visit).await,
        answers,
        colophon: COLOPHON.map(String::from).to_vec(),
        theme,
    }
}

async fn told(visit: &Visit) -> [Answer; 4] {
    let Visit { services, actor, .. } = visit;
    let quorum = services.settings.approvals.quorum.people();
    match overview::gist(services, actor, visit.deployment()).await {
        Ok(gist) => answers(&gist, visit.now, quorum),
        Err(error) => unknown(&error),
    }
}

/// What isn't read isn't fine.
fn unknown(error: &Error) -> [Answer; 4] {
    let grounds = match error {
        Error::Forbidden(_) => "your role can’t see it",
        Error::NotFound(_) => "there is no such deployment",
        _ => "Muster’s own database doesn’t answer",
    };
    std::array::from_fn(|_| Answer {
        word: Word::Unknown,
        says: "not known".into(),
        grounds: grounds.into(),
    })
}

/// Requests that wait for this very person. The badge is left out where they can't be read.
async fn waiting(visit: &Visit) -> usize {
    let open = Filter {
        states: vec!["pending".into(), "approved".into()],
        ..Filter::default()
    };
    let reader = visit.reader();
    let listed = approvals::list(&visit.services, &visit.actor, &open)
        .await
        .unwrap_or_default();
    listed.iter().filter(|stored| reader.is_called(stored)).count()
}
