//! Which elements can have a role, so that only those are asked.

/// What a person can act on or find their way by.
pub(super) const EVERY: &str = "button, a[href], input, textarea, select, ul, ol, li, dialog, img, svg:not([aria-hidden=true]), h1, h2, [role]";

/// A selector that matches every element that may have `role`.
pub(super) fn selector(role: &str) -> Option<&'static str> {
    Some(match role {
        "alert" => "[role=alert]",
        "alertdialog" => "[role=alertdialog]",
        "button" => "button, summary, [role=button], input[type=button], input[type=submit]",
        "checkbox" => "input[type=checkbox], [role=checkbox]",
        "combobox" => "select, input[list], [role=combobox]",
        "dialog" => "dialog, [role=dialog]",
        "group" => "[role=group], fieldset",
        "heading" => "h1, h2, h3, h4, h5, h6, [role=heading]",
        "image" => "img, svg, canvas, [role=img], [role=image]",
        "link" => "a[href], [role=link]",
        "list" => "ul, ol, menu, [role=list]",
        "listitem" => "li, [role=listitem]",
        "log" => "[role=log]",
        "radio" => "input[type=radio], [role=radio]",
        "radiogroup" => "fieldset, [role=radiogroup]",
        "status" => "output, [role=status]",
        "switch" => "[role=switch]",
        "tab" => "[role=tab]",
        "textbox" => "input, textarea, [contenteditable], [role=textbox]",
        _ => return None,
    })
}

/// Whether a browser's computed role is the wanted one. ARIA 1.3 renamed `img` to `image`, and
/// browsers differ.
pub(super) fn same(computed: &str, wanted: &str) -> bool {
    let canonical = |role: &str| {
        if role == "img" {
            "image".to_owned()
        } else {
            role.to_owned()
        }
    };
    canonical(computed) == canonical(wanted)
}
