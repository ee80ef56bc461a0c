//! The clipboard.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

/// Copies `text`, then says whether it worked. Browsers refuse it in an insecure context.
pub fn copy(text: &str, done: Callback<bool>) {
    let Some(window) = web_sys::window().filter(|window| window.is_secure_context()) else {
        return done.emit(false);
    };
    let copied = window.navigator().clipboard().write_text(text);
    spawn_local(async move { done.emit(JsFuture::from(copied).await.is_ok()) });
}
