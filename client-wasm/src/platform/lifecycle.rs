//! What happens to the page as a whole: network, visibility, closing.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::listen::Listener;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// The browser is online (or not), or its network changed.
    Network {
        /// Whether there is a network at all.
        online: bool,
    },
    /// The page came to the front or went to the back.
    Visible(bool),
    /// The page is being closed or frozen.
    Closing,
    /// The page was taken out of the back-forward cache; its connections are dead.
    Thawed,
}

/// Whether the browser believes there is a network.
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Whether the page is at the front.
pub fn is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_none_or(|document| !document.hidden())
}

/// Tells `on` what happens until the listeners are dropped.
pub fn listen(on: impl Fn(Lifecycle) + 'static) -> Vec<Listener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let on = Rc::new(on);
    let hear = |kind, what: fn(&JsValue) -> Option<Lifecycle>| {
        let on = Rc::clone(&on);
        move |target: web_sys::EventTarget| {
            Listener::new(target, kind, move |event| {
                if let Some(what) = what(&event) {
                    on(what);
                }
            })
        }
    };
    let mut listeners = vec![
        hear("online", |_| Some(Lifecycle::Network { online: true }))(window.clone().into()),
        hear("offline", |_| Some(Lifecycle::Network { online: false }))(window.clone().into()),
        hear("pagehide", |_| Some(Lifecycle::Closing))(window.clone().into()),
        hear("pageshow", |event| {
            is_persisted(event).then_some(Lifecycle::Thawed)
        })(window.clone().into()),
    ];
    if let Some(document) = window.document() {
        let visible = |_: &JsValue| Some(Lifecycle::Visible(is_visible()));
        listeners.push(hear("visibilitychange", visible)(document.into()));
    }
    // Not in Firefox and Safari, which report a changed network by `offline` and `online`.
    let connection = Reflect::get(&window.navigator(), &"connection".into());
    if let Some(connection) = connection.ok().filter(JsValue::is_object) {
        let changed = |_: &JsValue| {
            Some(Lifecycle::Network {
                online: is_online(),
            })
        };
        listeners.push(hear("change", changed)(connection.into()));
    }
    listeners
}

fn is_persisted(event: &JsValue) -> bool {
    Reflect::get(event, &"persisted".into()).is_ok_and(|it| it.is_truthy())
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}
