//! The narrow pane: search, the list of chats, and my own connection below it.

mod line;
mod list;
mod own_line;

use crate::engine::use_view;
use crate::features::requests::RequestsLine;
use crate::features::route::{self, Pane, Section, address};
use crate::i18n::t;
use crate::platform::{input, route::push};
use crate::ui::icon::Icon;
pub use line::state_icon;
use list::ChatList;
use own_line::OwnLine;
use yew::prelude::*;

/// So few chats are seen at a glance and need no search.
const SEARCH_FROM: usize = 6;

/// What [`Side`] is told.
#[derive(Properties, PartialEq)]
pub struct SideProps {
    /// What the wide pane shows.
    pub pane: Pane,
}

/// Draws the pane.
#[component]
pub fn Side(props: &SideProps) -> Html {
    let count = use_view(|view| view.chats.len());
    let query = use_state(String::new);
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| query.set(input::typed(&event)))
    };
    let settings = matches!(props.pane, Pane::Settings(_));
    html! {
        <div class="side">
            <header class="bar">
                <h1 class="grow">{ "Kith" }</h1>
                <button class="icon-button" type="button" aria-label={t::chats_add()} title={t::chats_add()} onclick={|_| push(route::ADD)}>{ Icon::PersonPlus.draw() }</button>
                <button class="icon-button" type="button" aria-label={t::chats_settings()} title={t::chats_settings()} aria-current={settings.then_some("page")}
                    onclick={|_| push(&address(Pane::Settings(Section::Profile)))}>{ Icon::Gear.draw() }</button>
            </header>
            if count >= SEARCH_FROM {
                <div class="search" role="search">
                    { Icon::Search.draw() }
                    <input class="input" type="search" aria-label={t::chats_search()} placeholder={t::chats_search()} {oninput} />
                </div>
            }
            <RequestsLine open={props.pane == Pane::Requests} />
            <ChatList pane={props.pane} query={AttrValue::from((*query).clone())} />
            <OwnLine speaks={!matches!(props.pane, Pane::Chat(_))} />
        </div>
    }
}
