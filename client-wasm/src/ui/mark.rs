//! Kith's mark: two shapes and the thread between them. `index.html` draws the same.

use yew::{Html, html};

/// The mark, as decoration.
pub fn mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 168 64" aria-hidden="true">
            <path class="line" d="M50 36q34 18 68 0" />
            <path class="left" d="M32 8c14-3 25 8 25 23S47 57 31 56 8 46 8 32 18 11 32 8z" />
            <path class="right" d="M134 8c15-1 26 10 26 25s-13 24-27 23-22-11-22-24 9-23 23-24z" />
        </svg>
    }
}
