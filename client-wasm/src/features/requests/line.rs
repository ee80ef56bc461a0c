//! The way to the requests, above the chats, while there are any.

use crate::engine::use_view;
use crate::features::route::{Pane, address};
use crate::i18n::t;
use crate::platform::route;
use crate::ui::icon::Icon;
use yew::prelude::*;

/// What [`RequestsLine`] is told.
#[derive(Properties, PartialEq)]
pub struct RequestsLineProps {
    /// It is what the wide pane shows.
    pub open: bool,
}

/// Draws the line.
#[component]
pub fn RequestsLine(props: &RequestsLineProps) -> Html {
    let count = use_view(|view| view.requests.waiting.len());
    if count == 0 {
        return Html::default();
    }
    let to = address(Pane::Requests);
    let href = format!("#{to}");
    let onclick = Callback::from(move |event: MouseEvent| route::follow(&event, &to));
    html! {
        <a class="requests-line" {href} {onclick} aria-current={props.open.then_some("page")}>
            { Icon::PersonPlus.draw() }
            <span class="grow">{ t::requests() }</span>
            <span class="badge" aria-hidden="true">{ count }</span>
            <span class="unseen">{ t::requests_waiting(count as u64) }</span>
        </a>
    }
}
