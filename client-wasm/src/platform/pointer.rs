//! What the person points with.

/// A mouse or the like, so a keyboard is likely at hand too.
pub fn is_fine() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(pointer: fine)").ok()?)
        .is_some_and(|query| query.matches())
}
