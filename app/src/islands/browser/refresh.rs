//! Fetches the page's own address and takes over what differs. Events may come in bursts; there is one fetch at a time and a pause after
//! each.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, HtmlElement, RequestCache, RequestInit, Response, SupportedType};

use super::super::link::Link;
use super::{dom, news, patch, times};

/// Milliseconds between two fetches.
const PAUSE: i32 = 700;
/// Pixels from its end at which a log still counts as read to the end.
const NEAR: i32 = 24;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Busy,
    /// Something changed during the fetch.
    Again,
}

/// Keeps the page up to date.
pub struct Refresher {
    state: Cell<State>,
    link: WriteSignal<Link>,
    news: WriteSignal<String>,
}

impl Refresher {
    pub fn new(link: WriteSignal<Link>, news: WriteSignal<String>) -> Rc<Self> {
        Rc::new(Self {
            state: Cell::new(State::Idle),
            link,
            news,
        })
    }

    /// Tells the reader and the style sheet how the page stands.
    pub fn tell(&self, link: Link) {
        let _ = dom::root().set_attribute("data-live", link.name());
        self.link.set(link);
    }

    /// Something changed.
    pub fn request(self: &Rc<Self>) {
        if self.state.get() != State::Idle {
            self.state.set(State::Again);
            return;
        }
        self.state.set(State::Busy);
        let this = Rc::clone(self);
        spawn_local(async move { this.run().await });
    }

    async fn run(&self) {
        loop {
            match fetch().await {
                Some(page) => {
                    self.swap(&page);
                    self.tell(Link::On);
                }
                None => self.tell(Link::Lost),
            }
            dom::pause(PAUSE).await;
            if self.state.get() != State::Again {
                return self.state.set(State::Idle);
            }
            self.state.set(State::Busy);
        }
    }

    /// Takes over the parts that are marked as live.
    fn swap(&self, page: &Document) {
        let Some(fetched) = page.document_element() else { return };
        times::localise(&fetched);
        let before = news::statuses();
        let followed = logs_at_their_end();
        for part in dom::all(&dom::root(), "[data-live][id]") {
            if let Some(newer) = page.get_element_by_id(&part.id()) {
                patch::patch(&part, &newer);
            }
        }
        followed.iter().for_each(to_the_end);
        read_just_now();
        self.news.set(news::changed(&before));
    }
}

/// The page as it is now. `None`: no answer, an error, or the session is over and the answer is another page.
async fn fetch() -> Option<Document> {
    let options = RequestInit::new();
    options.set_cache(RequestCache::NoStore);
    let answer = JsFuture::from(dom::window().fetch_with_str_and_init(&news::address(), &options))
        .await
        .ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    if !answer.ok() || answer.redirected() {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    DomParser::new()
        .ok()?
        .parse_from_string(&text, SupportedType::TextHtml)
        .ok()
}

fn logs_at_their_end() -> Vec<Element> {
    let logs = dom::all(&dom::root(), "[role=log]");
    logs.into_iter()
        .filter(|log| log.scroll_top() + log.client_height() + NEAR >= log.scroll_height())
        .collect()
}

fn to_the_end(log: &Element) {
    if let Some(log) = log.dyn_ref::<HtmlElement>() {
        log.set_scroll_top(log.scroll_height());
    }
}

/// The age of the page, which is shown when live updates have stopped.
fn read_just_now() {
    let now = js_sys::Date::new(&JsValue::from_f64(times::now()));
    for age in dom::all(&dom::root(), "#page-age time") {
        let _ = age.set_attribute("datetime", &String::from(now.to_iso_string()));
    }
}
