//! The page's second module: the core and all screens but the first, loaded after it.
//!
//! `cargo xtask build` takes them out of the module that starts, by the names of functions; calling
//! one of them before the second module has arrived traps.

use js_sys::{Function, Promise, Reflect};
use std::future::pending;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The function of `www/boot.js` that fetches it, and gives the same promise each time.
const LOAD: &str = "kithSecond";

/// Loads the second module unless it is there. Comes back at once when the build was not split, and
/// never when loading failed, since `www/boot.js` then offers to reload.
pub async fn loaded() {
    let found = Reflect::get(&js_sys::global(), &LOAD.into()).ok();
    let Some(load) = found.and_then(|value| value.dyn_into::<Function>().ok()) else {
        return;
    };
    let promise = match load.call0(&JsValue::UNDEFINED) {
        Ok(promise) => Promise::resolve(&promise),
        Err(_) => return pending().await,
    };
    if JsFuture::from(promise).await.is_err() {
        pending().await
    }
}
