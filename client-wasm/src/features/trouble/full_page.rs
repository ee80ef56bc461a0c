//! What fills the page when there is nothing to show behind it.

use crate::engine::{Failure, use_engine};
use crate::i18n::t;
use crate::platform::route::reload;
use crate::ui::icon::Icon;
use yew::prelude::*;

/// Another tab is in use.
#[component]
pub fn OtherTab() -> Html {
    let engine = use_engine();
    let take_over = Callback::from(move |_: MouseEvent| engine.take_over());
    page(
        t::other_tab(),
        t::other_tab_text(),
        t::other_tab_use(),
        take_over,
    )
}

/// The browser keeps nothing.
#[component]
pub fn NoStorage() -> Html {
    page(
        t::no_storage(),
        t::no_storage_text(),
        t::reload(),
        Callback::from(|_: MouseEvent| reload()),
    )
}

/// What a page that [`Failed`] is told.
#[derive(Properties, PartialEq)]
pub struct FailedProps {
    /// Why.
    pub failure: Failure,
}

/// The engine cannot go on.
#[component]
pub fn Failed(props: &FailedProps) -> Html {
    let text = match props.failure {
        Failure::Damaged => t::failed_damaged(),
        Failure::Gone => t::failed_gone(),
        Failure::Full => t::failed_full(),
    };
    page(
        t::failed(),
        text,
        t::reload(),
        Callback::from(|_: MouseEvent| reload()),
    )
}

fn page(
    title: &'static str,
    text: &'static str,
    act: &'static str,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <main class="full-page">
            <div>
                <span class="disc">{ Icon::Warning.draw() }</span>
                <h1>{ title }</h1>
                <p>{ text }</p>
                <button class="button primary" type="button" {onclick}>{ act }</button>
            </div>
        </main>
    }
}
