//! The page itself: its folder, its title, and marks for measuring.

/// Host-wide name of this copy of the app: the folder the page is in.
pub fn folder() -> String {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok());
    let path = path.unwrap_or_default();
    path.rsplit_once('/')
        .map_or_else(|| "/".to_owned(), |(folder, _)| format!("{folder}/"))
}

/// The element the app is drawn in.
pub fn app_root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.get_element_by_id("app")
}

/// Shows the number of unread messages in the tab's title.
pub fn show_unread(unread: u32) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let title = if unread == 0 {
        "Kith".to_owned()
    } else {
        format!("({unread}) Kith")
    };
    if document.title() != title {
        document.set_title(&title);
    }
}

/// Notes the present moment in the browser's performance timeline.
pub fn mark(name: &str) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        let _ = performance.mark(name);
    }
}
