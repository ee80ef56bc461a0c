//! The frame that `index.html` painted before the app arrived.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlInputElement};

/// What the person did in the frame.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shell {
    /// What was typed as a name.
    pub name: String,
    /// The field had focus.
    pub focused: bool,
    /// "Start chatting" was pressed.
    pub submitted: bool,
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn root() -> Option<Element> {
    document()?.document_element()
}

/// Reads the frame. Call it before the app is drawn over it.
pub fn read() -> Shell {
    let field = document()
        .and_then(|document| document.get_element_by_id("name"))
        .and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    let Some(field) = field else {
        return Shell::default();
    };
    let active = document().and_then(|document| document.active_element());
    Shell {
        name: field.value(),
        focused: active.is_some_and(|element| element == **field),
        submitted: root().is_some_and(|root| root.has_attribute("data-submitted")),
    }
}

/// Forgets which frame was painted, so that its styles no longer apply.
pub fn leave() {
    if let Some(root) = root() {
        let _ = root.remove_attribute("data-shell");
        let _ = root.remove_attribute("data-submitted");
    }
}

/// Keeps whether this browser has somebody here, so that the next visit paints the right frame.
pub fn set_known(known: bool) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok()?);
    if let Some(kept) = storage {
        let _ = if known {
            kept.set_item("kith.known", "1")
        } else {
            kept.remove_item("kith.known")
        };
    }
}
