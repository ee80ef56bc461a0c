//! The wide pane with all requests.

use super::refused::Refused;
use super::request::Request;
use crate::engine::use_view;
use crate::features::route::{Pane, Section, address};
use crate::i18n::t;
use crate::platform::{input, route};
use crate::ui::icon::Icon;
use yew::prelude::*;

/// Draws the pane.
#[component]
pub fn Requests() -> Html {
    let requests = use_view(|view| view.requests.clone());
    let title = use_node_ref();
    // What was pressed is gone with its request; the keyboard stays here.
    let ondone = {
        let title = title.clone();
        Callback::from(move |()| input::focus(&title))
    };
    let to_privacy = |_: MouseEvent| route::push(&address(Pane::Settings(Section::Privacy)));
    html! {
        <>
            <header class="bar">
                <button class="icon-button back" type="button" aria-label={t::back()} onclick={|_| route::back("/")}>{ Icon::Back.draw() }</button>
                <h1 class="grow" ref={title} tabindex="-1" id="requests-title">{ t::requests() }</h1>
                <button class="icon-button leave" type="button" aria-label={t::close()} onclick={|_| route::replace("/")}>{ Icon::Close.draw() }</button>
            </header>
            <div class="settings" tabindex="0">
                <div class="panel">
                    <p class="soft">{ if requests.waiting.is_empty() { t::requests_none() } else { t::requests_note() } }</p>
                    if !requests.waiting.is_empty() {
                        <ul class="requests" role="list" aria-labelledby="requests-title">
                            { for requests.waiting.iter().map(|request| html! {
                                <Request key={request.persona.to_text()} request={request.clone()} ondone={ondone.clone()} />
                            }) }
                        </ul>
                    }
                    <Refused {ondone} />
                    <p><button class="text-button" type="button" onclick={to_privacy}>{ t::requests_settings() }</button></p>
                </div>
            </div>
        </>
    }
}
