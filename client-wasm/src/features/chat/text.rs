//! A message's text: links can be followed, and a few emoji alone are drawn large.

use yew::{Html, html};

use super::parts::{Part, parts};

/// Draws the text; links take the focus by Tab only when `reachable`.
pub fn rich(text: &str, reachable: bool) -> Html {
    let parts = parts(text).into_iter().map(|part| match part {
        Part::Plain(text) => html! { { text } },
        Part::Link(url) => {
            let url = url.to_owned();
            html! { <a href={url.clone()} target="_blank" rel="noopener noreferrer" tabindex={if reachable { "0" } else { "-1" }}>{ url }</a> }
        }
    });
    html! { <span class="text">{ for parts }</span> }
}
