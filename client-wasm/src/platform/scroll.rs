//! Where a scrolling element stands, and how tall its parts are. All lengths in CSS pixels.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::{FocusEvent, NodeRef, TargetCast};

/// How far the element is scrolled and how much of it is seen.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Position {
    /// From the content's top to the top of what is seen.
    pub top: f64,
    /// Height of what is seen.
    pub seen: f64,
    /// Height of the content.
    pub content: f64,
}

/// Reads the position; `None` before the element is drawn.
pub fn position(element: &NodeRef) -> Option<Position> {
    let element = element.cast::<Element>()?;
    Some(Position {
        top: f64::from(element.scroll_top()),
        seen: f64::from(element.client_height()),
        content: f64::from(element.scroll_height()),
    })
}

/// Scrolls to `top`, at once.
pub fn set_top(element: &NodeRef, top: f64) {
    if let Some(element) = element.cast::<Element>() {
        element.set_scroll_top(top.round() as i32);
    }
}

/// Sets an element's height through the CSSOM, which the content security policy allows.
pub fn set_height(element: &NodeRef, height: f64) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // A number in px is always valid.
        let _ = element
            .style()
            .set_property("height", &format!("{}px", height.round() as i64));
    }
}

/// The heights of the children that carry `data-row`, with that number.
pub fn row_heights(element: &NodeRef) -> Vec<(usize, f64)> {
    let mut rows = Vec::new();
    let Some(element) = element.cast::<Element>() else {
        return rows;
    };
    let mut child = element.first_element_child();
    while let Some(row) = child {
        if let Some(index) = row
            .get_attribute("data-row")
            .and_then(|text| text.parse().ok())
        {
            rows.push((index, row.get_bounding_client_rect().height()));
        }
        child = row.next_element_sibling();
    }
    rows
}

/// Moves focus to the control (or the row itself, if it takes focus) of the child with
/// `data-row=index`; whether there was one.
pub fn focus_row(element: &NodeRef, index: usize) -> bool {
    let Some(element) = element.cast::<Element>() else {
        return false;
    };
    let selector = format!("[data-row='{index}'] [tabindex], [data-row='{index}'][tabindex]");
    let Ok(Some(row)) = element.query_selector(&selector) else {
        return false;
    };
    row.dyn_into::<HtmlElement>()
        .is_ok_and(|row| row.focus().is_ok())
}

/// The number of the row in which an event happened.
pub fn row_of(event: &FocusEvent) -> Option<usize> {
    let row = event
        .target_dyn_into::<Element>()?
        .closest("[data-row]")
        .ok()??;
    row.get_attribute("data-row")?.parse().ok()
}
