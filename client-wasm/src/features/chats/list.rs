//! The list of chats, found by name or last words, as one tab stop.

use super::line::ChatLine;
use crate::engine::use_view;
use crate::features::route::Pane;
use crate::features::when::brief;
use crate::i18n::t;
use crate::ui::virtual_list::{Row, VirtualList};
use shared::peer::view::ChatSummary;
use std::rc::Rc;
use yew::prelude::*;

/// Height of a line; `chat_list.css` has the same.
const LINE_PX: f32 = 72.0;

/// What [`ChatList`] is told.
#[derive(Properties, PartialEq)]
pub struct ChatListProps {
    /// What the wide pane shows.
    pub pane: Pane,
    /// What is searched for; empty for all.
    pub query: AttrValue,
}

/// Draws the list.
#[component]
pub fn ChatList(props: &ChatListProps) -> Html {
    let chats = use_view(|view| view.chats.clone());
    let found: Rc<[usize]> = {
        let query = props.query.trim().to_lowercase();
        chats
            .iter()
            .enumerate()
            .filter(|(_, c)| matches(c, &query))
            .map(|(i, _)| i)
            .collect()
    };
    if found.is_empty() && !props.query.trim().is_empty() {
        return html! {
            <div class="chats">
                <ul role="list" aria-label={t::chats()} />
                <p class="chats-none" role="status">{ t::chats_none_found(&props.query) }</p>
            </div>
        };
    }
    let keys: Rc<[[u8; 16]]> = found
        .iter()
        .filter_map(|&i| Some(chats.get(i)?.id.0))
        .collect();
    let open = match props.pane {
        Pane::Chat(id) => Some(id),
        _ => None,
    };
    let row = Callback::from(move |row: Row| {
        let Some(chat) = found.get(row.index).and_then(|&i| chats.get(i)) else {
            return Html::default();
        };
        let when = chat
            .last
            .as_ref()
            .map(|last| AttrValue::from(brief(last.at)));
        html! {
            <ChatLine key={u128::from_be_bytes(chat.id.0)} chat={chat.clone()} {row} {when} open={open == Some(chat.id)} />
        }
    });
    html! { <VirtualList class="chats" label={t::chats()} {keys} guess={LINE_PX} {row} /> }
}

/// Whether the name or the last line holds `query`, which is in lower case.
fn matches(chat: &ChatSummary, query: &str) -> bool {
    query.is_empty()
        || chat.name.to_lowercase().contains(query)
        || chat
            .last
            .as_ref()
            .is_some_and(|last| last.text.to_lowercase().contains(query))
}
