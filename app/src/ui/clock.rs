//! Times: absolute in UTC, with how long ago beside it, and countdowns. One clock for the whole page.
//!
//! The clock starts as the server's, so that the first page shows ages without any script. In the browser it follows the
//! machine's own clock; where that is wrong by more than a few seconds, it is set right by the server's time in the page.

use std::time::Duration;

use domain::timestamp::{Timestamp, for_people};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A browser's clock that is off by less than this counts as right: the page itself takes a while to arrive.
const TOLERANCE_MS: i64 = 5_000;

/// The page's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Moves every second: for countdowns.
    pub second: ReadSignal<Timestamp>,
    /// Moves every ten seconds: for ages.
    pub coarse: Memo<Timestamp>,
}

impl Clock {
    /// Starts the clock and puts it into context. `now` is the time of the server or of the browser.
    pub fn provide(now: Timestamp) -> Self {
        let (second, set) = signal(now);
        let coarse = Memo::new(move |_| {
            let t = second.get();
            Timestamp(t.0 - t.0.rem_euclid(10_000_000_000))
        });
        Effect::new(move |_| {
            let skew = skew_ms();
            if let Ok(tick) = set_interval_with_handle(move || set.set(browser_clock(skew)), Duration::from_secs(1)) {
                on_cleanup(move || tick.clear());
            }
        });
        let clock = Self { second, coarse };
        provide_context(clock);
        clock
    }
}

/// The page's clock, from context.
pub fn use_clock() -> Clock {
    expect_context::<Clock>()
}

/// The browser's time, `skew` milliseconds added.
pub(crate) fn browser_clock(skew: i64) -> Timestamp {
    // Milliseconds since 1970 as a float: exact far beyond the year 2262.
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, well below 2^53")]
    let ms = js_sys::Date::now() as i64;
    Timestamp((ms + skew).saturating_mul(1_000_000))
}

/// How far the browser's clock is behind the server's, from the time that the server wrote into the page.
fn skew_ms() -> i64 {
    let written = document()
        .query_selector("meta[name=page-clock]")
        .ok()
        .flatten()
        .and_then(|m| m.dyn_into::<web_sys::HtmlMetaElement>().ok())
        .and_then(|m| m.content().parse::<Timestamp>().ok());
    match written {
        Some(server) => {
            let behind = server.millis() - browser_clock(0).millis();
            if behind.abs() < TOLERANCE_MS { 0 } else { behind }
        }
        None => 0,
    }
}

/// `just now`, `4 min ago`, `in 6 min`.
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    if at > now {
        let ahead = at.since(now);
        return if ahead.as_secs() < 10 {
            "now".into()
        } else {
            format!("in {}", for_people(ahead))
        };
    }
    let ago = now.since(at);
    if ago.as_secs() < 10 {
        "just now".into()
    } else {
        format!("{} ago", for_people(ago))
    }
}

/// `12 min 30 s`: time left, to the second.
pub fn left(now: Timestamp, until: Timestamp) -> Option<String> {
    (until > now).then(|| {
        let s = until.since(now).as_secs();
        match s {
            0..60 => format!("{s} s"),
            60..3600 => format!("{} min {:02} s", s / 60, s % 60),
            _ => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
        }
    })
}

/// A time: `2026-03-01 02:47:09 UTC`, and how long ago.
#[component]
pub fn Time(
    /// When.
    at: Timestamp,
    /// Only the clock time, where the day stands nearby.
    #[prop(optional)]
    clock_only: bool,
    /// Without how long ago.
    #[prop(optional)]
    absolute: bool,
) -> impl IntoView {
    let clock = use_clock();
    let text = if clock_only {
        format!("{} UTC", at.clock())
    } else {
        at.for_people()
    };
    view! {
        <time class="time" datetime=at.to_string()>
            <span class="time-abs">{text}</span>
            {(!absolute).then(|| view! { " " <span class="time-rel">{move || relative(clock.coarse.get(), at)}</span> })}
        </time>
    }
}

/// How long ago, with the absolute time as its title.
#[component]
pub fn Age(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let clock = use_clock();
    view! {
        <time class="time" datetime=at.to_string() title=at.for_people()>
            {move || relative(clock.coarse.get(), at)}
        </time>
    }
}

/// Time left until something, to the second; a word once it is over.
#[component]
pub fn Countdown(
    /// Until when.
    until: Timestamp,
    /// What to say afterwards.
    #[prop(default = "time is up")]
    over: &'static str,
) -> impl IntoView {
    let clock = use_clock();
    view! {
        <time class="countdown" datetime=until.to_string() title=until.for_people()>
            {move || left(clock.second.get(), until).map_or_else(|| over.to_owned(), |left| format!("{left} left"))}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_as_people_say_them() {
        let now: Timestamp = "2026-03-01T02:47:09Z".parse().unwrap();
        assert_eq!(relative(now, now.minus(Duration::from_secs(3))), "just now");
        assert_eq!(relative(now, now.minus(Duration::from_secs(240))), "4 min ago");
        assert_eq!(relative(now, now.plus(Duration::from_secs(360))), "in 6 min");
        assert_eq!(
            left(now, now.plus(Duration::from_secs(750))).as_deref(),
            Some("12 min 30 s")
        );
        assert_eq!(left(now, now), None);
    }
}
