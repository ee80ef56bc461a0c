//! One message, with what stands above it: the day, the line before new messages, the beginning.

use super::group::Standing;
use super::parts::is_emoji;
use super::text::rich;
use super::why::why_words;
use crate::features::chats::state_icon;
use crate::features::when;
use crate::i18n::t;
use crate::ui::avatar::{Size, avatar};
use crate::ui::icon::Icon;
use crate::ui::virtual_list::Row;
use shared::base::id::MessageId;
use shared::peer::view::{MessageState, MessageView, OpenChat};
use std::rc::Rc;
use yew::prelude::*;

/// What a [`Message`] is told. Drawn again only when something of it changed: each message that comes
/// in gives the list to draw anew, and the many that were there already must cost nothing.
#[derive(Properties, PartialEq)]
pub struct MessageProps {
    /// What was said.
    pub message: MessageView,
    /// Who said it, when it was not me.
    pub name: AttrValue,
    /// Its row.
    pub row: Row,
    /// Among its neighbours.
    pub standing: Standing,
    /// The day that it begins.
    pub day: Option<AttrValue>,
    /// What stands above the oldest message.
    pub above: Above,
    /// It is the first that was not read yet.
    pub first_unread: bool,
    /// It is my last one, which bears its state.
    pub my_last: bool,
    /// Tries to send it again.
    pub retry: Callback<MessageId>,
}

/// What stands above a message.
#[derive(Clone, PartialEq)]
pub enum Above {
    /// Another message.
    Message,
    /// Older messages, which are being loaded.
    Loading,
    /// Nothing: it is the oldest of this chat.
    Beginning(Rc<OpenChat>),
}

/// Draws the row of a message.
#[component]
pub fn Message(props: &MessageProps) -> Html {
    let MessageProps {
        message,
        row,
        standing,
        ..
    } = props;
    let clock = when::clock(message.at);
    let who = if message.mine {
        t::you()
    } else {
        props.name.as_str()
    };
    let said = t::chat_said(&message.text, &clock, who);
    let failed = message.mine && message.state == MessageState::Failed;
    html! {
        <div data-row={row.index.to_string()}>
            { above(&props.above) }
            if let Some(day) = &props.day {
                <div class="day"><span>{ day }</span></div>
            }
            if props.first_unread {
                <div class="new-line">{ t::chat_new() }</div>
            }
            <div class={classes!("message", standing.first.then_some("first"), standing.last.then_some("last"))} role="article" aria-label={said}
                tabindex={if row.tab_stop { "0" } else { "-1" }}
                data-from={if message.mine { "me" } else { "them" }} data-state={message.mine.then(|| message.state.as_str())}>
                <div class={classes!("bubble", is_emoji(&message.text).then_some("emoji"))}>
                    { rich(&message.text, row.tab_stop) }
                    if message.unknown_kind {
                        <span class="unknown">{ t::chat_unknown_kind() }</span>
                    }
                    if standing.last {
                        <time>{ clock }</time>
                    }
                </div>
                if failed || props.my_last {
                    { state(message, &props.name, row.tab_stop, &props.retry) }
                }
            </div>
        </div>
    }
}

fn above(above: &Above) -> Html {
    match above {
        Above::Message => Html::default(),
        Above::Loading => html! { <div class="day"><span>{ t::chat_older() }</span></div> },
        Above::Beginning(chat) => beginning(chat),
    }
}

fn state(message: &MessageView, name: &str, reachable: bool, retry: &Callback<MessageId>) -> Html {
    let word = match message.state {
        MessageState::Queued => t::state_queued(),
        MessageState::Sent => t::state_sent(),
        MessageState::Delivered => t::state_delivered(),
        MessageState::Read => t::state_read(),
        MessageState::Failed => t::state_failed(),
    };
    let id = message.id;
    let onclick = retry.reform(move |_: MouseEvent| id);
    let why = message.why.as_ref().and_then(|why| why_words(why, name));
    html! {
        <div class={classes!("state", message.state.as_str())}>
            { state_icon(message.state) }
            <span aria-hidden="true">{ word }</span>
            if message.state == MessageState::Failed {
                <button class="text-button" type="button" tabindex={if reachable { "0" } else { "-1" }} {onclick}>{ t::chat_retry() }</button>
            }
            { for why.map(|why| html! { <span class="why">{ why }</span> }) }
        </div>
    }
}

/// What stands at the beginning of a chat.
pub fn beginning(chat: &OpenChat) -> Html {
    html! {
        <div class="beginning">
            { avatar(&chat.persona.0, &chat.name, Size::Huge) }
            <strong>{ t::chat_beginning(&chat.name) }</strong>
            <span class="locked">{ Icon::Lock.draw() }{ t::chat_encrypted() }</span>
            if chat.public && chat.unheard.is_none() {
                <span>{ if chat.asks_with_words { t::chat_asks_pending(&chat.name) } else { t::chat_asks_wordless(&chat.name) } }</span>
            } else if chat.pending && chat.unheard.is_none() {
                <span>{ t::chat_pending(&chat.name) }</span>
            }
        </div>
    }
}
