//! Whether the person can see this page now.

use crate::platform::listen::Listener;
use yew::Callback;

/// The page is visible and its window has the focus.
pub fn present() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| !document.hidden() && document.has_focus().unwrap_or(true))
}

/// Calls `changed` whenever [`present`] may have changed, until the listeners are dropped.
pub fn listen(changed: &Callback<()>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let mut listeners = Vec::new();
    for kind in ["focus", "blur"] {
        let changed = changed.clone();
        listeners.push(Listener::new(window.clone(), kind, move |_| {
            changed.emit(())
        }));
    }
    if let Some(document) = window.document() {
        let changed = changed.clone();
        listeners.push(Listener::new(document, "visibilitychange", move |_| {
            changed.emit(())
        }));
    }
    listeners
}
