//! The part of the page that an on-screen keyboard leaves free.

use crate::platform::listen::Listener;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Keeps the custom property `--viewport` on `<html>` at the visible height until the listener is
/// dropped. Browsers that shrink the layout for the keyboard do not need it; Safari does.
pub fn follow() -> Option<Listener> {
    let viewport = web_sys::window()?.visual_viewport()?;
    let watched = viewport.clone();
    Some(Listener::new(viewport, "resize", move |_| {
        let root = web_sys::window()
            .and_then(|window| window.document()?.document_element())
            .and_then(|root| root.dyn_into::<HtmlElement>().ok());
        if let Some(root) = root {
            // A pinch zoom shrinks the visual viewport too, and must not reshape the page.
            let zoomed = (watched.scale() - 1.0).abs() > 0.01;
            let style = root.style();
            let _ = if zoomed {
                style.remove_property("--viewport").map(drop)
            } else {
                style.set_property(
                    "--viewport",
                    &format!("{}px", watched.height().round() as i32),
                )
            };
        }
    }))
}
