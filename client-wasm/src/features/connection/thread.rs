//! The thread between two people: solid, double dashed, dotted or broken.

use shared::peer::view::Path;
use yew::{Html, classes, html};

/// Draws the thread of `path`, as decoration: the words stand beside it. When it `breathes`, the
/// path has just changed.
pub fn thread(path: Path, breathes: bool) -> Html {
    let lines: &[&str] = match path {
        Path::Direct | Path::Supernode => &["M1 7Q50 17 99 7"],
        Path::Relayed => &["M1 5Q50 13 99 5", "M1 10Q50 18 99 10"],
        Path::Offline => &["M1 7Q26 9 40 17", "M99 7Q74 9 60 17"],
    };
    html! {
        <svg class={classes!("thread", breathes.then_some("breathes"))} data-path={path.as_str()} viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
            { for lines.iter().map(|line| html! { <path d={*line} /> }) }
        </svg>
    }
}
