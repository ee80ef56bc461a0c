//! One clock for several pages, also in different processes of one machine.
//!
//! A page's `performance.timeOrigin + performance.now()` drifts from the wall clock by up to some
//! milliseconds, differently in each process. `Date.now()` is the wall clock, but in whole
//! milliseconds: just after it ticks, it is exact. The largest difference between the two over many
//! readings is therefore the page's offset, exact to the resolution of `performance.now()`.

use anyhow::Result;
use serde_json::json;

use crate::page::Page;

/// Defines `window.kithBenchNow()`: milliseconds since 1970 by the machine's clock.
const SET_UP: &str = r"
const done = arguments[arguments.length - 1];
const local = () => performance.timeOrigin + performance.now();
let offset = -Infinity;
const until = performance.now() + 120;
const read = () => {
    const stop = Math.min(until, performance.now() + 20);
    while (performance.now() < stop) offset = Math.max(offset, Date.now() - local());
    if (performance.now() < until) return setTimeout(read);
    window.kithBenchNow = () => local() + offset;
    done(offset);
};
read();
";

/// Gives the page `kithBenchNow()`; returns its offset in milliseconds.
///
/// # Errors
/// When the page cannot run scripts.
pub async fn set_up(page: &Page) -> Result<f64> {
    Ok(page
        .run_async(SET_UP, json!([]))
        .await?
        .as_f64()
        .unwrap_or(0.0))
}
