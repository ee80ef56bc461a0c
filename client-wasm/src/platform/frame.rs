//! Calls back just before the browser lays out and paints the next frame.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::Callback;

/// A call that is due; dropping it calls it off.
pub struct NextFrame {
    id: i32,
    _closure: Closure<dyn FnMut()>,
}

impl NextFrame {
    /// Calls `act` before the next frame is painted; a page that is not seen has none until it is.
    pub fn call(act: Callback<()>) -> Option<Self> {
        let closure = Closure::<dyn FnMut()>::new(move || act.emit(()));
        let window = web_sys::window()?;
        let id = window
            .request_animation_frame(closure.as_ref().unchecked_ref())
            .ok()?;
        Some(Self {
            id,
            _closure: closure,
        })
    }
}

impl Drop for NextFrame {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let _ = window.cancel_animation_frame(self.id);
        }
    }
}
