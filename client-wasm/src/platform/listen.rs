//! Event listeners that end when dropped.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

/// Listens until it is dropped.
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `act` on each event `kind` at `target`.
    pub fn new(
        target: impl Into<EventTarget>,
        kind: &'static str,
        act: impl FnMut(Event) + 'static,
    ) -> Self {
        let target = target.into();
        let closure = Closure::<dyn FnMut(Event)>::new(act);
        // Fails only on a detached realm, where no event would come either.
        let _ = target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
        Self {
            target,
            kind,
            closure,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.kind, function);
    }
}
