//! The part of the address after `#`, and the history that the back gesture walks.

use crate::platform::listen::Listener;
use std::cell::Cell;
use yew::Callback;

thread_local! {
    /// Entries this page pushed, so that "back" never leaves Kith.
    static PUSHED: Cell<u32> = const { Cell::new(0) };
}

/// What stands after `#`, without it.
pub fn current() -> String {
    web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .map(|hash| hash.trim_start_matches('#').to_owned())
        .unwrap_or_default()
}

/// The page's own address without `#` and what follows.
pub fn page() -> String {
    let href = web_sys::window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Goes to `fragment`; the back gesture returns.
pub fn push(fragment: &str) {
    if fragment == current() {
        return;
    }
    PUSHED.set(PUSHED.get() + 1);
    if let Some(window) = web_sys::window() {
        // Setting the fragment fires `hashchange`, which the listener below hears.
        let _ = window.location().set_hash(fragment);
    }
}

/// Goes to `fragment` in place of where we are.
pub fn replace(fragment: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().replace(&format!("#{fragment}"));
    }
}

/// Goes back to where we came from, or to `otherwise` when this page began here.
pub fn back(otherwise: &str) {
    let pushed = PUSHED.get();
    if pushed == 0 {
        return replace(otherwise);
    }
    PUSHED.set(pushed - 1);
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let _ = history.back();
    }
}

/// Calls `changed` with the new fragment until the listener is dropped.
pub fn listen(changed: Callback<String>) -> Option<Listener> {
    let window = web_sys::window()?;
    Some(Listener::new(window, "hashchange", move |_| changed.emit(current())))
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}
