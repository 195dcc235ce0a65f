//! The stream of events. It is open while the page can be seen: a browser has six connections to a server, and hidden tabs would take
//! them all.
//!
//! The server's first event is `hello`, with the build it serves and its time (`0123abcd 2026-10-06T01:14:26Z`); each later one, of
//! whatever content, means that something changed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{EventSource, MessageEvent, VisibilityState};

use super::super::link::Link;
use super::refresh::Refresher;
use super::{dom, times};

const EVENTS: &str = "/events";
/// Milliseconds until a stream that was refused is asked for again.
const RETRY: i32 = 10_000;
/// Milliseconds a page may be old when the stream begins; an older one came out of a cache or was long on its way.
const FRESH: f64 = 5_000.0;

struct Stream {
    refresher: Rc<Refresher>,
    source: RefCell<Option<EventSource>>,
    /// Handlers of `hello`, `message` and `error`, made once and used for each connection.
    handlers: RefCell<Vec<(&'static str, Function)>>,
    /// The page's own time when it was loaded; later, none.
    loaded: Cell<Option<f64>>,
    /// Of another build: nothing is asked for any more.
    over: Cell<bool>,
}

/// Follows the stream for as long as the page can be seen.
pub fn start(link: WriteSignal<Link>, news: WriteSignal<String>) {
    let stream = Rc::new(Stream {
        refresher: Refresher::new(link, news),
        source: RefCell::default(),
        handlers: RefCell::default(),
        loaded: Cell::new(page_time()),
        over: Cell::new(false),
    });
    stream.listen();
    let this = Rc::clone(&stream);
    dom::on(&dom::document(), "visibilitychange", move |_| this.look());
    dom::on(&dom::document(), "input", |event| {
        let form = dom::target(&event).and_then(|field| field.closest("form").ok().flatten());
        if let Some(form) = form {
            let _ = form.set_attribute("data-edited", "");
        }
    });
    stream.look();
}

/// When the server made this page.
fn page_time() -> Option<f64> {
    let clock = dom::document().get_element_by_id("clock")?;
    let time = js_sys::Date::parse(&clock.get_attribute("datetime")?);
    time.is_finite().then_some(time)
}

impl Stream {
    fn listen(self: &Rc<Self>) {
        let (greeted, changed, broken) = (Rc::clone(self), Rc::clone(self), Rc::clone(self));
        let greet = dom::callback(move |event| greeted.greet(&event.unchecked_into()));
        let change = dom::callback(move |_| changed.refresher.request());
        let break_off = dom::callback(move |_| broken.lost());
        *self.handlers.borrow_mut() = vec![("hello", greet), ("message", change), ("error", break_off)];
    }

    /// Opens the stream when the page is seen, closes it when it isn't.
    fn look(&self) {
        if dom::document().visibility_state() == VisibilityState::Hidden {
            self.close();
        } else if self.source.borrow().is_none() && !self.over.get() {
            self.open();
        }
    }

    fn open(&self) {
        let Ok(source) = EventSource::new(EVENTS) else { return };
        for (event, handler) in self.handlers.borrow().iter() {
            let _ = source.add_event_listener_with_callback(event, handler);
        }
        *self.source.borrow_mut() = Some(source);
    }

    fn close(&self) {
        if let Some(source) = self.source.borrow_mut().take() {
            source.close();
        }
    }

    /// The stream begins, or begins again. What happened in between is not told, so the page is fetched unless it is new.
    fn greet(&self, event: &MessageEvent) {
        let told = event.data().as_string().unwrap_or_default();
        let (build, now) = told.split_once(' ').unwrap_or((&told, ""));
        if dom::root().get_attribute("data-build").as_deref() != Some(build) {
            self.over.set(true);
            self.close();
            return self.refresher.tell(Link::Old);
        }
        times::set_clock(now);
        self.refresher.tell(Link::On);
        let fresh = self.loaded.take().is_some_and(|loaded| times::now() - loaded < FRESH);
        if !fresh {
            self.refresher.request();
        }
    }

    /// The browser tries again by itself, unless the server refused.
    fn lost(self: &Rc<Self>) {
        self.refresher.tell(Link::Lost);
        self.loaded.set(None);
        let refused = self
            .source
            .borrow()
            .as_ref()
            .is_some_and(|source| source.ready_state() == EventSource::CLOSED);
        if refused {
            self.close();
            let this = Rc::clone(self);
            spawn_local(async move {
                dom::pause(RETRY).await;
                this.look();
            });
        }
    }
}
