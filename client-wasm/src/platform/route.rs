//! The part of the address after `#`, and the history that the back gesture walks.

use crate::platform::listen::Listener;
use wasm_bindgen::JsValue;
use web_sys::{Event, History, MouseEvent, Window};
use yew::Callback;

/// Heard when the part after `#` is another one: fired by the browser when the person goes back or
/// forth or edits the address, and here when the app goes somewhere.
const CHANGED: &str = "hashchange";

fn window_and_history() -> Option<(Window, History)> {
    let window = web_sys::window()?;
    let history = window.history().ok()?;
    Some((window, history))
}

/// How many of this page's own entries lie before the present one: "back" must never leave Kith.
fn depth(history: &History) -> f64 {
    history
        .state()
        .ok()
        .and_then(|state| state.as_f64())
        .unwrap_or(0.0)
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
    if let Some((window, history)) = window_and_history() {
        let state = JsValue::from_f64(depth(&history) + 1.0);
        // Browsers refuse only floods of entries; then the place stays as it is.
        let _ = history.push_state_with_url(&state, "", Some(&format!("#{fragment}")));
        tell(&window);
    }
}

/// Goes to `fragment` in place of where we are.
pub fn replace(fragment: &str) {
    if let Some((window, history)) = window_and_history() {
        let state = JsValue::from_f64(depth(&history));
        let _ = history.replace_state_with_url(&state, "", Some(&format!("#{fragment}")));
        tell(&window);
    }
}

/// Goes back to where we came from, or to `otherwise` when this page began here.
pub fn back(otherwise: &str) {
    match window_and_history() {
        Some((_, history)) if depth(&history) > 0.0 => {
            let _ = history.back();
        }
        _ => replace(otherwise),
    }
}

fn tell(window: &Window) {
    if let Ok(event) = Event::new(CHANGED) {
        let _ = window.dispatch_event(&event);
    }
}

/// Calls `changed` with the new fragment until the listener is dropped.
pub fn listen(changed: Callback<String>) -> Option<Listener> {
    let window = web_sys::window()?;
    Some(Listener::new(window, CHANGED, move |_| {
        changed.emit(current())
    }))
}

/// Follows a link inside the page, unless the person asks for it in another tab or window.
pub fn follow(event: &MouseEvent, fragment: &str) {
    if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
        event.prevent_default();
        push(fragment);
    }
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}
