//! `<dialog>` shown as a modal: the browser traps focus, closes on Escape and gives focus back.

use web_sys::HtmlDialogElement;
use yew::{MouseEvent, NodeRef, TargetCast};

/// Opens the dialog, unless it is open.
pub fn show(dialog: &NodeRef) {
    if let Some(dialog) = dialog.cast::<HtmlDialogElement>()
        && !dialog.open()
    {
        // Fails only when the element is not in the document; then there is nothing to show.
        let _ = dialog.show_modal();
    }
}

/// Closes the dialog; the browser gives focus back to where it was.
pub fn close(dialog: &NodeRef) {
    if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
        dialog.close();
    }
}

/// Whether a click fell on the backdrop, outside the dialog's box.
pub fn on_backdrop(event: &MouseEvent) -> bool {
    let Some(dialog) = event.target_dyn_into::<HtmlDialogElement>() else {
        return false;
    };
    let rect = dialog.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    x < rect.left() || x > rect.right() || y < rect.top() || y > rect.bottom()
}
