//! One line of the list of chats.

use crate::features::route::{Pane, address};
use crate::i18n::t;
use crate::platform::route;
use crate::ui::avatar::{Size, avatar};
use crate::ui::icon::Icon;
use crate::ui::virtual_list::Row;
use shared::peer::view::{ChatSummary, MessageState};
use yew::prelude::*;

/// Unread messages are counted up to here.
const UNREAD_SHOWN_MAX: u32 = 999;

/// What a [`ChatLine`] is told. Drawn again only when something of it changed.
#[derive(Properties, PartialEq)]
pub struct ChatLineProps {
    /// The chat.
    pub chat: ChatSummary,
    /// Its row.
    pub row: Row,
    /// When the last message was written, as people say it today.
    pub when: Option<AttrValue>,
    /// It is the one in the wide pane.
    pub open: bool,
}

/// Draws a chat in the list.
#[component]
pub fn ChatLine(props: &ChatLineProps) -> Html {
    let ChatLineProps {
        chat, row, open, ..
    } = props;
    let unread = chat.unread > 0;
    let to = address(Pane::Chat(chat.id));
    let href = format!("#{to}");
    let onclick = Callback::from(move |event: MouseEvent| route::follow(&event, &to));
    let words = match &chat.last {
        _ if chat.blocked => t::chats_blocked().to_owned(),
        _ if chat.unheard => t::chats_unheard(&chat.name),
        _ if chat.public && chat.last.is_none() => t::chats_asked().to_owned(),
        _ if chat.pending && chat.last.is_none() => t::chats_pending().to_owned(),
        None => t::chats_no_messages().to_owned(),
        Some(last) if last.mine.is_some() => t::chats_mine(&last.text),
        Some(last) => last.text.clone(),
    };
    html! {
        <li role="listitem" data-row={row.index.to_string()} aria-label={chat.name.clone()}>
            <a class={classes!("chat-line", unread.then_some("unread"))} {href} {onclick}
                tabindex={if row.tab_stop { "0" } else { "-1" }} aria-current={open.then_some("page")}>
                { avatar(&chat.persona.0, &chat.name, Size::Large) }
                <span class="name">
                    <span>{ &chat.name }</span>
                    if chat.muted {
                        <span class="unseen">{ t::chats_muted() }</span>{ Icon::Bell.draw() }
                    }
                </span>
                <time>{ props.when.clone() }</time>
                <span class="last">{ words }</span>
                <span class="end">
                    if let Some(state) = chat.last.as_ref().and_then(|last| last.mine).filter(|_| !chat.blocked) {
                        { state_icon(state) }
                    }
                    if chat.pinned && !unread {
                        <span class="unseen">{ t::chats_pinned() }</span>{ Icon::Pin.draw() }
                    }
                    if unread {
                        <span class={classes!("badge", chat.muted.then_some("muted"))} aria-hidden="true">{ chat.unread.min(UNREAD_SHOWN_MAX) }</span>
                        <span class="unseen">{ t::chats_unread(u64::from(chat.unread)) }</span>
                    }
                </span>
            </a>
        </li>
    }
}

/// The state of my message as a small picture, with its word for those who do not see it.
pub fn state_icon(state: MessageState) -> Html {
    let (icon, word) = match state {
        MessageState::Queued => (Icon::Clock, t::state_queued()),
        MessageState::Sent => (Icon::Check, t::state_sent()),
        MessageState::Delivered | MessageState::Read => (
            Icon::Checks,
            if state == MessageState::Read {
                t::state_read()
            } else {
                t::state_delivered()
            },
        ),
        MessageState::Failed => (Icon::Warning, t::state_failed()),
    };
    html! { <span class={state.as_str()} title={word}><span class="unseen">{ word }</span>{ icon.draw() }</span> }
}
