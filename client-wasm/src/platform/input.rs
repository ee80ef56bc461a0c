//! Fields that people type in.

use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::{Event, InputEvent, NodeRef, TargetCast};

/// What stands in the field that `event` comes from.
pub fn typed(event: &InputEvent) -> String {
    if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
        return area.value();
    }
    event
        .target_dyn_into::<HtmlInputElement>()
        .map(|field| field.value())
        .unwrap_or_default()
}

/// The value of the radio button or field that `event` comes from.
pub fn chosen(event: &Event) -> String {
    event
        .target_dyn_into::<HtmlInputElement>()
        .map(|field| field.value())
        .unwrap_or_default()
}

/// What stands in `field`.
pub fn value(field: &NodeRef) -> String {
    if let Some(area) = field.cast::<HtmlTextAreaElement>() {
        return area.value();
    }
    field
        .cast::<HtmlInputElement>()
        .map(|field| field.value())
        .unwrap_or_default()
}

/// Puts `text` into `field`.
pub fn set_value(field: &NodeRef, text: &str) {
    if let Some(area) = field.cast::<HtmlTextAreaElement>() {
        area.set_value(text);
    } else if let Some(field) = field.cast::<HtmlInputElement>() {
        field.set_value(text);
    }
}

/// Marks all of the field's text.
pub fn select(field: &NodeRef) {
    if let Some(field) = field.cast::<HtmlInputElement>() {
        field.select();
    }
}

/// Moves the keyboard's focus to the element.
pub fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Makes a text area as tall as its text, where `field-sizing` is not known to the browser. The
/// style sheet bounds it.
pub fn fit_height(area: &NodeRef) {
    if web_sys::css::supports("(field-sizing: content)").unwrap_or(false) {
        return;
    }
    if let Some(area) = area.cast::<HtmlTextAreaElement>() {
        let style = area.style();
        let _ = style.set_property("height", "auto");
        let _ = style.set_property("height", &format!("{}px", area.scroll_height()));
    }
}
