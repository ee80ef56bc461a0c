//! Dates and times in the person's language, by the browser's `Intl`, in the device's time zone.

use js_sys::{Array, Date, Function, Intl::DateTimeFormat, Object, Reflect};
use shared::base::time::Timestamp;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;

const DAY_MS: f64 = 86_400_000.0;
const MINUTE_MS: f64 = 60_000.0;

/// A way to write a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `14:03`
    Time,
    /// `Tuesday`
    Weekday,
    /// `May 4`
    Day,
    /// `May 4, 2026`
    Date,
    /// `05/04/26`, for narrow places.
    ShortDate,
}

impl Form {
    const fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Time => &[("hour", "numeric"), ("minute", "2-digit")],
            Self::Weekday => &[("weekday", "long")],
            Self::Day => &[("day", "numeric"), ("month", "long")],
            Self::Date => &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
            Self::ShortDate => &[("dateStyle", "short")],
        }
    }
}

thread_local! {
    /// Formatters by form, for one language: making one costs a hundred times a use.
    static FORMATTERS: RefCell<(String, [Option<Function>; 5])> =
        const { RefCell::new((String::new(), [const { None }; 5])) };
    /// The local day last asked for: its start and end, in ms, and its number.
    static LAST_DAY: Cell<(f64, f64, i64)> = const { Cell::new((0.0, 0.0, 0)) };
}

/// The present moment.
pub fn now() -> Timestamp {
    Timestamp(Date::now() as u64)
}

/// The number of the local day a moment falls on; consecutive days have consecutive numbers.
pub fn local_day(at: Timestamp) -> i64 {
    let ms = at.0 as f64;
    let (from, to, day) = LAST_DAY.get();
    if (from..to).contains(&ms) {
        return day;
    }
    let offset = Date::new(&JsValue::from_f64(ms)).get_timezone_offset() * MINUTE_MS;
    let day = ((ms - offset) / DAY_MS).floor();
    // A day on which the clocks change is not 24 h long; only its sure part is remembered.
    let from = day * DAY_MS + offset;
    LAST_DAY.set((from.max(ms), from + DAY_MS - 3_600_000.0, day as i64));
    day as i64
}

/// Writes the moment in the language `tag`.
pub fn format(at: Timestamp, form: Form, tag: &str) -> String {
    FORMATTERS.with_borrow_mut(|(language, made)| {
        if language != tag {
            *language = tag.to_owned();
            *made = [const { None }; 5];
        }
        let Some(slot) = made.get_mut(form as usize) else {
            return String::new();
        };
        let formatter = slot.get_or_insert_with(|| formatter(form, tag));
        let at = Date::new(&JsValue::from_f64(at.0 as f64));
        let text = formatter.call1(&JsValue::UNDEFINED, &at).ok();
        text.and_then(|text| text.as_string()).unwrap_or_default()
    })
}

fn formatter(form: Form, tag: &str) -> Function {
    let options = Object::new();
    for (key, value) in form.options() {
        let _ = Reflect::set(&options, &(*key).into(), &(*value).into());
    }
    let locales = Array::new();
    // The browser's own region decides between 14:03 and 2:03 PM where it fits the language.
    let region = web_sys::window().and_then(|window| window.navigator().language());
    if let Some(region) = region.filter(|region| region.starts_with(tag)) {
        locales.push(&region.into());
    }
    locales.push(&tag.into());
    DateTimeFormat::new(&locales, &options).format()
}
