//! Work that goes on after the present call, and timers.

use std::time::Duration;

use futures_channel::oneshot;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Longest wait of one browser timer: longer ones would overflow or be late after sleep.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// Runs `future` on this thread, from the next microtask on.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(future);
}

/// A timer that is cancelled by dropping it.
pub struct Timer {
    id: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `act` once after `wait` (at most [`WAIT_MAX`]).
    pub fn new(wait: Duration, act: impl FnOnce() + 'static) -> Self {
        let closure = Closure::once(act);
        let millis = i32::try_from(wait.min(WAIT_MAX).as_millis()).unwrap_or(i32::MAX);
        let id = web_sys::window()
            .and_then(|window| {
                let act = closure.as_ref().unchecked_ref();
                window
                    .set_timeout_with_callback_and_timeout_and_arguments_0(act, millis)
                    .ok()
            })
            .unwrap_or_default();
        Self {
            id,
            _closure: closure,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}

/// Waits for `duration` (at most [`WAIT_MAX`]).
pub async fn sleep(duration: Duration) {
    let (send, receive) = oneshot::channel();
    let _timer = Timer::new(duration, move || {
        let _ = send.send(());
    });
    let _ = receive.await;
}
