//! What a person chose for the look of this page: kept in `localStorage`, so that `boot.js` can
//! apply it before the first paint, and written to attributes of `<html>`.

use web_sys::{Element, Storage};

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn root() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

/// A choice that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// `light` or `dark`; else as the device is set.
    Theme,
    /// `small`, `large` or `largest`; else normal.
    Text,
    /// A language tag; else the browser's.
    Language,
}

impl Choice {
    const fn key(self) -> &'static str {
        match self {
            Self::Theme => "kith.theme",
            Self::Text => "kith.text",
            Self::Language => "kith.language",
        }
    }

    const fn attribute(self) -> &'static str {
        match self {
            Self::Theme => "data-theme",
            Self::Text => "data-text",
            Self::Language => "lang",
        }
    }
}

/// What was chosen; empty for the default.
pub fn chosen(choice: Choice) -> String {
    storage()
        .and_then(|kept| kept.get_item(choice.key()).ok()?)
        .unwrap_or_default()
}

/// Keeps and applies `value`; empty goes back to the default. Where storage is forbidden it holds
/// until the page is closed.
pub fn choose(choice: Choice, value: &str) {
    if let Some(kept) = storage() {
        let _ = if value.is_empty() {
            kept.remove_item(choice.key())
        } else {
            kept.set_item(choice.key(), value)
        };
    }
    if let Some(root) = root() {
        let _ = if value.is_empty() {
            root.remove_attribute(choice.attribute())
        } else {
            root.set_attribute(choice.attribute(), value)
        };
    }
}

/// The language tag that `boot.js` settled on.
pub fn language_tag() -> String {
    root()
        .and_then(|root| root.get_attribute("lang"))
        .unwrap_or_default()
}

/// Says the drawn language to assistive technology.
pub fn set_language_tag(tag: &str) {
    if let Some(root) = root() {
        let _ = root.set_attribute("lang", tag);
    }
}
