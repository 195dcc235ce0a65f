//! Times in the reader's zone. The forms are those of `components::Moment`; the browser only changes the zone and counts on.

use std::cell::Cell;

use domain::time::span;
use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

thread_local! {
    /// Milliseconds that the server's clock is ahead of this one's.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

/// Rewrites all times now and the ages and the clock every second.
pub fn start(zone: WriteSignal<String>) {
    let root = dom::root();
    let _ = root.set_attribute("data-script", "");
    localise(&root);
    tick();
    dom::every(1_000, tick);
    // After hydration: until then the island must be as the server wrote it.
    leptos::task::spawn_local(async move { zone.set(format!("Times in {}; hover for UTC", zone_name())) });
}

/// The server's time, as far as it has told.
pub fn now() -> f64 {
    Date::now() + AHEAD.get()
}

/// Takes over the server's clock. `told` is RFC 3339.
pub fn set_clock(told: &str) {
    let server = Date::parse(told);
    if server.is_finite() {
        AHEAD.set(server - Date::now());
    }
}

/// Rewrites the times below `root`, which may be a page that was just fetched.
pub fn localise(root: &Element) {
    rewrite(root, "time[data-show]");
}

fn tick() {
    let root = dom::root();
    rewrite(&root, "time[data-show=ago]");
    for clock in dom::all(&root, "#clock") {
        let at = Date::new(&JsValue::from_f64(now()));
        write(&clock, "b", &time(&at));
        write(&clock, ".zone", &offset(&at));
        if at.get_timezone_offset() != 0.0 {
            let utc = String::from(at.to_iso_string());
            write(
                &clock,
                ".utc",
                &format!(", {} UTC", utc.get(11..19).unwrap_or_default()),
            );
        }
    }
}

fn write(clock: &Element, part: &str, text: &str) {
    for part in dom::all(clock, part) {
        part.set_text_content(Some(text));
    }
}

fn rewrite(root: &Element, selector: &str) {
    for element in dom::all(root, selector) {
        let at = element
            .get_attribute("datetime")
            .map_or(f64::NAN, |text| Date::parse(&text));
        let text = element
            .get_attribute("data-show")
            .filter(|_| at.is_finite())
            .and_then(|show| text(&show, at));
        if text.is_some() && element.text_content() != text {
            element.set_text_content(text.as_deref());
        }
    }
}

fn text(show: &str, at: f64) -> Option<String> {
    let (now, then) = (now(), at);
    let at = Date::new(&JsValue::from_f64(then));
    Some(match show {
        "ago" => age((now - then) / 1000.0),
        "stamp" => format!("{}.{:03}", time(&at), at.get_milliseconds()),
        "full" => format!(
            "{} {}, {}",
            DAYS.get(at.get_day() as usize)?,
            date(&at, true)?,
            time(&at)
        ),
        "clock" => clock(&at, &Date::new(&JsValue::from_f64(now)))?,
        _ => return None,
    })
}

fn age(seconds: f64) -> String {
    if seconds < -1.0 {
        format!("{} in the future", span(-seconds as i64))
    } else {
        format!("{} ago", span(seconds.max(0.0) as i64))
    }
}

fn clock(at: &Date, now: &Date) -> Option<String> {
    let day = |at: &Date| (at.get_full_year(), at.get_month(), at.get_date());
    if day(at) == day(now) {
        return Some(time(at));
    }
    let other_year = at.get_full_year() != now.get_full_year();
    Some(format!("{} {}", date(at, other_year)?, time(at)))
}

fn time(at: &Date) -> String {
    format!("{:02}:{:02}:{:02}", at.get_hours(), at.get_minutes(), at.get_seconds())
}

fn date(at: &Date, year: bool) -> Option<String> {
    let month = MONTHS.get(at.get_month() as usize)?;
    let year = if year {
        format!(" {}", at.get_full_year())
    } else {
        String::new()
    };
    Some(format!("{} {month}{year}", at.get_date()))
}

/// `UTC+2`, `UTC−3:30`.
fn offset(at: &Date) -> String {
    let minutes = -at.get_timezone_offset() as i32;
    let sign = if minutes < 0 { "−" } else { "+" };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    match (hours, minutes) {
        (0, 0) => "UTC".into(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// Name of the reader's zone, such as `Europe/Berlin`.
fn zone_name() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let name = Reflect::get(&options, &JsValue::from_str("timeZone")).ok();
    name.and_then(|name| name.as_string())
        .unwrap_or_else(|| "your zone".into())
}
